// filter, filters, missing: buckets by queries. Doc pages "Filter aggregation", "Filters
// aggregation", "Missing aggregation".
#include <algorithm>

#include "query/agg/any_values.h"
#include "query/agg/kinds.h"

namespace stratalog::query {

namespace {

using index::RowId;

struct NamedBucket {
  uint64_t count = 0;
  ChildResults children;
};

struct FixedBucketsResult final : AggResult {
  std::vector<NamedBucket> buckets;
  void merge(AggResult& other_result) override {
    auto& other = static_cast<FixedBucketsResult&>(other_result);
    for (size_t i = 0; i < buckets.size(); ++i) {
      buckets[i].count += other.buckets[i].count;
      merge_children(buckets[i].children, other.buckets[i].children);
    }
  }
};

// A fixed number of buckets an owner: bucket = owner * width + which.
class FixedBuckets : public BucketAggregator {
 public:
  FixedBuckets(std::vector<std::unique_ptr<Aggregator>> children, uint32_t width)
      : BucketAggregator(std::move(children)), width_(width) {}
  AggResultPtr result(uint32_t owner) override {
    auto out = std::make_unique<FixedBucketsResult>();
    for (uint32_t which = 0; which < width_; ++which) {
      const uint32_t bucket = owner * width_ + which;
      out->buckets.push_back(
          {bucket < counts_.size() ? counts_[bucket] : 0, child_results(bucket)});
    }
    return out;
  }

 protected:
  void add(uint32_t owner, uint32_t which, RowId row) {
    const uint32_t bucket = owner * width_ + which;
    if (bucket >= counts_.size()) counts_.resize(bucket + 1);
    ++counts_[bucket];
    if (!has_children()) return;
    rows_.push_back(row);
    buckets_.push_back(bucket);
  }
  void flush(const SegmentContext& segment) {
    collect_children(segment, rows_, buckets_);
    rows_.clear();
    buckets_.clear();
  }

 private:
  uint32_t width_;
  std::vector<uint64_t> counts_;
  std::vector<RowId> rows_;
  std::vector<uint32_t> buckets_;
};

class FiltersAggregator final : public FixedBuckets {
 public:
  FiltersAggregator(std::vector<std::unique_ptr<Aggregator>> children, std::vector<PlanPtr> plans,
                    bool other)
      : FixedBuckets(std::move(children), static_cast<uint32_t>(plans.size()) + (other ? 1 : 0)),
        plans_(std::move(plans)),
        other_(other) {}
  void begin_segment(const SegmentContext& segment) override {
    BucketAggregator::begin_segment(segment);
    filters_.clear();
    for (const PlanPtr& plan : plans_)
      filters_.push_back(std::make_unique<RowFilter>(*plan, segment));
  }
  void collect(const SegmentContext& segment, const OwnedRows& rows) override {
    matched_.assign(rows.rows.size(), 0);
    for (uint32_t which = 0; which < filters_.size(); ++which) {
      positions_.clear();
      filters_[which]->select(rows.rows, positions_);
      for (const uint32_t at : positions_) {
        matched_[at] = 1;
        add(rows.owner(at), which, rows.rows[at]);
      }
      flush(segment);
    }
    if (!other_) return;
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      if (matched_[i] == 0)
        add(rows.owner(i), static_cast<uint32_t>(filters_.size()), rows.rows[i]);
    }
    flush(segment);
  }
  void end_segment(const SegmentContext& segment) override {
    filters_.clear();
    BucketAggregator::end_segment(segment);
  }

 private:
  std::vector<PlanPtr> plans_;
  bool other_;
  std::vector<std::unique_ptr<RowFilter>> filters_;
  std::vector<uint32_t> positions_;
  std::vector<uint8_t> matched_;
};

Status finish_fixed(const AggSpec& spec, AggResult& result, FinishContext& context) {
  auto& fixed = static_cast<FixedBucketsResult&>(result);
  RETURN_IF_ERROR(context.add_buckets(fixed.buckets.size()));
  for (NamedBucket& bucket : fixed.buckets)
    RETURN_IF_ERROR(finish_children(spec, bucket.children, context));
  return {};
}
AggResultPtr empty_fixed(const AggSpec& spec, size_t width) {
  auto out = std::make_unique<FixedBucketsResult>();
  for (size_t i = 0; i < width; ++i) out->buckets.push_back({0, empty_children(spec)});
  return out;
}
void render_bucket(const AggSpec& spec, const NamedBucket& bucket, json::Writer& out,
                   const RenderOptions& options) {
  out.field("doc_count", bucket.count);
  render_children(spec, bucket.children, out, options);
}

class FiltersSpec final : public AggSpec {
 public:
  Result<std::unique_ptr<Aggregator>> start(const IndexContext& index) const override {
    std::vector<PlanPtr> plans;
    for (const ClausePtr& clause : clauses) {
      ASSIGN_OR_RETURN(PlanPtr plan, make_filter_plan(*clause, index));
      plans.push_back(std::move(plan));
    }
    ASSIGN_OR_RETURN(auto sub, BucketAggregator::start_children(*this, index));
    return std::unique_ptr<Aggregator>(
        std::make_unique<FiltersAggregator>(std::move(sub), std::move(plans), other));
  }
  AggResultPtr empty() const override {
    return empty_fixed(*this, clauses.size() + (other ? 1 : 0));
  }
  Status finish(AggResult& result, FinishContext& context) const override {
    return finish_fixed(*this, result, context);
  }
  std::string_view type_name(const AggResult&) const override { return type; }
  bool takes_children() const override { return true; }
  void render(const AggResult& result, json::Writer& out,
              const RenderOptions& options) const override {
    const auto& fixed = static_cast<const FixedBucketsResult&>(result);
    if (single) return render_bucket(*this, fixed.buckets[0], out, options);
    out.key("buckets");
    keyed ? out.begin_object() : out.begin_array();
    for (size_t i = 0; i < fixed.buckets.size(); ++i) {
      if (keyed) out.key(i < names.size() ? names[i] : other_key);
      out.begin_object();
      render_bucket(*this, fixed.buckets[i], out, options);
      out.end_object();
    }
    keyed ? out.end_object() : out.end_array();
  }
  Result<double> metric(const AggResult& result, std::string_view property) const override {
    const auto& fixed = static_cast<const FixedBucketsResult&>(result);
    if (!single || !(property.empty() || property == "_count"))
      return AggSpec::metric(result, property);
    return static_cast<double>(fixed.buckets[0].count);
  }

  std::optional<SingleBucket> single_bucket(const AggResult& result) const override {
    if (!single) return std::nullopt;
    const NamedBucket& bucket = static_cast<const FixedBucketsResult&>(result).buckets[0];
    return SingleBucket{&bucket.children, bucket.count};
  }
  std::optional<std::vector<BucketView>> buckets(AggResult& result) const override {
    if (single) return std::nullopt;
    auto& fixed = static_cast<FixedBucketsResult&>(result);
    std::vector<BucketView> out;
    for (size_t i = 0; i < fixed.buckets.size(); ++i) {
      out.push_back({static_cast<int64_t>(i), &fixed.buckets[i].children, fixed.buckets[i].count, 0,
                     i < names.size() ? names[i] : other_key});
    }
    return out;
  }

  bool single = false;  // filter: one bucket, which is the aggregation itself
  bool keyed = false;
  bool other = false;
  std::string other_key = "_other_";
  std::vector<std::string> names;
  std::vector<ClausePtr> clauses;
};

class MissingAggregator final : public FixedBuckets {
 public:
  MissingAggregator(std::vector<std::unique_ptr<Aggregator>> children, AnyValues values)
      : FixedBuckets(std::move(children), 1), values_(std::move(values)) {}
  void begin_segment(const SegmentContext& segment) override {
    BucketAggregator::begin_segment(segment);
    values_.begin_segment(segment);
    present_ = Bitmap(segment.row_count());
    if (values_.missing()) {
      set_bit_range(present_.words().data(), 0, segment.row_count());
    } else if (values_.numeric() != nullptr) {
      values_.numeric()->fill_present(0, segment.row_count(), present_.words().data());
    } else if (values_.ordinals() != nullptr) {
      values_.ordinals()->fill_present(0, segment.row_count(), present_.words().data());
    }
  }
  void collect(const SegmentContext& segment, const OwnedRows& rows) override {
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      if (!present_.get(rows.rows[i])) add(rows.owner(i), 0, rows.rows[i]);
    }
    flush(segment);
  }

 private:
  AnyValues values_;
  Bitmap present_;
};

class MissingSpec final : public AggSpec {
 public:
  Result<std::unique_ptr<Aggregator>> start(const IndexContext& index) const override {
    ASSIGN_OR_RETURN(AnyValues values, AnyValues::make(index, options, type));
    ASSIGN_OR_RETURN(auto sub, BucketAggregator::start_children(*this, index));
    return std::unique_ptr<Aggregator>(
        std::make_unique<MissingAggregator>(std::move(sub), std::move(values)));
  }
  AggResultPtr empty() const override { return empty_fixed(*this, 1); }
  Status finish(AggResult& result, FinishContext& context) const override {
    return finish_fixed(*this, result, context);
  }
  std::string_view type_name(const AggResult&) const override { return type; }
  bool takes_children() const override { return true; }
  void render(const AggResult& result, json::Writer& out,
              const RenderOptions& render_options) const override {
    render_bucket(*this, static_cast<const FixedBucketsResult&>(result).buckets[0], out,
                  render_options);
  }
  Result<double> metric(const AggResult& result, std::string_view property) const override {
    if (!(property.empty() || property == "_count")) return AggSpec::metric(result, property);
    return static_cast<double>(static_cast<const FixedBucketsResult&>(result).buckets[0].count);
  }
  std::optional<SingleBucket> single_bucket(const AggResult& result) const override {
    const NamedBucket& bucket = static_cast<const FixedBucketsResult&>(result).buckets[0];
    return SingleBucket{&bucket.children, bucket.count};
  }
  ValueOptions options;
};

}  // namespace

Result<AggSpecPtr> parse_filter(const Node& options, const AggParse& parse) {
  auto spec = std::make_unique<FiltersSpec>();
  spec->single = true;
  ASSIGN_OR_RETURN(ClausePtr clause, parse_query(options, parse.context));
  spec->clauses.push_back(std::move(clause));
  return AggSpecPtr(std::move(spec));
}

Result<AggSpecPtr> parse_filters(const Node& options, const AggParse& parse) {
  auto spec = std::make_unique<FiltersSpec>();
  std::optional<std::string> other_key;
  std::vector<Option> known{set_bool("other_bucket", spec->other),
                            set_text("other_bucket_key", other_key)};
  known.push_back({"filters", Takes::kObjectOrArray, [&](const Node& value) -> Status {
                     spec->keyed = value.is_object();
                     const auto add = [&](const Node& query) -> Status {
                       ASSIGN_OR_RETURN(ClausePtr clause, parse_query(query, parse.context));
                       spec->clauses.push_back(std::move(clause));
                       return {};
                     };
                     for (const Node& element : value.elements()) RETURN_IF_ERROR(add(element));
                     for (const NodeMember& member : value.members()) {
                       spec->names.push_back(member.key);
                       RETURN_IF_ERROR(add(member.value));
                     }
                     return {};
                   }});
  RETURN_IF_ERROR(read_options(options, parse.type, known));
  if (spec->clauses.empty()) {
    return Error(error_types::kIllegalArgument, "[filters] cannot be empty.");
  }
  if (other_key) {
    spec->other = true;
    spec->other_key = *other_key;
  }
  if (spec->keyed) {  // named buckets come in the order of their names
    std::vector<size_t> at(spec->names.size());
    for (size_t i = 0; i < at.size(); ++i) at[i] = i;
    std::sort(at.begin(), at.end(),
              [&](size_t a, size_t b) { return spec->names[a] < spec->names[b]; });
    std::vector<std::string> names;
    std::vector<ClausePtr> clauses;
    for (const size_t i : at) {
      names.push_back(spec->names[i]);
      clauses.push_back(spec->clauses[i]);
    }
    spec->names = std::move(names);
    spec->clauses = std::move(clauses);
  }
  return AggSpecPtr(std::move(spec));
}

Result<AggSpecPtr> parse_missing(const Node& options, const AggParse& parse) {
  auto spec = std::make_unique<MissingSpec>();
  std::vector<Option> known;
  spec->options.add_to(known);
  RETURN_IF_ERROR(read_options(options, parse.type, known));
  RETURN_IF_ERROR(spec->options.require_field());
  return AggSpecPtr(std::move(spec));
}

}  // namespace stratalog::query
