// avg_bucket, max_bucket, min_bucket, sum_bucket, stats_bucket, percentiles_bucket.
#include <algorithm>
#include <cmath>
#include <limits>

#include "query/agg/pipeline_spec.h"

namespace stratalog::query {

namespace {

class BucketMetric final : public SiblingPipeline {
 public:
  Status parse(const Node& options, const AggParse& where) {
    std::vector<Option> more;
    if (where.type == "percentiles_bucket") {
      more.push_back({"percents", Takes::kArray, [&](const Node& value) -> Status {
                        percents_.clear();
                        for (const Node& one : value.elements()) {
                          const auto percent = one.to_double();
                          if (!percent || *percent < 0 || *percent > 100) {
                            return Error(error_types::kIllegalArgument,
                                         "[percents] must only contain non-null doubles from "
                                         "0.0-100.0 inclusive");
                          }
                          percents_.push_back(*percent);
                        }
                        return {};
                      }});
      more.push_back({"keyed", Takes::kBool, [](const Node& value) -> Status {
                        if (value.to_bool().value_or(false)) return {};
                        return parsing_error(value.start(),
                                             "[percentiles_bucket] is always keyed here");
                      }});
    }
    return read(options, where, std::move(more));
  }

  std::string_view type_name(const AggResult&) const override {
    if (type == "max_bucket" || type == "min_bucket") return "bucket_metric_value";
    if (type == "stats_bucket" || type == "percentiles_bucket") return type;
    return "simple_value";
  }

  Status run(const std::vector<AggSpecPtr>& specs, ChildResults& results,
             size_t at) const override {
    const size_t cut = path().find('>');
    const std::string_view first = std::string_view(path()).substr(0, cut);
    const std::string_view rest =
        cut == std::string::npos ? "_count" : std::string_view(path()).substr(cut + 1);
    auto& out = static_cast<PipelineResult&>(*results[at]);
    for (size_t i = 0; i < specs.size(); ++i) {
      if (specs[i]->name != first) continue;
      const auto buckets = specs[i]->buckets(*results[i]);
      if (!buckets) {
        return Error(error_types::kIllegalArgument,
                     "The first aggregation in [buckets_path] must be a multi-bucket aggregation "
                     "for aggregation [" +
                         name + "] found :[" + specs[i]->type + "] for buckets path: " + path());
      }
      std::vector<double> values;
      std::vector<const std::string*> keys;
      for (const BucketView& bucket : *buckets) {
        ASSIGN_OR_RETURN(const double value, bucket_number(*specs[i], bucket, rest, gap_policy_));
        if (std::isnan(value)) continue;
        values.push_back(value);
        keys.push_back(&bucket.key_text);
      }
      out.given = true;
      compute(values, keys, out);
      return {};
    }
    return Error(error_types::kIllegalArgument, "No aggregation found for path [" + path() + "]");
  }

  void render(const AggResult& result, json::Writer& out,
              const RenderOptions& options) const override {
    const auto& made = static_cast<const PipelineResult&>(result);
    if (type == "stats_bucket") {
      out.field("count", static_cast<uint64_t>(made.value));
      for (const auto& [member, value] : made.members) write_number(out, member, value);
      return;
    }
    if (type == "percentiles_bucket") {
      out.key("values").begin_object();
      for (const auto& [member, value] : made.members) write_number(out, member, value);
      out.end_object();
      return;
    }
    PipelineSpec::render(result, out, options);
    if (type == "max_bucket" || type == "min_bucket") {
      out.key("keys").begin_array();
      for (const std::string& key : made.keys) out.string(key);
      out.end_array();
    }
  }

 private:
  void compute(std::vector<double>& values, const std::vector<const std::string*>& keys,
               PipelineResult& out) const {
    const auto count = static_cast<double>(values.size());
    double sum = 0;
    double least = std::numeric_limits<double>::infinity(), greatest = -least;
    for (const double value : values) {
      sum += value;
      least = std::min(least, value);
      greatest = std::max(greatest, value);
    }
    const double average = values.empty() ? std::nan("") : sum / count;
    if (type == "sum_bucket") {
      out.value = sum;
    } else if (type == "avg_bucket") {
      out.value = average;
    } else if (type == "stats_bucket") {
      out.value = count;
      out.members = {{"min", least}, {"max", greatest}, {"avg", average}, {"sum", sum}};
    } else if (type == "percentiles_bucket") {
      std::sort(values.begin(), values.end());
      for (const double percent : percents_) {
        std::string label;
        json::append_double(label, percent);
        const double place = values.empty() ? 0 : std::floor(percent / 100 * (count - 1) + 0.5);
        out.members.emplace_back(
            label, values.empty() ? std::nan("") : values[static_cast<size_t>(place)]);
      }
    } else {
      out.value = type == "max_bucket" ? greatest : least;
      for (size_t i = 0; i < values.size(); ++i) {
        if (values[i] == out.value) out.keys.push_back(*keys[i]);
      }
    }
  }

  std::vector<double> percents_ = {1, 5, 25, 50, 75, 95, 99};
};

}  // namespace

Result<AggSpecPtr> parse_sibling_pipeline(const Node& options, const AggParse& parse) {
  auto spec = std::make_unique<BucketMetric>();
  RETURN_IF_ERROR(spec->parse(options, parse));
  return AggSpecPtr(std::move(spec));
}

}  // namespace stratalog::query
