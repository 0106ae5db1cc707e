// date_histogram and histogram. Doc pages "Date histogram aggregation", "Histogram aggregation".
//
// Where a segment's rows are sorted by the field (its time), buckets are intervals of rows: counts
// come from a few look-ups in the column and from counting bits, and no value is read.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "index/date/date_math.h"
#include "index/date/rounding.h"
#include "index/sortable.h"
#include "query/agg/kinds.h"
#include "query/agg/order.h"
#include "query/agg/pipeline.h"
#include "query/agg/values.h"
#include "query/exec/metadata_fields.h"

namespace stratalog::query {

namespace {

using index::RowId;
using index::RowRange;

struct HistogramBucket {
  uint64_t count = 0;
  ChildResults children;
};

struct HistogramResult final : AggResult {
  // By key: milliseconds, or for numbers the sortable form of the bucket's lower bound.
  std::map<int64_t, HistogramBucket> buckets;
  std::optional<ValueFormat> format;
  std::vector<int64_t> order;  // filled by finish

  void merge(AggResult& other_result) override {
    auto& other = static_cast<HistogramResult&>(other_result);
    for (auto& [key, bucket] : other.buckets) {
      const auto [it, added] = buckets.try_emplace(key, std::move(bucket));
      if (added) continue;
      it->second.count += bucket.count;
      merge_children(it->second.children, bucket.children);
    }
    if (!format || format->raw()) format = std::move(other.format);
  }
};

struct Bounds {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool open = false;  // the maximum itself is out, as of hard bounds of dates
  bool holds(double key) const { return key >= min && (open ? key < max : key <= max); }
};

// Value -> bucket key, for the two kinds.
class Keys {
 public:
  explicit Keys(const index::Rounding& rounding) : rounding_(rounding) {}
  Keys(double interval, double offset) : interval_(interval), offset_(offset) {}
  bool dates() const { return rounding_.has_value(); }
  const index::Rounding& rounding() const { return *rounding_; }
  int64_t of_number(double v) const {
    const double key = std::floor((v - offset_) / interval_);
    return index::sortable_from_double(key * interval_ + offset_);
  }
  double as_double(int64_t key) const {
    return dates() ? static_cast<double>(key) : index::double_from_sortable(key);
  }
  int64_t next(int64_t key) const {
    if (dates()) return rounding_->next(key);
    const double at = index::double_from_sortable(key);
    return of_number((std::round((at - offset_) / interval_) + 1) * interval_ + offset_ +
                     interval_ / 2);
  }
  int64_t of_bound(double v) const {
    return dates() ? rounding_->round(static_cast<int64_t>(v)) : of_number(v);
  }

 private:
  std::optional<index::Rounding> rounding_;
  double interval_ = 1;
  double offset_ = 0;
};

class HistogramAggregator final : public BucketAggregator {
 public:
  HistogramAggregator(std::vector<std::unique_ptr<Aggregator>> children, NumericValues values,
                      ValueFormat format, const Keys& keys, const Bounds& hard_bounds)
      : BucketAggregator(std::move(children)),
        values_(std::move(values)),
        format_(std::move(format)),
        keys_(keys),
        hard_bounds_(hard_bounds) {}

  void begin_segment(const SegmentContext& segment) override {
    BucketAggregator::begin_segment(segment);
    values_.begin_segment(segment);
    column_ = values_.column();
    by_runs_ = keys_.dates() && column_ != nullptr && column_->sorted() && !values_.has_missing() &&
               intervals_are_few(segment.row_count());
    run_end_ = 0;
  }

  void collect(const SegmentContext& segment, const OwnedRows& rows) override {
    if (by_runs_ && rows.owners.empty() && rows.rows.size() >= kRowsWorthRuns)
      return collect_runs(segment, rows.rows);
    const index::NumericBatch& batch = values_.gather(rows.rows);
    child_rows_.clear();
    child_buckets_.clear();
    round(batch);
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      int64_t last = 0;
      for (uint32_t v = batch.begin(i); v < batch.end(i); ++v) {
        const int64_t key = rounded_[v];
        if (v > batch.begin(i) && key == last) continue;  // a row is in a bucket once
        last = key;
        if (!hard_bounds_.holds(keys_.as_double(key))) continue;
        const uint32_t bucket = bucket_of(rows.owner(i), key);
        ++counts_[bucket];
        if (!has_children()) continue;
        child_rows_.push_back(rows.rows[i]);
        child_buckets_.push_back(bucket);
      }
    }
    collect_children(segment, child_rows_, child_buckets_);
  }
  void collect_bits(const SegmentContext& segment, RowId begin, RowId end,
                    std::span<const uint64_t> bits) override {
    if (!by_runs_ || has_children()) return Aggregator::collect_bits(segment, begin, end, bits);
    for (RowId row = begin; row < end;) {
      to_run(row, segment.row_count());
      const RowId stop = std::min(end, run_end_);
      add(count_range(bits, row - begin, stop - begin));
      row = stop;
    }
  }
  void collect_interval(const SegmentContext& segment, RowRange rows) override {
    if (!by_runs_ || has_children()) return Aggregator::collect_interval(segment, rows);
    for (RowId row = rows.begin; row < rows.end;) {
      to_run(row, segment.row_count());
      const RowId stop = std::min(rows.end, run_end_);
      add(stop - row);
      row = stop;
    }
  }

  AggResultPtr result(uint32_t owner) override {
    auto out = std::make_unique<HistogramResult>();
    out->format = format_;
    for (const uint32_t bucket : table_.of_owner(owner)) {
      HistogramBucket& made = out->buckets[static_cast<int64_t>(table_.key(bucket))];
      made.count = counts_[bucket];
      made.children = child_results(bucket);
    }
    return out;
  }

 private:
  // Look-ups by row cost a block's decoding each: worth it where a bucket holds many rows.
  bool intervals_are_few(uint32_t row_count) const {
    constexpr int64_t kRowsPerBucketMin = 256;
    const int64_t first = values_.to_millis(column_->min()),
                  last = values_.to_millis(column_->max());
    const int64_t bucket_ms =
        keys_.rounding().next(keys_.rounding().round(first)) - keys_.rounding().round(first);
    return bucket_ms > 0 && (last - first) / bucket_ms < row_count / kRowsPerBucketMin + 64;
  }
  void collect_runs(const SegmentContext& segment, std::span<const RowId> rows) {
    child_rows_.clear();
    child_buckets_.clear();
    for (auto at = rows.begin(); at != rows.end();) {
      to_run(*at, segment.row_count());
      const auto end = std::lower_bound(at, rows.end(), run_end_);
      add(static_cast<uint64_t>(end - at));
      if (has_children() && run_bucket_ != kNoBucket) {
        child_rows_.insert(child_rows_.end(), at, end);
        child_buckets_.resize(child_rows_.size(), run_bucket_);
      }
      at = end;
    }
    collect_children(segment, child_rows_, child_buckets_);
  }
  // Makes [run_begin_, run_end_) the rows of row's bucket.
  void to_run(RowId row, RowId row_count) {
    if (row >= run_begin_ && row < run_end_) return;
    const RowId one[] = {row};
    column_->gather(one, run_batch_);
    run_key_ = keys_.rounding().round(values_.to_millis(run_batch_.values[0]));
    const int64_t next = keys_.rounding().next(run_key_);
    const int64_t per_ms = 1'000'000 / values_.nanos_per_unit();
    run_begin_ = row;
    run_end_ = std::min(row_count, column_->lower_bound(next * per_ms));
    run_bucket_ = kNoBucket;
  }
  void add(uint64_t count) {
    if (count == 0 || !hard_bounds_.holds(static_cast<double>(run_key_))) return;
    if (run_bucket_ == kNoBucket) run_bucket_ = bucket_of(0, run_key_);
    counts_[run_bucket_] += count;
  }
  static uint64_t count_range(std::span<const uint64_t> bits, size_t begin, size_t end) {
    if (begin >= end) return 0;
    const size_t first = begin / 64, last = (end - 1) / 64;
    const uint64_t head = ~uint64_t{0} << (begin % 64);
    const uint64_t tail = ~uint64_t{0} >> (63 - (end - 1) % 64);
    if (first == last) return static_cast<uint64_t>(std::popcount(bits[first] & head & tail));
    uint64_t count = static_cast<uint64_t>(std::popcount(bits[first] & head)) +
                     static_cast<uint64_t>(std::popcount(bits[last] & tail));
    return count + count_bits(bits.subspan(first + 1, last - first - 1));
  }
  uint32_t bucket_of(uint32_t owner, int64_t key) {
    const uint32_t bucket = table_.find_or_add(owner, static_cast<uint64_t>(key));
    if (bucket == counts_.size()) counts_.push_back(0);
    return bucket;
  }
  void round(const index::NumericBatch& batch) {
    rounded_.resize(batch.values.size());
    if (!keys_.dates()) {
      for (size_t v = 0; v < batch.values.size(); ++v)
        rounded_[v] = keys_.of_number(values_.to_double(batch.values[v]));
      return;
    }
    if (values_.field() != nullptr && values_.field()->kind == index::Kind::kI64) {
      keys_.rounding().round_span(batch.values, rounded_);
      return;
    }
    millis_.resize(batch.values.size());
    for (size_t v = 0; v < batch.values.size(); ++v)
      millis_[v] = values_.to_millis(batch.values[v]);
    keys_.rounding().round_span(millis_, rounded_);
  }

  static constexpr uint32_t kNoBucket = UINT32_MAX;
  static constexpr size_t kRowsWorthRuns = 256;  // fewer: reading their values is cheaper
  NumericValues values_;
  ValueFormat format_;
  Keys keys_;
  Bounds hard_bounds_;
  BucketTable table_;
  std::vector<uint64_t> counts_;
  std::vector<int64_t> rounded_;
  std::vector<int64_t> millis_;
  std::vector<RowId> child_rows_;
  std::vector<uint32_t> child_buckets_;
  const index::NumericColumn* column_ = nullptr;
  bool by_runs_ = false;  // the rows of a bucket lie side by side
  RowId run_begin_ = 0;
  RowId run_end_ = 0;
  int64_t run_key_ = 0;
  uint32_t run_bucket_ = kNoBucket;
  index::NumericBatch run_batch_;
};

// A bound as given: text is a date, to be read by the field's format.
struct BoundsOption {
  std::optional<Node> min;
  std::optional<Node> max;
};

class HistogramSpec final : public AggSpec {
 public:
  Result<std::unique_ptr<Aggregator>> start(const IndexContext& index) const override {
    ASSIGN_OR_RETURN(NumericValues values, NumericValues::make(index, options, type));
    ASSIGN_OR_RETURN(const Keys keys, make_keys());
    if (dates && values.field() != nullptr && !values.field()->date() &&
        values.field()->type != index::FieldType::kLong && !is_virtual(*values.field())) {
      return unsupported_field(values.ref(), type);
    }
    ASSIGN_OR_RETURN(ValueFormat format,
                     ValueFormat::make(values.field(), options.format, options.time_zone));
    ASSIGN_OR_RETURN(Bounds hard, resolve(hard_bounds, values.field(), index.request.now_ms));
    hard.open = dates;
    ASSIGN_OR_RETURN(const Bounds extended,
                     resolve(extended_bounds, values.field(), index.request.now_ms));
    if (extended_bounds && hard_bounds &&
        ((extended_bounds->min && extended.min < hard.min) ||
         (extended_bounds->max && extended.max > hard.max))) {
      return Error(error_types::kIllegalArgument,
                   "Extended bounds have to be inside hard bounds, hard bounds: [" +
                       bounds_text(hard) + "], extended bounds: [" + bounds_text(extended) + "]");
    }
    ASSIGN_OR_RETURN(auto sub, BucketAggregator::start_children(*this, index));
    return std::unique_ptr<Aggregator>(std::make_unique<HistogramAggregator>(
        std::move(sub), std::move(values), std::move(format), keys, hard));
  }
  AggResultPtr empty() const override { return std::make_unique<HistogramResult>(); }
  std::string_view type_name(const AggResult&) const override { return type; }
  bool takes_children() const override { return true; }

  Status finish(AggResult& result, FinishContext& context) const override {
    auto& histogram = static_cast<HistogramResult&>(result);
    ASSIGN_OR_RETURN(const Keys keys, make_keys());
    if (min_doc_count == 0) RETURN_IF_ERROR(fill_gaps(histogram, keys, context));
    std::erase_if(histogram.buckets,
                  [&](const auto& entry) { return entry.second.count < min_doc_count; });
    RETURN_IF_ERROR(context.add_buckets(histogram.buckets.size()));
    std::vector<SortableBucket> sortable;
    for (auto& [key, bucket] : histogram.buckets) {
      RETURN_IF_ERROR(finish_children(*this, bucket.children, context));
      sortable.push_back({key, bucket.count, &bucket.children});
    }
    if (!order.is_key_ascending()) {
      RETURN_IF_ERROR(order.sort(*this, sortable, [](int64_t a, int64_t b) { return a < b; }));
    }
    for (const SortableBucket& bucket : sortable) histogram.order.push_back(bucket.id);
    if (has_parent_pipelines(children)) {
      std::vector<BucketView> views = *buckets(result);
      RETURN_IF_ERROR(run_parent_pipelines(*this, views, context.request));
      histogram.order.clear();
      for (const BucketView& view : views) histogram.order.push_back(view.id);
    }
    return {};
  }
  bool takes_parent_pipelines() const override { return true; }

  std::optional<std::vector<BucketView>> buckets(AggResult& result) const override {
    auto& histogram = static_cast<HistogramResult&>(result);
    std::vector<BucketView> out;
    for (const int64_t key : histogram.order) {
      HistogramBucket& bucket = histogram.buckets.at(key);
      const double number = dates ? static_cast<double>(key) : index::double_from_sortable(key);
      out.push_back({key, &bucket.children, bucket.count, number, key_text(histogram, number)});
    }
    return out;
  }

  static std::string key_text(const HistogramResult& histogram, double number) {
    if (histogram.format && !histogram.format->raw()) return histogram.format->print(number);
    std::string text;
    json::append_double(text, number);
    return text;
  }

  void render(const AggResult& result, json::Writer& out,
              const RenderOptions& render_options) const override {
    const auto& histogram = static_cast<const HistogramResult&>(result);
    out.key("buckets");
    keyed ? out.begin_object() : out.begin_array();
    for (const int64_t key : histogram.order) {
      const HistogramBucket& bucket = histogram.buckets.at(key);
      const double number = dates ? static_cast<double>(key) : index::double_from_sortable(key);
      const bool printed = histogram.format && (!histogram.format->raw());
      const std::string text = key_text(histogram, number);
      if (keyed) out.key(text);
      out.begin_object();
      if (printed) out.field("key_as_string", text);
      out.key("key");
      dates ? out.number(key) : out.number(number);
      out.field("doc_count", bucket.count);
      render_children(*this, bucket.children, out, render_options);
      out.end_object();
    }
    keyed ? out.end_object() : out.end_array();
  }

  Result<Keys> make_keys() const {
    if (!dates) return Keys(interval, offset);
    if (!rounding) {
      return Error(error_types::kIllegalArgument,
                   "Invalid interval specified, must be non-null and non-empty");
    }
    return Keys(*rounding);
  }

  ValueOptions options;
  bool dates = true;
  std::optional<index::Rounding> rounding;
  double interval = 1;
  double offset = 0;
  uint64_t min_doc_count = 0;
  bool keyed = false;
  BucketOrder order = BucketOrder::key(true);
  std::optional<BoundsOption> extended_bounds;
  std::optional<BoundsOption> hard_bounds;

 private:
  static std::string bounds_text(const Bounds& bounds) {
    return json::to_string(json::Value(bounds.min)) + "--" +
           json::to_string(json::Value(bounds.max));
  }
  Result<Bounds> resolve(const std::optional<BoundsOption>& given, const index::MappedField* field,
                         int64_t now_ms) const {
    Bounds bounds;
    if (!given) return bounds;
    const auto read = [&](const std::optional<Node>& node, double fallback) -> Result<double> {
      if (!node) return fallback;
      if (node->is_number() || !dates) {
        const auto number = node->to_double();
        if (!number)
          return Error(error_types::kNumberFormat, "For input string: \"" + node->to_text() + "\"");
        return *number;
      }
      std::shared_ptr<const index::DateFormat> format =
          field != nullptr && field->date_format != nullptr ? field->date_format
                                                            : index::DateFormat::default_format();
      if (options.format) {
        ASSIGN_OR_RETURN(format, index::DateFormat::compile(*options.format));
      }
      index::DateMathOptions math;
      math.now_ms = now_ms;
      if (rounding) math.zone = rounding->zone();
      ASSIGN_OR_RETURN(const index::Instant instant,
                       index::parse_date_math(node->to_text(), *format, math));
      return static_cast<double>(instant.millis());
    };
    ASSIGN_OR_RETURN(bounds.min, read(given->min, bounds.min));
    ASSIGN_OR_RETURN(bounds.max, read(given->max, bounds.max));
    if (given->min && given->max && bounds.min > bounds.max) {
      return Error(error_types::kParsing, "[extended_bounds.min][" +
                                              json::to_string(json::Value(bounds.min)) +
                                              "] cannot be greater than [extended_bounds.max][" +
                                              json::to_string(json::Value(bounds.max)) +
                                              "] for histogram aggregation [" + name + "]");
    }
    return bounds;
  }

  Status fill_gaps(HistogramResult& histogram, const Keys& keys, FinishContext& context) const;
};

Status HistogramSpec::fill_gaps(HistogramResult& histogram, const Keys& keys,
                                FinishContext& context) const {
  ASSIGN_OR_RETURN(const Bounds extended,
                   resolve(extended_bounds, nullptr, context.request.now_ms));
  const auto add = [&](int64_t key) {
    const auto [it, added] = histogram.buckets.try_emplace(key);
    if (added) it->second.children = empty_children(*this);
  };
  if (extended_bounds && extended_bounds->min) add(keys.of_bound(extended.min));
  if (extended_bounds && extended_bounds->max) add(keys.of_bound(extended.max));
  if (histogram.buckets.size() < 2) return {};
  const int64_t last = histogram.buckets.rbegin()->first;
  uint64_t count = 0;
  for (int64_t key = histogram.buckets.begin()->first; key < last; key = keys.next(key)) {
    if (++count > context.request.buckets_max) return context.add_buckets(count);
    add(key);
  }
  return {};
}

Option bounds_option(std::string_view name, std::optional<BoundsOption>& to) {
  return {name, Takes::kObject, [&to](const Node& value) -> Status {
            to.emplace();
            const std::vector<Option> inner{{"min", Takes::kScalar,
                                             [&to](const Node& v) -> Status {
                                               to->min = v;
                                               return {};
                                             }},
                                            {"max", Takes::kScalar, [&to](const Node& v) -> Status {
                                               to->max = v;
                                               return {};
                                             }}};
            return read_options(value, "bounds", inner);
          }};
}

}  // namespace

Result<AggSpecPtr> parse_histogram(const Node& options, const AggParse& parse) {
  auto spec = std::make_unique<HistogramSpec>();
  spec->dates = parse.type == "date_histogram";
  std::optional<double> interval, offset;
  std::optional<std::string> calendar, fixed, legacy, offset_text;
  std::vector<Option> known;
  spec->options.add_to(known);
  known.push_back(set_bool("keyed", spec->keyed));
  known.push_back({"min_doc_count", Takes::kNumber, [&](const Node& value) -> Status {
                     const auto count = value.to_int();
                     if (!count || *count < 0) {
                       return Error(error_types::kIllegalArgument,
                                    "[minDocCount] must be greater than or equal to 0. Found [" +
                                        value.to_text() + "] in [" + std::string(parse.name) + "]");
                     }
                     spec->min_doc_count = static_cast<uint64_t>(*count);
                     return {};
                   }});
  known.push_back({"order", Takes::kObjectOrArray, [&](const Node& value) -> Status {
                     ASSIGN_OR_RETURN(spec->order, BucketOrder::parse(value));
                     return {};
                   }});
  known.push_back(bounds_option("extended_bounds", spec->extended_bounds));
  known.push_back(bounds_option("hard_bounds", spec->hard_bounds));
  std::optional<index::CalendarUnit> unit;
  std::optional<int64_t> fixed_ms;
  const auto clash = [](std::string_view one, std::string_view other) {
    return Error(error_types::kIllegalArgument, "Cannot use [" + std::string(one) + "] with [" +
                                                    std::string(other) + "] configuration option.");
  };
  if (spec->dates) {
    known.push_back(set_text("time_zone", spec->options.time_zone));
    known.push_back(set_text("offset", offset_text));
    known.push_back({"calendar_interval", Takes::kString, [&](const Node& value) -> Status {
                       if (fixed) return clash("calendar_interval", "fixed_interval");
                       if (legacy) return clash("calendar_interval", "interval");
                       calendar = value.to_text();
                       ASSIGN_OR_RETURN(unit, index::Rounding::parse_calendar_interval(*calendar));
                       return {};
                     }});
    known.push_back({"fixed_interval", Takes::kString, [&](const Node& value) -> Status {
                       if (calendar) return clash("fixed_interval", "calendar_interval");
                       if (legacy) return clash("fixed_interval", "interval");
                       fixed = value.to_text();
                       ASSIGN_OR_RETURN(fixed_ms, index::Rounding::parse_fixed_interval(*fixed));
                       return {};
                     }});
    known.push_back({"interval", Takes::kScalar, [&](const Node& value) -> Status {
                       if (calendar) return clash("interval", "calendar_interval");
                       if (fixed) return clash("interval", "fixed_interval");
                       legacy = value.to_text();
                       if (value.is_number()) {
                         fixed_ms = value.to_int();
                       } else if (index::Rounding::is_calendar_interval(*legacy)) {
                         ASSIGN_OR_RETURN(unit, index::Rounding::parse_calendar_interval(*legacy));
                       } else {
                         ASSIGN_OR_RETURN(fixed_ms, index::Rounding::parse_fixed_interval(*legacy));
                       }
                       return {};
                     }});
  } else {
    known.push_back(set_number("interval", interval));
    known.push_back(set_number("offset", offset));
  }
  RETURN_IF_ERROR(read_options(options, parse.type, known));
  RETURN_IF_ERROR(spec->options.require_field());
  if (!spec->dates) {
    if (!interval || *interval <= 0) {
      return Error(
          error_types::kIllegalArgument,
          "[interval] must be >0 for histogram aggregation [" + std::string(parse.name) + "]");
    }
    spec->interval = *interval;
    spec->offset = offset.value_or(0);
    return AggSpecPtr(std::move(spec));
  }
  if (!unit && !fixed_ms)
    return AggSpecPtr(std::move(spec));  // a shard refuses it, as Elasticsearch's do
  index::TimeZone zone;
  if (spec->options.time_zone) {
    ASSIGN_OR_RETURN(zone, index::TimeZone::make(*spec->options.time_zone));
  }
  int64_t offset_ms = 0;
  if (offset_text) {
    ASSIGN_OR_RETURN(offset_ms, index::Rounding::parse_offset(*offset_text));
  }
  if (!unit && *fixed_ms <= 0) {
    return Error(error_types::kIllegalArgument, "Zero or negative time interval not supported");
  }
  spec->rounding = unit ? index::Rounding::calendar(*unit, zone, offset_ms)
                        : index::Rounding::fixed(*fixed_ms, zone, offset_ms);
  return AggSpecPtr(std::move(spec));
}

}  // namespace stratalog::query
