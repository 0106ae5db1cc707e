#include "query/agg/pipeline.h"

#include <algorithm>
#include <cmath>

#include "query/agg/pipeline_spec.h"

namespace stratalog::query {

namespace {

class NoRows final : public Aggregator {
 public:
  void collect(const SegmentContext&, const OwnedRows&) override {}
  void collect_bits(const SegmentContext&, index::RowId, index::RowId,
                    std::span<const uint64_t>) override {}
  void collect_interval(const SegmentContext&, index::RowRange) override {}
  AggResultPtr result(uint32_t) override { return std::make_unique<PipelineResult>(); }
};

Error no_aggregation(std::string_view path) {
  return Error(error_types::kIllegalArgument,
               "No aggregation found for path [" + std::string(path) + "]");
}

// The child that a path begins with; the rest of the path, and the property after its name.
struct Step {
  std::string_view name, property, rest;
};
Step first_step(std::string_view path) {
  Step step;
  const size_t end = path.find('>');
  std::string_view head = path.substr(0, end);
  if (end != std::string_view::npos) step.rest = path.substr(end + 1);
  const size_t bracket = head.find('[');
  const size_t dot = head.find('.');
  if (bracket != std::string_view::npos && bracket < dot && head.ends_with(']')) {
    step.name = head.substr(0, bracket);
    step.property = head.substr(bracket + 1, head.size() - bracket - 2);
    while (!step.property.empty() && (step.property[0] == '\'' || step.property[0] == '"')) {
      step.property.remove_prefix(1);
      if (!step.property.empty()) step.property.remove_suffix(1);
    }
  } else {
    step.name = head.substr(0, dot);
    if (dot != std::string_view::npos) step.property = head.substr(dot + 1);
  }
  return step;
}

Result<double> number_at(const std::vector<AggSpecPtr>& specs, const ChildResults& results,
                         uint64_t count, std::string_view path) {
  if (path == "_count") return static_cast<double>(count);
  // A name may itself hold dots: the whole is tried first.
  for (size_t i = 0; i < specs.size(); ++i) {
    if (specs[i]->name == path && specs[i]->shown(*results[i]))
      return specs[i]->metric(*results[i], "");
  }
  const Step step = first_step(path);
  for (size_t i = 0; i < specs.size(); ++i) {
    const AggSpec& child = *specs[i];
    if (child.name != step.name) continue;
    if (!child.shown(*results[i])) return std::nan("");
    if (step.rest.empty()) {
      if (step.property == "_count" || step.property == "doc_count") {
        if (const auto inside = child.single_bucket(*results[i]))
          return static_cast<double>(inside->count);
      }
      return child.metric(*results[i], step.property);
    }
    const auto inside = child.single_bucket(*results[i]);
    if (!inside) {
      return Error(error_types::kIllegalArgument,
                   "buckets_path must reference either a number value or a single value numeric "
                   "metric aggregation, got: [" +
                       child.type + "] at aggregation [" + child.name + "]");
    }
    return number_at(child.children, *inside->children, inside->count, step.rest);
  }
  return no_aggregation(path);
}

// Those that others are computed from go first.
Result<std::vector<size_t>> pipeline_order(const std::vector<AggSpecPtr>& specs,
                                           AggSpec::Stage stage) {
  std::vector<size_t> order;
  std::vector<int> state(specs.size());  // 1: being looked at, 2: placed
  const std::function<Status(size_t)> place = [&](size_t i) -> Status {
    if (state[i] == 2) return {};
    if (state[i] == 1) {
      return Error(error_types::kIllegalArgument,
                   "Cyclical dependency found with aggregator [" + specs[i]->name + "]");
    }
    state[i] = 1;
    for (const auto& [name, path] : static_cast<const PipelineSpec&>(*specs[i]).paths()) {
      for (size_t other = 0; other < specs.size(); ++other) {
        if (specs[other]->stage() == stage &&
            (specs[other]->name == first_step(path).name || specs[other]->name == path))
          RETURN_IF_ERROR(place(other));
      }
    }
    state[i] = 2;
    order.push_back(i);
    return {};
  };
  for (size_t i = 0; i < specs.size(); ++i) {
    if (specs[i]->stage() == stage) RETURN_IF_ERROR(place(i));
  }
  return order;
}

}  // namespace

Result<std::unique_ptr<Aggregator>> PipelineSpec::start(const IndexContext&) const {
  return std::unique_ptr<Aggregator>(std::make_unique<NoRows>());
}

void PipelineSpec::write_number(json::Writer& out, std::string_view member, double value) const {
  out.key(member);
  if (std::isfinite(value)) {
    out.number(value);
  } else {
    out.null();
  }
  if (format_ && std::isfinite(value))
    out.field(std::string(member) + "_as_string", format_decimal(*format_, value));
}

void PipelineSpec::render(const AggResult& result, json::Writer& out, const RenderOptions&) const {
  write_number(out, "value", static_cast<const PipelineResult&>(result).value);
}

Result<double> PipelineSpec::metric(const AggResult& result, std::string_view property) const {
  const auto& made = static_cast<const PipelineResult&>(result);
  if (!made.given) return std::nan("");
  if (property.empty() || property == "value") return made.value;
  for (const auto& [member, value] : made.members) {
    if (member == property) return value;
  }
  return no_aggregation(name + "." + std::string(property));
}

Status PipelineSpec::read(const Node& options, const AggParse& parse, std::vector<Option> more) {
  const auto& where = parse;
  more.push_back({"buckets_path", Takes::kAny, [&](const Node& value) -> Status {
                    if (value.is_object() && named_paths_) {
                      for (const NodeMember& member : value.members())
                        paths_[member.key] = member.value.text();
                      return {};
                    }
                    const Node* one = &value;
                    if (value.is_array() && value.size() == 1) one = &value.elements()[0];
                    if (!one->is_string()) {
                      return parsing_error(
                          value.start(),
                          "[buckets_path] of [" + std::string(where.name) + "] must be a path");
                    }
                    paths_[named_paths_ ? "_value" : ""] = one->text();
                    return {};
                  }});
  more.push_back({"gap_policy", Takes::kString, [&](const Node& value) -> Status {
                    const std::string& text = value.text();
                    if (text == "skip") {
                      gap_policy_ = GapPolicy::kSkip;
                    } else if (text == "insert_zeros") {
                      gap_policy_ = GapPolicy::kInsertZeros;
                    } else if (text == "keep_values") {
                      gap_policy_ = GapPolicy::kKeepValues;
                    } else {
                      return parsing_error(value.start(),
                                           "Invalid gap policy: [" + text +
                                               "], accepted values: [insert_zeros, skip, "
                                               "keep_values]");
                    }
                    return {};
                  }});
  more.push_back(set_text("format", format_));
  RETURN_IF_ERROR(read_options(options, parse.type, more));
  if (paths_.empty() && path_wanted_) {
    return parsing_error(options.end(), "Missing required field [buckets_path] for " +
                                            std::string(parse.type) + " aggregation [" +
                                            std::string(parse.name) + "]");
  }
  return {};
}

Result<double> bucket_number(const AggSpec& spec, const BucketView& bucket, std::string_view path,
                             GapPolicy policy) {
  if (path == "_count") return static_cast<double>(bucket.count);
  if (path == "_key") return bucket.key;
  ASSIGN_OR_RETURN(const double value,
                   number_at(spec.children, *bucket.children, bucket.count, path));
  if (std::isfinite(value) && bucket.count > 0) return value;
  if (policy == GapPolicy::kInsertZeros) return 0.0;
  if (policy == GapPolicy::kKeepValues && std::isfinite(value)) return value;
  return std::nan("");
}

std::optional<Error> check_pipelines(const std::vector<AggSpecPtr>& specs) {
  for (const AggSpecPtr& spec : specs) {
    if (spec->stage() == AggSpec::Stage::kRows) continue;
    for (const auto& [name, path] : static_cast<const PipelineSpec&>(*spec).paths()) {
      const std::string_view first = first_step(path).name;
      const bool found = first == "_count" || first == "_key" ||
                         std::any_of(specs.begin(), specs.end(), [&](const AggSpecPtr& other) {
                           return other->name == first || other->name == path;
                         });
      if (!found) {
        return Error(error_types::kActionRequestValidation,
                     "Validation Failed: 1: No aggregation found for path [" + path + "];");
      }
    }
  }
  return std::nullopt;
}

bool has_parent_pipelines(const std::vector<AggSpecPtr>& specs) {
  return std::any_of(specs.begin(), specs.end(), [](const AggSpecPtr& spec) {
    return spec->stage() == AggSpec::Stage::kParent;
  });
}

Status run_parent_pipelines(const AggSpec& spec, std::vector<BucketView>& buckets,
                            RequestContext& request) {
  ASSIGN_OR_RETURN(const auto order, pipeline_order(spec.children, AggSpec::Stage::kParent));
  for (const size_t at : order) {
    RETURN_IF_ERROR(
        static_cast<const ParentPipeline&>(*spec.children[at]).run(spec, at, buckets, request));
  }
  return {};
}

Status run_sibling_pipelines(const std::vector<AggSpecPtr>& specs, ChildResults& results) {
  ASSIGN_OR_RETURN(const auto order, pipeline_order(specs, AggSpec::Stage::kSibling));
  for (const size_t at : order) {
    RETURN_IF_ERROR(static_cast<const SiblingPipeline&>(*specs[at]).run(specs, results, at));
  }
  return {};
}

}  // namespace stratalog::query
