// min, max, avg, sum, stats, extended_stats: one accumulator for all. Sums are Kahan's, as
// Elasticsearch's CompensatedSum, so that the digits agree. Doc pages "Min aggregation" ...
// "Extended stats aggregation".
#include <algorithm>
#include <cmath>
#include <limits>

#include "query/agg/kinds.h"
#include "query/agg/values.h"

namespace stratalog::query {

namespace {

// Kahan's summation with Elasticsearch's treatment of infinities (CompensatedSum).
struct CompensatedSum {
  double value = 0;
  double delta = 0;
  void add(double v) {
    if (!std::isfinite(v)) {
      value += v;
      return;
    }
    if (!std::isfinite(value)) return;
    const double corrected = v + delta;
    const double next = value + corrected;
    delta = corrected - (next - value);
    value = next;
  }
};

struct StatsResult final : AggResult {
  uint64_t count = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  CompensatedSum sum;
  CompensatedSum squares;
  std::optional<ValueFormat> format;  // of the first index that has the field

  void add(double v) {
    ++count;
    min = std::min(min, v);
    max = std::max(max, v);
    sum.add(v);
    squares.add(v * v);
  }
  void merge(AggResult& other_result) override {
    auto& other = static_cast<StatsResult&>(other_result);
    count += other.count;
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    sum.add(other.sum.value);
    squares.add(other.squares.value);
    if (!format || format->raw()) format = other.format;
  }
  double avg() const { return sum.value / static_cast<double>(count); }
};

enum class Metric : uint8_t { kMin, kMax, kAvg, kSum, kStats, kExtendedStats };

class StatsAggregator final : public Aggregator {
 public:
  StatsAggregator(NumericValues values, ValueFormat format)
      : values_(std::move(values)), format_(std::move(format)) {}

  void begin_segment(const SegmentContext& segment) override { values_.begin_segment(segment); }
  void collect(const SegmentContext&, const OwnedRows& rows) override {
    const index::NumericBatch& batch = values_.gather(rows.rows);
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      if (batch.begin(i) == batch.end(i)) continue;
      StatsResult& stats = of(rows.owner(i));
      for (uint32_t v = batch.begin(i); v < batch.end(i); ++v)
        stats.add(values_.to_double(batch.values[v]));
    }
  }
  AggResultPtr result(uint32_t owner) override {
    auto out = std::make_unique<StatsResult>();
    if (owner < stats_.size()) *out = stats_[owner];
    out->format = format_;
    return out;
  }

 private:
  StatsResult& of(uint32_t owner) {
    if (owner >= stats_.size()) stats_.resize(owner + 1);
    return stats_[owner];
  }
  NumericValues values_;
  ValueFormat format_;
  std::vector<StatsResult> stats_;
};

class StatsSpec final : public AggSpec {
 public:
  Result<std::unique_ptr<Aggregator>> start(const IndexContext& index) const override {
    ASSIGN_OR_RETURN(NumericValues values, NumericValues::make(index, options, type));
    ASSIGN_OR_RETURN(ValueFormat format, ValueFormat::make(values.field(), options.format, {}));
    return std::unique_ptr<Aggregator>(
        std::make_unique<StatsAggregator>(std::move(values), std::move(format)));
  }
  AggResultPtr empty() const override { return std::make_unique<StatsResult>(); }
  std::string_view type_name(const AggResult&) const override { return type; }

  void render(const AggResult& result, json::Writer& out, const RenderOptions&) const override {
    const auto& stats = static_cast<const StatsResult&>(result);
    switch (metric_kind) {
      case Metric::kMin:
        return render_value(stats, stats.min, stats.count > 0, out);
      case Metric::kMax:
        return render_value(stats, stats.max, stats.count > 0, out);
      case Metric::kAvg:
        return render_value(stats, stats.avg(), stats.count > 0, out);
      case Metric::kSum:
        return render_value(stats, stats.sum.value, true, out);
      case Metric::kStats:
        return render_stats(stats, out);
      case Metric::kExtendedStats:
        render_stats(stats, out);
        return render_extended(stats, out);
    }
  }
  Result<double> metric(const AggResult& result, std::string_view property) const override {
    const auto& stats = static_cast<const StatsResult&>(result);
    switch (metric_kind) {
      case Metric::kMin:
        return stats.min;
      case Metric::kMax:
        return stats.max;
      case Metric::kAvg:
        return stats.count == 0 ? std::nan("") : stats.avg();
      case Metric::kSum:
        return stats.sum.value;
      default:
        break;
    }
    if (property == "count") return static_cast<double>(stats.count);
    if (property == "min") return stats.min;
    if (property == "max") return stats.max;
    if (property == "avg") return stats.count == 0 ? std::nan("") : stats.avg();
    if (property == "sum") return stats.sum.value;
    if (metric_kind == Metric::kExtendedStats) {
      if (property == "sum_of_squares") return stats.squares.value;
      if (property == "variance" || property == "variance_population") return variance(stats, 0);
      if (property == "variance_sampling") return variance(stats, 1);
      if (property == "std_deviation" || property == "std_deviation_population")
        return std::sqrt(variance(stats, 0));
      if (property == "std_deviation_sampling") return std::sqrt(variance(stats, 1));
    }
    return Error(
        error_types::kIllegalArgument,
        property.empty()
            ? "Invalid aggregation order path [" + name +
                  "]. When ordering on a multi-value metrics aggregation a metric name must be "
                  "specified"
            : "Invalid aggregation order path [" + name + "." + std::string(property) +
                  "]. Unknown metric name [" + std::string(property) +
                  "] on multi-value metrics aggregation [" + name + "]");
  }

  ValueOptions options;
  Metric metric_kind = Metric::kStats;
  double sigma = 2;

 private:
  static void render_value(const StatsResult& stats, double value, bool any, json::Writer& out) {
    if (!any) {
      out.key("value").null();
      return;
    }
    out.field("value", value);
    if (stats.format && !stats.format->raw())
      out.field("value_as_string", stats.format->print(value));
  }
  static void render_stats(const StatsResult& stats, json::Writer& out) {
    out.field("count", stats.count);
    if (stats.count == 0) {
      out.key("min").null().key("max").null().key("avg").null().field("sum", 0.0);
      return;
    }
    out.field("min", stats.min)
        .field("max", stats.max)
        .field("avg", stats.avg())
        .field("sum", stats.sum.value);
    if (!stats.format || stats.format->raw()) return;
    out.field("min_as_string", stats.format->print(stats.min))
        .field("max_as_string", stats.format->print(stats.max));
    out.field("avg_as_string", stats.format->print(stats.avg()));
    out.field("sum_as_string", stats.format->print(stats.sum.value));
  }
  static double variance(const StatsResult& stats, uint64_t less) {
    const double n = static_cast<double>(stats.count);
    const double spread = (stats.squares.value - (stats.sum.value * stats.sum.value) / n) /
                          (n - static_cast<double>(less));
    return spread < 0 ? 0 : spread;
  }
  void render_extended(const StatsResult& stats, json::Writer& out) const {
    const auto number = [&](std::string_view key, double v) {
      if (stats.count == 0) {
        out.key(key).null();
      } else {
        out.field(key, v);
      }
    };
    const double population = variance(stats, 0), sampling = variance(stats, 1);
    const double deviation = std::sqrt(population), deviation_sampling = std::sqrt(sampling);
    number("sum_of_squares", stats.squares.value);
    number("variance", population);
    number("variance_population", population);
    number("variance_sampling", sampling);
    number("std_deviation", deviation);
    number("std_deviation_population", deviation);
    number("std_deviation_sampling", deviation_sampling);
    out.key("std_deviation_bounds").begin_object();
    number("upper", stats.avg() + deviation * sigma);
    number("lower", stats.avg() - deviation * sigma);
    number("upper_population", stats.avg() + deviation * sigma);
    number("lower_population", stats.avg() - deviation * sigma);
    number("upper_sampling", stats.avg() + deviation_sampling * sigma);
    number("lower_sampling", stats.avg() - deviation_sampling * sigma);
    out.end_object();
    if (stats.count == 0 || !stats.format || stats.format->raw()) return;
    out.field("sum_of_squares_as_string", stats.format->print(stats.squares.value));
    out.field("variance_as_string", stats.format->print(population));
    out.field("std_deviation_as_string", stats.format->print(deviation));
  }
};

}  // namespace

Result<AggSpecPtr> parse_stats_agg(const Node& options, const AggParse& parse) {
  auto spec = std::make_unique<StatsSpec>();
  spec->metric_kind = parse.type == "min"     ? Metric::kMin
                      : parse.type == "max"   ? Metric::kMax
                      : parse.type == "avg"   ? Metric::kAvg
                      : parse.type == "sum"   ? Metric::kSum
                      : parse.type == "stats" ? Metric::kStats
                                              : Metric::kExtendedStats;
  std::vector<Option> known;
  spec->options.add_to(known);
  std::optional<double> sigma;
  if (spec->metric_kind == Metric::kExtendedStats) known.push_back(set_number("sigma", sigma));
  RETURN_IF_ERROR(read_options(options, parse.type, known));
  RETURN_IF_ERROR(spec->options.require_field());
  if (sigma && *sigma < 0) {
    return Error(error_types::kIllegalArgument,
                 "[sigma] must be greater than or equal to 0. Found [" +
                     json::to_string(json::Value(*sigma)) + "] in [" + std::string(parse.name) +
                     "]");
  }
  spec->sigma = sigma.value_or(2);
  return AggSpecPtr(std::move(spec));
}

}  // namespace stratalog::query
