// percentiles and percentile_ranks by t-digest. Doc pages "Percentiles aggregation", "Percentile
// ranks aggregation".
#include <algorithm>
#include <cmath>

#include "query/agg/kinds.h"
#include "query/agg/tdigest.h"
#include "query/agg/values.h"

namespace stratalog::query {

namespace {

struct DigestResult final : AggResult {
  TDigest digest;
  std::optional<ValueFormat> format;
  void merge(AggResult& other_result) override {
    auto& other = static_cast<DigestResult&>(other_result);
    digest.merge(other.digest);
    if (!format || format->raw()) format = other.format;
  }
};

class DigestAggregator final : public Aggregator {
 public:
  DigestAggregator(NumericValues values, ValueFormat format, double compression)
      : values_(std::move(values)), format_(std::move(format)), compression_(compression) {}
  void begin_segment(const SegmentContext& segment) override { values_.begin_segment(segment); }
  void collect(const SegmentContext&, const OwnedRows& rows) override {
    const index::NumericBatch& batch = values_.gather(rows.rows);
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      const uint32_t owner = rows.owner(i);
      while (owner >= digests_.size()) digests_.emplace_back(compression_);
      for (uint32_t v = batch.begin(i); v < batch.end(i); ++v) {
        digests_[owner].add(values_.to_double(batch.values[v]));
      }
    }
  }
  AggResultPtr result(uint32_t owner) override {
    auto out = std::make_unique<DigestResult>();
    out->digest = owner < digests_.size() ? std::move(digests_[owner]) : TDigest(compression_);
    out->format = format_;
    return out;
  }

 private:
  NumericValues values_;
  ValueFormat format_;
  double compression_;
  std::vector<TDigest> digests_;
};

class PercentilesSpec final : public AggSpec {
 public:
  Result<std::unique_ptr<Aggregator>> start(const IndexContext& index) const override {
    ASSIGN_OR_RETURN(NumericValues values, NumericValues::make(index, options, type));
    ASSIGN_OR_RETURN(ValueFormat format, ValueFormat::make(values.field(), options.format, {}));
    return std::unique_ptr<Aggregator>(
        std::make_unique<DigestAggregator>(std::move(values), std::move(format), compression));
  }
  AggResultPtr empty() const override { return std::make_unique<DigestResult>(); }
  std::string_view type_name(const AggResult&) const override {
    return ranks ? "tdigest_percentile_ranks" : "tdigest_percentiles";
  }
  void render(const AggResult& result, json::Writer& out, const RenderOptions&) const override {
    auto digest = static_cast<const DigestResult&>(result).digest;  // a quantile puts it in order
    const auto& format = static_cast<const DigestResult&>(result).format;
    out.key("values");
    keyed ? out.begin_object() : out.begin_array();
    for (const double at : points) {
      const double value = ranks ? digest.cdf(at) * 100 : digest.quantile(at / 100);
      std::string key;
      json::append_double(key, at);
      if (!keyed) out.begin_object().field("key", at);
      out.key(keyed ? key : "value");
      std::isnan(value) ? out.null() : out.number(value);
      if (!std::isnan(value) && format && !format->raw()) {
        out.field(keyed ? key + "_as_string" : "value_as_string", format->print(value));
      }
      if (!keyed) out.end_object();
    }
    keyed ? out.end_object() : out.end_array();
  }
  Result<double> metric(const AggResult& result, std::string_view property) const override {
    auto digest = static_cast<const DigestResult&>(result).digest;
    const json::Value text{std::string(property)};
    const auto at = text.to_double();
    if (!at) return AggSpec::metric(result, property);
    return ranks ? digest.cdf(*at) * 100 : digest.quantile(*at / 100);
  }

  ValueOptions options;
  bool ranks = false;
  bool keyed = true;
  double compression = 100;
  std::vector<double> points{1, 5, 25, 50, 75, 95, 99};
};

Result<std::vector<double>> read_points(const Node& array) {
  std::vector<double> points;
  for (const Node& element : array.elements()) {
    const auto number = element.to_double();
    if (!number)
      return Error(error_types::kNumberFormat, "For input string: \"" + element.to_text() + "\"");
    points.push_back(*number);
  }
  std::sort(points.begin(), points.end());
  return points;
}

}  // namespace

Result<AggSpecPtr> parse_percentiles(const Node& options, const AggParse& parse) {
  auto spec = std::make_unique<PercentilesSpec>();
  spec->ranks = parse.type == "percentile_ranks";
  std::vector<Option> known;
  spec->options.add_to(known);
  known.push_back(set_bool("keyed", spec->keyed));
  bool given = false;
  known.push_back(
      {spec->ranks ? "values" : "percents", Takes::kArray, [&](const Node& value) -> Status {
         ASSIGN_OR_RETURN(spec->points, read_points(value));
         given = true;
         return {};
       }});
  known.push_back({"tdigest", Takes::kObject, [&](const Node& value) -> Status {
                     std::optional<double> compression;
                     const std::vector<Option> inner{set_number("compression", compression)};
                     RETURN_IF_ERROR(read_options(value, "tdigest", inner));
                     if (compression) spec->compression = *compression;
                     return {};
                   }});
  known.push_back({"hdr", Takes::kObject, [](const Node&) -> Status {
                     return Error(error_types::kIllegalArgument,
                                  "percentiles by [hdr] are not supported; use [tdigest]");
                   }});
  RETURN_IF_ERROR(read_options(options, parse.type, known));
  RETURN_IF_ERROR(spec->options.require_field());
  const auto failed = [&](std::string why) {
    return Error(error_types::kXContentParse, "Failed to build [" + std::string(parse.type) +
                                                  "] after last required field arrived")
        .because(Error(error_types::kIllegalArgument, std::move(why)));
  };
  if (spec->ranks && !given) {
    return Error(error_types::kIllegalArgument, "Required [values]");
  }
  for (const double point : spec->points) {
    if (spec->ranks || (point >= 0 && point <= 100)) continue;
    return failed("percent must be in [0,100], got [" + json::to_string(json::Value(point)) +
                  "]: [" + std::string(parse.name) + "]");
  }
  if (spec->points.empty())
    return failed("[percents] must not be empty: [" + std::string(parse.name) + "]");
  if (!(spec->compression >= 0)) {
    return failed("[compression] must be greater than or equal to 0. Found [" +
                  json::to_string(json::Value(spec->compression)) + "] in [" +
                  std::string(parse.name) + "]");
  }
  return AggSpecPtr(std::move(spec));
}

}  // namespace stratalog::query
