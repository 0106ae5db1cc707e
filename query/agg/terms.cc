// terms: a bucket a distinct value. Doc page "Terms aggregation".
//
// Strings are counted by their ordinals within a segment; ordinals become terms once a segment, and
// equal terms of several segments meet in a table. An index gives its best buckets (more of them
// than shard_size asks for, so that the cut costs less exactness); the counts it leaves out bound
// the error as in Elasticsearch.
#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_map>

#include "base/arena.h"
#include "index/live/term_table.h"
#include "index/sortable.h"
#include "query/agg/any_values.h"
#include "query/agg/include_exclude.h"
#include "query/agg/kinds.h"
#include "query/agg/order.h"
#include "query/agg/pipeline.h"
#include "query/exec/search_memory.h"

namespace stratalog::query {

namespace {

using index::RowId;

enum class KeyKind : uint8_t { kUnmapped, kString, kLong, kDouble };

struct TermBucket {
  std::string text;    // kString
  int64_t number = 0;  // kLong; kDouble in sortable form
  uint64_t count = 0;
  uint64_t error = 0;  // how many more there may be
  ChildResults children;
};

struct TermsResult final : AggResult {
  KeyKind kind = KeyKind::kUnmapped;
  std::vector<TermBucket> buckets;
  uint64_t other = 0;  // rows' values in buckets left out
  uint64_t error = 0;  // the greatest count that may be missing from any bucket
  std::optional<ValueFormat> format;

  void merge(AggResult& other_result) override {
    auto& from = static_cast<TermsResult&>(other_result);
    other += from.other;
    if (from.kind != KeyKind::kUnmapped && kind == KeyKind::kUnmapped) {
      kind = from.kind;
      format = std::move(from.format);
    }
    const uint64_t error_before = error;
    error += from.error;
    std::unordered_map<std::string, size_t> places;
    for (size_t i = 0; i < buckets.size(); ++i) places.emplace(key_of(buckets[i]), i);
    std::vector<bool> met(buckets.size());
    for (TermBucket& bucket : from.buckets) {
      const auto [it, added] = places.emplace(key_of(bucket), buckets.size());
      if (added) {
        bucket.error += error_before;
        buckets.push_back(std::move(bucket));
        continue;
      }
      TermBucket& into = buckets[it->second];
      met[it->second] = true;
      into.count += bucket.count;
      into.error += bucket.error;
      merge_children(into.children, bucket.children);
    }
    for (size_t i = 0; i < met.size(); ++i) {
      if (!met[i]) buckets[i].error += from.error;
    }
  }

 private:
  static std::string key_of(const TermBucket& bucket) {
    std::string key(reinterpret_cast<const char*>(&bucket.number), sizeof(bucket.number));
    return key += bucket.text;
  }
};

// The options that collectors need.
struct TermsOptions {
  ValueOptions values;
  IncludeExclude include_exclude;
  BucketOrder order = BucketOrder::count(false);
  uint32_t size = 10;
  uint32_t shard_size = 0;
  uint64_t min_doc_count = 1;
  bool show_error = false;
};

// What the two collectors share: counts of (owner, key) and an owner's best buckets.
class TermsAggregator : public BucketAggregator {
 public:
  TermsAggregator(const AggSpec& spec, const TermsOptions& options,
                  std::vector<std::unique_ptr<Aggregator>> children)
      : BucketAggregator(std::move(children)), spec_(spec), options_(options) {}

 protected:
  uint32_t bucket_of(uint32_t owner, uint64_t key) {
    const uint32_t bucket = table_.find_or_add(owner, key);
    if (bucket == counts_.size()) counts_.push_back(0);
    return bucket;
  }
  void add(uint32_t owner, uint64_t key, RowId row) {
    const uint32_t bucket = bucket_of(owner, key);
    ++counts_[bucket];
    if (!has_children()) return;
    child_rows_.push_back(row);
    child_buckets_.push_back(bucket);
  }
  void flush(const SegmentContext& segment) {
    collect_children(segment, child_rows_, child_buckets_);
    child_rows_.clear();
    child_buckets_.clear();
  }
  // Fills `out` with the owner's best buckets. `less` orders keys; `fill` writes a bucket's key.
  void best(uint32_t owner, TermsResult& out, const std::function<bool(uint64_t, uint64_t)>& less,
            const std::function<void(uint64_t key, TermBucket&)>& fill) {
    const std::span<const uint32_t> all = table_.of_owner(owner);
    std::vector<SortableBucket> buckets;
    std::vector<ChildResults> children(options_.order.needs_children() ? all.size() : 0);
    for (size_t i = 0; i < all.size(); ++i) {
      if (!children.empty()) children[i] = child_results(all[i]);
      buckets.push_back(
          {static_cast<int64_t>(i), counts_[all[i]], children.empty() ? nullptr : &children[i]});
    }
    const auto key_less = [&](int64_t a, int64_t b) {
      return less(table_.key(all[static_cast<size_t>(a)]), table_.key(all[static_cast<size_t>(b)]));
    };
    const size_t kept = std::min(buckets.size(), kept_max());
    uint64_t total = 0;
    for (const SortableBucket& bucket : buckets) total += bucket.count;
    if (buckets.size() > kept && options_.order.is_count_descending())
      drop_small(buckets, kept, key_less);
    // A path that leads nowhere is told when the merged buckets are put in order.
    (void)options_.order.sort(spec_, buckets, key_less).ok();
    for (size_t i = 0; i < kept; ++i) {
      const size_t at = static_cast<size_t>(buckets[i].id);
      TermBucket made;
      fill(table_.key(all[at]), made);
      made.count = buckets[i].count;
      made.children = children.empty() ? child_results(all[at]) : std::move(children[at]);
      total -= made.count;
      out.buckets.push_back(std::move(made));
    }
    out.other = total;
    if (kept < all.size() && options_.order.is_count_descending())
      out.error = out.buckets.back().count;
  }

  // Buckets that an index gives at most.
  size_t kept_max() const { return std::max(options_.shard_size, kKeptMin); }

  const AggSpec& spec_;
  const TermsOptions& options_;

 private:
  static constexpr uint32_t kKeptMin = 1024;
  // Leaves the buckets that may be among the `kept` most frequent: where most counts are equal
  // sorting them all by key would be most of the work.
  static void drop_small(std::vector<SortableBucket>& buckets, size_t kept,
                         const std::function<bool(int64_t, int64_t)>& key_less) {
    std::vector<uint64_t> counts;
    counts.reserve(buckets.size());
    for (const SortableBucket& bucket : buckets) counts.push_back(bucket.count);
    std::nth_element(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(kept - 1),
                     counts.end(), std::greater<>());
    const uint64_t least = counts[kept - 1];
    const auto ties = std::partition(buckets.begin(), buckets.end(),
                                     [&](const SortableBucket& b) { return b.count > least; });
    const auto end = std::partition(ties, buckets.end(),
                                    [&](const SortableBucket& b) { return b.count == least; });
    const auto middle = buckets.begin() + static_cast<std::ptrdiff_t>(kept);
    std::nth_element(
        ties, std::min(middle, end - 1), end,
        [&](const SortableBucket& a, const SortableBucket& b) { return key_less(a.id, b.id); });
    buckets.erase(middle, buckets.end());
  }

  BucketTable table_;
  std::vector<uint64_t> counts_;
  std::vector<RowId> child_rows_;
  std::vector<uint32_t> child_buckets_;

 protected:
  void add_count(uint32_t owner, uint64_t key, uint64_t count) {
    const uint32_t bucket = bucket_of(owner, key);
    counts_[bucket] += count;
  }
};

class StringTermsAggregator final : public TermsAggregator {
 public:
  StringTermsAggregator(const AggSpec& spec, const TermsOptions& options,
                        std::vector<std::unique_ptr<Aggregator>> children, AnyValues values)
      : TermsAggregator(spec, options, std::move(children)),
        values_(std::move(values)),
        address_(values_.field() != nullptr && values_.field()->kind == index::Kind::kIp) {
    if (values_.missing()) missing_ = term_number(values_.missing()->to_text());
  }

  void begin_segment(const SegmentContext& segment) override {
    settle();
    BucketAggregator::begin_segment(segment);
    values_.begin_segment(segment);
    column_ = values_.ordinals();
    resolved_.clear();
    resolved_count_ = 0;
    if (column_ == nullptr) return;
    resolved_.assign(column_->ordinal_count(), kUnresolved);
    if (options_.min_doc_count == 0) resolve_all();
  }

  void collect(const SegmentContext& segment, const OwnedRows& rows) override {
    if (column_ == nullptr) {
      for (size_t i = 0; missing_ && i < rows.rows.size(); ++i)
        add(rows.owner(i), *missing_, rows.rows[i]);
      return flush(segment);
    }
    column_->gather(rows.rows, batch_);
    const bool plain = rows.owners.empty() && !has_children();
    if (plain && !missing_) {
      if (counted_.empty()) counted_.assign(resolved_.size(), 0);
      for (const uint32_t ordinal : batch_.values) ++counted_[ordinal];
      return;
    }
    resolve(batch_.values);
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      if (batch_.begin(i) == batch_.end(i) && missing_) add(rows.owner(i), *missing_, rows.rows[i]);
      for (uint32_t v = batch_.begin(i); v < batch_.end(i); ++v) {
        const uint32_t term = resolved_[batch_.values[v]];
        if (term != kRefused) add(rows.owner(i), term, rows.rows[i]);
      }
    }
    flush(segment);
  }
  void collect_interval(const SegmentContext& segment, index::RowRange rows) override {
    // The whole segment: the dictionary knows the counts. Reading all of one that has a term for
    // every few rows would be more work than to count.
    const bool whole = rows.begin == 0 && rows.end == segment.row_count() && !segment.reader.live();
    const bool small = resolved_.size() < segment.row_count() / 8;
    if (!whole || !small || column_ == nullptr || has_children() || missing_)
      return Aggregator::collect_interval(segment, rows);
    counted_.resize(resolved_.size());
    for (uint32_t ordinal = 0; ordinal < counted_.size(); ++ordinal)
      counted_[ordinal] += column_->doc_freq(ordinal);
  }
  AggResultPtr result(uint32_t owner) override {
    auto out = std::make_unique<TermsResult>();
    const bool none = terms_.size() == 0 && counted_.empty();
    out->kind = values_.field() == nullptr && none ? KeyKind::kUnmapped : KeyKind::kString;
    const bool one_segment = !counted_.empty() && terms_.size() == 0 &&
                             options_.min_doc_count > 0 && options_.include_exclude.empty() &&
                             options_.order.is_count_descending();
    if (one_segment) {
      best_of_segment(*out);
      return out;
    }
    settle();
    if (options_.min_doc_count == 0) {
      for (uint32_t term = 0; term < terms_.size(); ++term) add_count(owner, term, 0);
    }
    best(
        owner, *out, [&](uint64_t a, uint64_t b) { return term(a) < term(b); },
        [&](uint64_t key, TermBucket& bucket) {
          bucket.text = address_ ? ip_text(term(key)) : std::string(term(key));
        });
    return out;
  }

 private:
  // Counts by ordinal become counts by term, where other segments have terms too.
  void settle() {
    std::vector<uint32_t> ordinals;
    for (uint32_t ordinal = 0; ordinal < counted_.size(); ++ordinal) {
      if (counted_[ordinal] != 0) ordinals.push_back(ordinal);
    }
    resolve(ordinals);
    for (const uint32_t ordinal : ordinals) {
      if (resolved_[ordinal] != kRefused) add_count(0, resolved_[ordinal], counted_[ordinal]);
    }
    counted_.clear();
  }
  // The most frequent of the only segment that had any: but for them no term is looked up.
  void best_of_segment(TermsResult& out) {
    std::vector<uint64_t> counts;
    for (const uint64_t count : counted_) {
      if (count != 0) counts.push_back(count);
      out.other += count;
    }
    const size_t kept = std::min(counts.size(), kept_max());
    if (kept == 0) return;
    const auto last = counts.begin() + static_cast<std::ptrdiff_t>(kept - 1);
    std::nth_element(counts.begin(), last, counts.end(), std::greater<>());
    const uint64_t least = *last;
    if (kept < counts.size()) out.error = least;
    // Of those with the least count the first by key.
    size_t of_least = kept - static_cast<size_t>(std::count_if(
                                 counts.begin(), last, [&](uint64_t c) { return c > least; }));
    std::vector<uint32_t> ordinals;
    for (uint32_t ordinal = 0; ordinal < counted_.size(); ++ordinal) {
      if (counted_[ordinal] < least || counted_[ordinal] == 0) continue;
      if (counted_[ordinal] == least) {
        if (of_least == 0) continue;
        --of_least;
      }
      ordinals.push_back(ordinal);
    }
    column_->terms(ordinals, [&](size_t i, std::string_view term) {
      TermBucket bucket;
      bucket.text = address_ ? ip_text(term) : std::string(term);
      bucket.count = counted_[ordinals[i]];
      out.other -= bucket.count;
      out.buckets.push_back(std::move(bucket));
    });
    std::stable_sort(out.buckets.begin(), out.buckets.end(),
                     [](const TermBucket& a, const TermBucket& b) { return a.count > b.count; });
    counted_.clear();
  }

  static constexpr uint32_t kUnresolved = UINT32_MAX;
  static constexpr uint32_t kRefused = UINT32_MAX - 1;  // by include and exclude

  std::string_view term(uint64_t number) const {
    return terms_.term(static_cast<uint32_t>(number));
  }
  uint32_t term_number(std::string_view term) {
    check_memory();
    return terms_.find_or_add(term);
  }
  // Looks up the terms of ordinals not seen in this segment yet; of all at once when that is
  // getting cheaper.
  void resolve(std::span<const uint32_t> ordinals) {
    wanted_.clear();
    for (const uint32_t ordinal : ordinals) {
      if (resolved_[ordinal] == kUnresolved) wanted_.push_back(ordinal);
    }
    if (wanted_.empty()) return;
    std::sort(wanted_.begin(), wanted_.end());
    wanted_.erase(std::unique(wanted_.begin(), wanted_.end()), wanted_.end());
    resolved_count_ += wanted_.size();
    if (counted_.empty() && resolved_count_ > resolved_.size() / 64) return resolve_all();
    resolve_wanted();
  }
  void resolve_all() {
    wanted_.clear();
    for (uint32_t ordinal = 0; ordinal < resolved_.size(); ++ordinal) {
      if (resolved_[ordinal] == kUnresolved) wanted_.push_back(ordinal);
    }
    resolve_wanted();
  }
  void resolve_wanted() {
    column_->terms(wanted_, [&](size_t i, std::string_view term) {
      const bool wanted =
          options_.include_exclude.empty() ||
          options_.include_exclude.accepts(address_ ? ip_text(term) : std::string(term));
      resolved_[wanted_[i]] = wanted ? term_number(term) : kRefused;
    });
  }

  AnyValues values_;
  bool address_;
  std::optional<uint32_t> missing_;
  const index::OrdinalColumn* column_ = nullptr;
  index::OrdinalBatch batch_;
  std::vector<uint32_t> resolved_;  // by ordinal of the segment: number of the term
  size_t resolved_count_ = 0;
  std::vector<uint64_t> counted_;  // by ordinal, where nothing but counts is wanted
  std::vector<uint32_t> wanted_;
  Arena arena_{4 << 10};
  index::TermTable terms_{arena_};
};

class NumericTermsAggregator final : public TermsAggregator {
 public:
  NumericTermsAggregator(const AggSpec& spec, const TermsOptions& options,
                         std::vector<std::unique_ptr<Aggregator>> children, NumericValues values,
                         ValueFormat format)
      : TermsAggregator(spec, options, std::move(children)),
        values_(std::move(values)),
        format_(std::move(format)) {
    const index::MappedField& field = *values_.field();
    whole_ = field.kind != index::Kind::kF64 && field.type != index::FieldType::kScaledFloat;
  }
  void begin_segment(const SegmentContext& segment) override {
    BucketAggregator::begin_segment(segment);
    values_.begin_segment(segment);
  }
  void collect(const SegmentContext& segment, const OwnedRows& rows) override {
    const index::NumericBatch& batch = values_.gather(rows.rows);
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      for (uint32_t v = batch.begin(i); v < batch.end(i); ++v) {
        const int64_t value = batch.values[v];
        if (v > batch.begin(i) && value == batch.values[v - 1])
          continue;  // a row is in a bucket once
        if (!options_.include_exclude.empty() &&
            !options_.include_exclude.accepts_number(values_.to_double(value))) {
          continue;
        }
        add(rows.owner(i), static_cast<uint64_t>(value), rows.rows[i]);
      }
    }
    flush(segment);
  }
  AggResultPtr result(uint32_t owner) override {
    auto out = std::make_unique<TermsResult>();
    out->kind = whole_ ? KeyKind::kLong : KeyKind::kDouble;
    out->format = format_;
    best(
        owner, *out,
        [](uint64_t a, uint64_t b) { return static_cast<int64_t>(a) < static_cast<int64_t>(b); },
        [&](uint64_t key, TermBucket& bucket) {
          const int64_t value = static_cast<int64_t>(key);
          bucket.number = !whole_ ? index::sortable_from_double(values_.to_double(value))
                          : values_.field()->date() ? values_.to_millis(value)
                                                    : value;
        });
    return out;
  }

 private:
  NumericValues values_;
  ValueFormat format_;
  bool whole_ = true;
};

class TermsSpec final : public AggSpec {
 public:
  Result<std::unique_ptr<Aggregator>> start(const IndexContext& index) const override {
    ASSIGN_OR_RETURN(auto sub, BucketAggregator::start_children(*this, index));
    const index::MappedField* field = resolve_field(index, options.values.field).field;
    const index::AccessRules* access = index.metadata->access.get();
    if (options.min_doc_count == 0 && access != nullptr && access->rows_hidden()) {
      // Terms of hidden rows would come with a count of 0.
      return Error(error_types::kIllegalArgument, "[min_doc_count] of 0 is not supported in [" +
                                                      name +
                                                      "] if document level security is enabled");
    }
    if (field != nullptr && field->numeric() && field->doc_values) {
      if (options.min_doc_count == 0) {
        return Error(error_types::kIllegalArgument,
                     "[min_doc_count] of 0 is not supported on the numeric field [" + field->path +
                         "] in [" + name + "]");
      }
      RETURN_IF_ERROR(options.include_exclude.check_numbers());
      ASSIGN_OR_RETURN(NumericValues values, NumericValues::make(index, options.values, type));
      ASSIGN_OR_RETURN(ValueFormat format, ValueFormat::make(field, options.values.format, {}));
      return std::unique_ptr<Aggregator>(std::make_unique<NumericTermsAggregator>(
          *this, options, std::move(sub), std::move(values), std::move(format)));
    }
    ASSIGN_OR_RETURN(AnyValues values, AnyValues::make(index, options.values, type));
    return std::unique_ptr<Aggregator>(
        std::make_unique<StringTermsAggregator>(*this, options, std::move(sub), std::move(values)));
  }
  AggResultPtr empty() const override { return std::make_unique<TermsResult>(); }
  bool takes_children() const override { return true; }
  std::string_view type_name(const AggResult& result) const override {
    switch (static_cast<const TermsResult&>(result).kind) {
      case KeyKind::kLong:
        return "lterms";
      case KeyKind::kDouble:
        return "dterms";
      default:
        return "sterms";
    }
  }

  Status finish(AggResult& result, FinishContext& context) const override {
    auto& terms = static_cast<TermsResult&>(result);
    std::vector<SortableBucket> buckets;
    for (size_t i = 0; i < terms.buckets.size(); ++i) {
      const TermBucket& bucket = terms.buckets[i];
      if (bucket.count >= options.min_doc_count) {
        buckets.push_back({static_cast<int64_t>(i), bucket.count, &bucket.children});
      }
    }
    RETURN_IF_ERROR(options.order.sort(*this, buckets, [&](int64_t a, int64_t b) {
      const TermBucket& x = terms.buckets[static_cast<size_t>(a)];
      const TermBucket& y = terms.buckets[static_cast<size_t>(b)];
      return std::tie(x.number, x.text) < std::tie(y.number, y.text);
    }));
    std::vector<TermBucket> kept;
    for (size_t i = 0; i < buckets.size(); ++i) {
      TermBucket& bucket = terms.buckets[static_cast<size_t>(buckets[i].id)];
      if (i < options.size) {
        RETURN_IF_ERROR(finish_children(*this, bucket.children, context));
        kept.push_back(std::move(bucket));
      } else {
        terms.other += bucket.count;
      }
    }
    terms.buckets = std::move(kept);
    RETURN_IF_ERROR(context.add_buckets(terms.buckets.size()));
    if (has_parent_pipelines(children)) {
      std::vector<BucketView> views = *this->buckets(result);
      RETURN_IF_ERROR(run_parent_pipelines(*this, views, context.request));
      std::vector<TermBucket> left;
      for (const BucketView& view : views)
        left.push_back(std::move(terms.buckets[static_cast<size_t>(view.id)]));
      terms.buckets = std::move(left);
    }
    return {};
  }
  bool takes_parent_pipelines() const override { return true; }

  std::optional<std::vector<BucketView>> buckets(AggResult& result) const override {
    auto& terms = static_cast<TermsResult&>(result);
    std::vector<BucketView> out;
    for (size_t i = 0; i < terms.buckets.size(); ++i) {
      TermBucket& bucket = terms.buckets[i];
      BucketView view{static_cast<int64_t>(i), &bucket.children, bucket.count, 0, bucket.text};
      if (terms.kind == KeyKind::kLong) view.key = static_cast<double>(bucket.number);
      if (terms.kind == KeyKind::kDouble) view.key = index::double_from_sortable(bucket.number);
      if (terms.format && !terms.format->raw()) {
        view.key_text = terms.format->print(view.key);
      } else if (terms.kind == KeyKind::kLong) {
        view.key_text = std::to_string(bucket.number);
      } else if (terms.kind == KeyKind::kDouble) {
        json::append_double(view.key_text, view.key);
      }
      out.push_back(std::move(view));
    }
    return out;
  }

  void render(const AggResult& result, json::Writer& out,
              const RenderOptions& render_options) const override {
    const auto& terms = static_cast<const TermsResult&>(result);
    out.field("doc_count_error_upper_bound", terms.error).field("sum_other_doc_count", terms.other);
    out.key("buckets").begin_array();
    for (const TermBucket& bucket : terms.buckets) {
      out.begin_object();
      const double number = terms.kind == KeyKind::kDouble
                                ? index::double_from_sortable(bucket.number)
                                : static_cast<double>(bucket.number);
      out.key("key");
      if (terms.kind == KeyKind::kLong) {
        out.number(bucket.number);
      } else if (terms.kind == KeyKind::kDouble) {
        out.number(number);
      } else {
        out.string(bucket.text);
      }
      if (terms.format && !terms.format->raw())
        out.field("key_as_string", terms.format->print(number));
      out.field("doc_count", bucket.count);
      if (options.show_error) out.field("doc_count_error_upper_bound", bucket.error);
      render_children(*this, bucket.children, out, render_options);
      out.end_object();
    }
    out.end_array();
  }

  TermsOptions options;
};

Option positive(std::string_view name, std::string_view shown, const AggParse& parse, int64_t least,
                int64_t& to) {
  return {name, Takes::kNumber, [shown, &parse, least, &to](const Node& value) -> Status {
            const auto number = value.to_int();
            if (!number || *number < least) {
              const std::string must =
                  least == 0 ? "must be greater than or equal to 0" : "must be greater than 0";
              return Error(error_types::kIllegalArgument,
                           "[" + std::string(shown) + "] " + must + ". Found [" + value.to_text() +
                               "] in [" + std::string(parse.name) + "]");
            }
            to = *number;
            return {};
          }};
}

}  // namespace

Result<AggSpecPtr> parse_terms(const Node& options, const AggParse& parse) {
  auto spec = std::make_unique<TermsSpec>();
  TermsOptions& terms = spec->options;
  int64_t size = 10, shard_size = -1, min_doc_count = 1, shard_min_doc_count = 0;
  std::vector<Option> known;
  terms.values.add_to(known);
  known.push_back(positive("size", "size", parse, 1, size));
  known.push_back(positive("shard_size", "shardSize", parse, 1, shard_size));
  known.push_back(positive("min_doc_count", "minDocCount", parse, 0, min_doc_count));
  known.push_back(
      positive("shard_min_doc_count", "shardMinDocCount", parse, 0, shard_min_doc_count));
  known.push_back(set_bool("show_term_doc_count_error", terms.show_error));
  known.push_back(ignore_hint("execution_hint", Takes::kString));
  known.push_back(ignore_hint("collect_mode", Takes::kString));
  known.push_back({"order", Takes::kObjectOrArray, [&](const Node& value) -> Status {
                     ASSIGN_OR_RETURN(terms.order, BucketOrder::parse(value));
                     return {};
                   }});
  known.push_back({"include", Takes::kAny,
                   [&](const Node& value) { return terms.include_exclude.read_include(value); }});
  known.push_back({"exclude", Takes::kAny,
                   [&](const Node& value) { return terms.include_exclude.read_exclude(value); }});
  RETURN_IF_ERROR(read_options(options, parse.type, known));
  RETURN_IF_ERROR(terms.values.require_field());
  terms.size = static_cast<uint32_t>(std::min<int64_t>(size, INT32_MAX));
  const int64_t by_default = static_cast<int64_t>(static_cast<double>(terms.size) * 1.5) + 10;
  terms.shard_size = static_cast<uint32_t>(std::min<int64_t>(
      std::max<int64_t>(shard_size < 0 ? by_default : shard_size, terms.size), INT32_MAX));
  terms.min_doc_count = static_cast<uint64_t>(min_doc_count);
  return AggSpecPtr(std::move(spec));
}

}  // namespace stratalog::query
