// range and date_range: buckets of given bounds, from inclusive, to exclusive. Doc pages "Range
// aggregation", "Date range aggregation".
#include <algorithm>
#include <cmath>
#include <limits>

#include "index/date/date_math.h"
#include "query/agg/kinds.h"
#include "query/agg/values.h"

namespace stratalog::query {

namespace {

using index::RowId;

struct RangeBucket {
  double from = -std::numeric_limits<double>::infinity();
  double to = std::numeric_limits<double>::infinity();
  std::optional<std::string> key;
  uint64_t count = 0;
  ChildResults children;
};

struct RangeResult final : AggResult {
  std::vector<RangeBucket> buckets;
  std::optional<ValueFormat> format;
  void merge(AggResult& other_result) override {
    auto& other = static_cast<RangeResult&>(other_result);
    for (size_t i = 0; i < std::min(buckets.size(), other.buckets.size()); ++i) {
      buckets[i].count += other.buckets[i].count;
      merge_children(buckets[i].children, other.buckets[i].children);
    }
    if (buckets.empty()) buckets = std::move(other.buckets);
    if (!format || format->raw()) format = std::move(other.format);
  }
};

struct RangeOption {
  std::optional<Node> from;
  std::optional<Node> to;
  std::optional<std::string> key;
};

class RangeAggregator final : public BucketAggregator {
 public:
  RangeAggregator(std::vector<std::unique_ptr<Aggregator>> children, NumericValues values,
                  ValueFormat format, std::vector<RangeBucket> ranges)
      : BucketAggregator(std::move(children)),
        values_(std::move(values)),
        format_(std::move(format)),
        ranges_(std::move(ranges)) {}
  void begin_segment(const SegmentContext& segment) override {
    BucketAggregator::begin_segment(segment);
    values_.begin_segment(segment);
  }
  void collect(const SegmentContext& segment, const OwnedRows& rows) override {
    const index::NumericBatch& batch = values_.gather(rows.rows);
    rows_.clear();
    buckets_.clear();
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      for (size_t r = 0; r < ranges_.size(); ++r) {
        bool in = false;
        for (uint32_t v = batch.begin(i); v < batch.end(i) && !in; ++v) {
          const double value = values_.to_double(batch.values[v]);
          in = value >= ranges_[r].from && value < ranges_[r].to;
        }
        if (!in) continue;
        const uint32_t bucket =
            rows.owner(i) * static_cast<uint32_t>(ranges_.size()) + static_cast<uint32_t>(r);
        if (bucket >= counts_.size()) counts_.resize(bucket + 1);
        ++counts_[bucket];
        rows_.push_back(rows.rows[i]);
        buckets_.push_back(bucket);
      }
    }
    collect_children(segment, rows_, buckets_);
  }
  AggResultPtr result(uint32_t owner) override {
    auto out = std::make_unique<RangeResult>();
    out->format = format_;
    for (size_t r = 0; r < ranges_.size(); ++r) {
      const uint32_t bucket =
          owner * static_cast<uint32_t>(ranges_.size()) + static_cast<uint32_t>(r);
      RangeBucket made{ranges_[r].from, ranges_[r].to, ranges_[r].key, 0, child_results(bucket)};
      if (bucket < counts_.size()) made.count = counts_[bucket];
      out->buckets.push_back(std::move(made));
    }
    return out;
  }

 private:
  NumericValues values_;
  ValueFormat format_;
  std::vector<RangeBucket> ranges_;
  std::vector<uint64_t> counts_;
  std::vector<RowId> rows_;
  std::vector<uint32_t> buckets_;
};

class RangeSpec final : public AggSpec {
 public:
  Result<std::unique_ptr<Aggregator>> start(const IndexContext& index) const override {
    if (ranges.empty()) {
      return Error(error_types::kIllegalArgument,
                   "No [ranges] specified for the [" + name + "] aggregation");
    }
    ASSIGN_OR_RETURN(NumericValues values, NumericValues::make(index, options, type));
    ASSIGN_OR_RETURN(ValueFormat format,
                     ValueFormat::make(values.field(), options.format, options.time_zone));
    ASSIGN_OR_RETURN(auto resolved, resolve(values.field(), index.request.now_ms));
    ASSIGN_OR_RETURN(auto sub, BucketAggregator::start_children(*this, index));
    return std::unique_ptr<Aggregator>(std::make_unique<RangeAggregator>(
        std::move(sub), std::move(values), std::move(format), std::move(resolved)));
  }
  AggResultPtr empty() const override {
    auto out = std::make_unique<RangeResult>();
    if (auto resolved = resolve(nullptr, 0)) {
      out->buckets = std::move(*resolved);
      for (RangeBucket& bucket : out->buckets) bucket.children = empty_children(*this);
    }
    return out;
  }
  std::string_view type_name(const AggResult&) const override { return type; }
  bool takes_children() const override { return true; }
  Status finish(AggResult& result, FinishContext& context) const override {
    auto& range = static_cast<RangeResult&>(result);
    RETURN_IF_ERROR(context.add_buckets(range.buckets.size()));
    for (RangeBucket& bucket : range.buckets)
      RETURN_IF_ERROR(finish_children(*this, bucket.children, context));
    return {};
  }
  void render(const AggResult& result, json::Writer& out,
              const RenderOptions& render_options) const override {
    const auto& range = static_cast<const RangeResult&>(result);
    const auto print = [&](double bound) {
      if (range.format) return range.format->print(bound);
      std::string text;
      json::append_double(text, bound);
      return text;
    };
    const bool formatted = range.format && !range.format->raw();
    out.key("buckets");
    keyed ? out.begin_object() : out.begin_array();
    for (const RangeBucket& bucket : range.buckets) {
      const bool has_from = std::isfinite(bucket.from), has_to = std::isfinite(bucket.to);
      const std::string key = bucket.key ? *bucket.key
                                         : (has_from ? print(bucket.from) : "*") + "-" +
                                               (has_to ? print(bucket.to) : "*");
      if (keyed) out.key(key);
      out.begin_object();
      if (!keyed) out.field("key", key);
      if (has_from) {
        out.field("from", bucket.from);
        if (formatted) out.field("from_as_string", print(bucket.from));
      }
      if (has_to) {
        out.field("to", bucket.to);
        if (formatted) out.field("to_as_string", print(bucket.to));
      }
      out.field("doc_count", bucket.count);
      render_children(*this, bucket.children, out, render_options);
      out.end_object();
    }
    keyed ? out.end_object() : out.end_array();
  }

  ValueOptions options;
  bool dates = false;
  bool keyed = false;
  std::vector<RangeOption> ranges;

 private:
  Result<std::vector<RangeBucket>> resolve(const index::MappedField* field, int64_t now_ms) const {
    std::shared_ptr<const index::DateFormat> format;
    if (field != nullptr && field->date()) format = field->date_format;
    if (format == nullptr) format = index::DateFormat::default_format();
    if (dates && options.format) {
      ASSIGN_OR_RETURN(format, index::DateFormat::compile(*options.format));
    }
    index::DateMathOptions math;
    math.now_ms = now_ms;
    if (options.time_zone) {
      ASSIGN_OR_RETURN(math.zone, index::TimeZone::make(*options.time_zone));
    }
    const auto read = [&](const std::optional<Node>& node, double fallback) -> Result<double> {
      if (!node) return fallback;
      if (dates && node->is_string()) {
        ASSIGN_OR_RETURN(const index::Instant instant,
                         index::parse_date_math(node->to_text(), *format, math));
        return static_cast<double>(instant.millis());
      }
      const auto number = node->to_double();
      if (!number)
        return Error(error_types::kNumberFormat, "For input string: \"" + node->to_text() + "\"");
      return *number;
    };
    std::vector<RangeBucket> resolved;
    for (const RangeOption& range : ranges) {
      RangeBucket bucket;
      ASSIGN_OR_RETURN(bucket.from, read(range.from, bucket.from));
      ASSIGN_OR_RETURN(bucket.to, read(range.to, bucket.to));
      bucket.key = range.key;
      resolved.push_back(std::move(bucket));
    }
    std::stable_sort(resolved.begin(), resolved.end(),
                     [](const RangeBucket& a, const RangeBucket& b) {
                       return a.from != b.from ? a.from < b.from : a.to < b.to;
                     });
    return resolved;
  }
};

}  // namespace

Result<AggSpecPtr> parse_range(const Node& options, const AggParse& parse) {
  auto spec = std::make_unique<RangeSpec>();
  spec->dates = parse.type == "date_range";
  std::vector<Option> known;
  spec->options.add_to(known);
  known.push_back(set_bool("keyed", spec->keyed));
  if (spec->dates) known.push_back(set_text("time_zone", spec->options.time_zone));
  known.push_back({"ranges", Takes::kArray, [&](const Node& value) -> Status {
                     for (const Node& element : value.elements()) {
                       RangeOption range;
                       const auto bound = [](std::string_view name, std::optional<Node>& to) {
                         return Option{name, Takes::kAny, [&to](const Node& v) -> Status {
                                         if (!v.is_null()) to = v;
                                         return {};
                                       }};
                       };
                       const std::vector<Option> inner{bound("from", range.from),
                                                       bound("to", range.to),
                                                       set_text("key", range.key)};
                       RETURN_IF_ERROR(read_options(element, parse.type, inner));
                       spec->ranges.push_back(std::move(range));
                     }
                     return {};
                   }});
  RETURN_IF_ERROR(read_options(options, parse.type, known));
  RETURN_IF_ERROR(spec->options.require_field());
  return AggSpecPtr(std::move(spec));
}

}  // namespace stratalog::query
