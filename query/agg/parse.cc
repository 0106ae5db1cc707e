// The "aggs" object, and the request's aggregations as the search runs them.
#include <algorithm>
#include <map>

#include "query/agg/kinds.h"
#include "query/agg/pipeline.h"
#include "query/exec/aggregation.h"

namespace stratalog::query {

namespace {

const std::map<std::string_view, AggParser>& parsers() {
  static const std::map<std::string_view, AggParser> all{
      {"avg", parse_stats_agg},
      {"cardinality", parse_cardinality},
      {"date_histogram", parse_histogram},
      {"date_range", parse_range},
      {"extended_stats", parse_stats_agg},
      {"filter", parse_filter},
      {"filters", parse_filters},
      {"histogram", parse_histogram},
      {"max", parse_stats_agg},
      {"min", parse_stats_agg},
      {"missing", parse_missing},
      {"percentile_ranks", parse_percentiles},
      {"percentiles", parse_percentiles},
      {"range", parse_range},
      {"stats", parse_stats_agg},
      {"sum", parse_stats_agg},
      {"terms", parse_terms},
      {"avg_bucket", parse_sibling_pipeline},
      {"bucket_script", parse_parent_pipeline},
      {"bucket_selector", parse_parent_pipeline},
      {"bucket_sort", parse_parent_pipeline},
      {"cumulative_sum", parse_parent_pipeline},
      {"derivative", parse_parent_pipeline},
      {"max_bucket", parse_sibling_pipeline},
      {"min_bucket", parse_sibling_pipeline},
      {"moving_fn", parse_parent_pipeline},
      {"percentiles_bucket", parse_sibling_pipeline},
      {"scripted_metric", parse_scripted_metric},
      {"serial_diff", parse_parent_pipeline},
      {"stats_bucket", parse_sibling_pipeline},
      {"sum_bucket", parse_sibling_pipeline},
      {"value_count", parse_value_count},
  };
  return all;
}

Error validation_failed(const AggSpec& spec, const std::string& problem) {
  return Error(
      error_types::kActionRequestValidation,
      "Validation Failed: 1: " + spec.type + " aggregation [" + spec.name + "] " + problem + ";");
}

Result<AggSpecPtr> parse_one(const NodeMember& definition, ParseContext& context) {
  const std::string& name = definition.key;
  if (name.empty() || name.find_first_of("[]>") != std::string::npos) {
    return parsing_error(
        definition.at,
        "Invalid aggregation name [" + name +
            "]. Aggregation names can contain any character except '[', ']', and '>'");
  }
  if (!definition.value.is_object()) {
    return parsing_error(definition.value.start(),
                         "Aggregation definition for [" + name + " starts with a [" +
                             definition.value.token_name() + "], expected a [START_OBJECT].");
  }
  AggSpecPtr spec;
  std::optional<json::Value> meta;
  std::vector<AggSpecPtr> children;
  for (const NodeMember& member : definition.value.members()) {
    if (!member.value.is_object()) {
      return parsing_error(member.value.start(), "Expected [START_OBJECT] under [" + member.key +
                                                     "], but got a [" + member.value.token_name() +
                                                     "] in [" + name + "]");
    }
    if (member.key == "meta") {
      meta = member.value.to_value();
      continue;
    }
    if (member.key == "aggs" || member.key == "aggregations") {
      if (!children.empty()) {
        return parsing_error(member.value.start(),
                             "Found two sub aggregation definitions under [" + name + "]");
      }
      ASSIGN_OR_RETURN(children, parse_agg_specs(member.value, context));
      continue;
    }
    if (spec != nullptr) {
      return parsing_error(member.value.start(), "Found two aggregation type definitions in [" +
                                                     name + "]: [" + spec->type + "] and [" +
                                                     member.key + "]");
    }
    const auto parser = parsers().find(member.key);
    if (parser == parsers().end()) {
      return parsing_error(member.value.start(), "Unknown aggregation type [" + member.key + "]")
          .because(Error({"named_object_not_found_exception", 400},
                         at_text(member.value.start()) + " unknown field [" + member.key + "]"));
    }
    ASSIGN_OR_RETURN(spec, parser->second(member.value, AggParse{name, member.key, context}));
    spec->type = member.key;
  }
  if (spec == nullptr) {
    return parsing_error(definition.value.end(),
                         "Missing definition for aggregation [" + name + "]");
  }
  if (!children.empty() && !spec->takes_children()) {
    return Error(
        {"aggregation_initialization_exception", 500},
        "Aggregator [" + name + "] of type [" + spec->type + "] cannot accept sub-aggregations");
  }
  if (has_parent_pipelines(children) && !spec->takes_parent_pipelines()) {
    return validation_failed(*children[0],
                             "must have a histogram, date_histogram or terms as parent");
  }
  spec->name = name;
  spec->meta = std::move(meta);
  spec->children = std::move(children);
  return spec;
}

class RunningAggregations final : public IndexAggregation {
 public:
  explicit RunningAggregations(std::vector<std::unique_ptr<Aggregator>> roots)
      : roots_(std::move(roots)) {}
  void begin_segment(const SegmentContext& segment) override {
    for (const auto& root : roots_) root->begin_segment(segment);
  }
  void collect(const SegmentContext& segment, std::span<const index::RowId> rows,
               std::span<const float>) override {
    for (const auto& root : roots_) root->collect(segment, {rows, {}});
  }
  void collect_bits(const SegmentContext& segment, index::RowId begin, index::RowId end,
                    std::span<const uint64_t> bits) override {
    for (const auto& root : roots_) root->collect_bits(segment, begin, end, bits);
  }
  void collect_interval(const SegmentContext& segment, index::RowRange rows) override {
    for (const auto& root : roots_) root->collect_interval(segment, rows);
  }
  void end_segment(const SegmentContext& segment) override {
    for (const auto& root : roots_) root->end_segment(segment);
  }
  AggResultPtr result(size_t i) const { return roots_[i]->result(0); }

 private:
  std::vector<std::unique_ptr<Aggregator>> roots_;
};

class ParsedAggregations final : public AggregationRequest {
 public:
  explicit ParsedAggregations(std::vector<AggSpecPtr> specs) : specs_(std::move(specs)) {}
  Result<std::unique_ptr<IndexAggregation>> start(const IndexContext& index) const override {
    std::vector<std::unique_ptr<Aggregator>> roots;
    for (const AggSpecPtr& spec : specs_) {
      ASSIGN_OR_RETURN(auto root, spec->start(index));
      roots.push_back(std::move(root));
    }
    return std::unique_ptr<IndexAggregation>(
        std::make_unique<RunningAggregations>(std::move(roots)));
  }
  Status finish(std::span<const std::unique_ptr<IndexAggregation>> parts, RequestContext& request,
                bool typed_keys, std::string& out) const override {
    FinishContext context{request};
    const RenderOptions options{typed_keys};
    ChildResults results;
    for (size_t i = 0; i < specs_.size(); ++i) {
      AggResultPtr merged;
      for (const auto& part : parts) {
        AggResultPtr result = static_cast<const RunningAggregations&>(*part).result(i);
        if (merged == nullptr) {
          merged = std::move(result);
        } else {
          merged->merge(*result);
        }
      }
      if (merged == nullptr) merged = specs_[i]->empty();
      RETURN_IF_ERROR(specs_[i]->finish(*merged, context));
      results.push_back(std::move(merged));
    }
    RETURN_IF_ERROR(run_sibling_pipelines(specs_, results));
    json::Writer writer(out);
    writer.begin_object();
    for (size_t i = 0; i < specs_.size(); ++i) {
      const AggSpec& spec = *specs_[i];
      const AggResult& result = *results[i];
      if (!spec.shown(result)) continue;
      writer.key(typed_keys ? std::string(spec.type_name(result)) + "#" + spec.name : spec.name)
          .begin_object();
      if (spec.meta) writer.field("meta", *spec.meta);
      spec.render(result, writer, options);
      writer.end_object();
    }
    writer.end_object();
    return {};
  }

 private:
  std::vector<AggSpecPtr> specs_;
};

}  // namespace

Result<std::vector<AggSpecPtr>> parse_agg_specs(const Node& aggs, ParseContext& context) {
  std::vector<AggSpecPtr> specs;
  for (const NodeMember& definition : aggs.members()) {
    ASSIGN_OR_RETURN(AggSpecPtr spec, parse_one(definition, context));
    specs.push_back(std::move(spec));
  }
  if (auto problem = check_pipelines(specs)) return std::move(*problem);
  return specs;
}

Result<std::shared_ptr<const AggregationRequest>> parse_aggregations(const Node& aggs,
                                                                     ParseContext& context) {
  ASSIGN_OR_RETURN(auto specs, parse_agg_specs(aggs, context));
  for (const AggSpecPtr& spec : specs) {
    if (spec->stage() == AggSpec::Stage::kParent)
      return validation_failed(*spec, "must be declared inside of another aggregation");
  }
  return std::shared_ptr<const AggregationRequest>(
      std::make_shared<ParsedAggregations>(std::move(specs)));
}

}  // namespace stratalog::query
