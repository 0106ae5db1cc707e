#include "index/catalog/templates.h"

#include <algorithm>

#include "index/analysis/registry.h"
#include "index/catalog/aliases.h"
#include "index/catalog/mapping_bodies.h"
#include "index/catalog/names.h"
#include "index/catalog/wildcard.h"

namespace stratalog::index {

namespace {

bool matches(const json::Value& pattern_list, std::string_view name, bool hidden) {
  return std::any_of(pattern_list.as_array().begin(), pattern_list.as_array().end(),
                     [&](const json::Value& item) {
                       const std::string& pattern = item.as_string();
                       return !(hidden && pattern == "*") && wildcard_match(pattern, name);
                     });
}

int64_t number_of(const json::Value& body, std::string_view key) {
  const json::Value* value = body.find(key);
  return value == nullptr ? 0 : value->to_int().value_or(0);
}

// Adds a template's part ({"settings":…, "mappings":…, "aliases":…}); it wins over what is in the
// plan.
Status add_part(IndexPlan& plan, const json::Value* part) {
  if (part == nullptr || !part->is_object()) return {};
  if (const json::Value* settings = part->find("settings")) {
    const json::Value* tree = settings->find("index");
    if (tree != nullptr) overlay_settings(plan.settings, flatten_tree(*tree));
  }
  if (const json::Value* mappings = part->find("mappings")) {
    ASSIGN_OR_RETURN(plan.mappings, merge_mapping_bodies(plan.mappings, *mappings));
  }
  if (const json::Value* aliases = part->find("aliases")) {
    ASSIGN_OR_RETURN(auto parsed, parse_aliases(*aliases));
    for (auto& [name, alias] : parsed) plan.aliases[name] = std::move(alias);
  }
  return {};
}

Result<IndexPlan> plan_from_legacy(const CatalogState& state,
                                   const std::vector<std::string>& by_descending_order) {
  IndexPlan plan;
  for (auto name = by_descending_order.rbegin(); name != by_descending_order.rend(); ++name) {
    const json::Value& body = state.legacy_templates.find(*name)->second;
    if (const json::Value* settings = body.find("settings");
        settings != nullptr && settings->find("index")) {
      overlay_settings(plan.settings, flatten_tree(*settings->find("index")));
    }
    if (const json::Value* mappings = body.find("mappings")) {
      plan.mappings = merge_mapping_defaults(plan.mappings, *mappings);
      const json::Value* type = body.find(kTemplateTypeKey);
      if (type != nullptr) {
        plan.type = type->to_text();
      } else if (!mappings->empty()) {
        plan.type = kDefaultType;
      }
    }
    if (const json::Value* aliases = body.find("aliases")) {
      ASSIGN_OR_RETURN(auto parsed, parse_aliases(*aliases));
      for (auto& [alias_name, alias] : parsed) plan.aliases[alias_name] = std::move(alias);
    }
  }
  return plan;
}

std::string with_index_name(std::string text, std::string_view index_name) {
  constexpr std::string_view kPlaceholder = "{index}";
  for (size_t at = 0; (at = text.find(kPlaceholder, at)) != std::string::npos;
       at += index_name.size()) {
    text.replace(at, kPlaceholder.size(), index_name);
  }
  return text;
}

}  // namespace

TemplateMatch match_templates(const CatalogState& state, std::string_view index_name, bool hidden) {
  TemplateMatch match;
  int64_t best = -1;
  for (const auto& [name, body] : state.index_templates) {
    const int64_t priority = number_of(body, "priority");
    if (priority > best && matches(*body.find("index_patterns"), index_name, hidden)) {
      best = priority;
      match.composable = name;
    }
  }
  for (const auto& [name, body] : state.legacy_templates) {
    if (matches(*body.find("index_patterns"), index_name, hidden)) match.legacy.push_back(name);
  }
  std::stable_sort(match.legacy.begin(), match.legacy.end(),
                   [&](const std::string& a, const std::string& b) {
                     return number_of(state.legacy_templates.find(a)->second, "order") >
                            number_of(state.legacy_templates.find(b)->second, "order");
                   });
  return match;
}

Result<IndexPlan> compose_template(const CatalogState& state, const json::Value& index_template) {
  IndexPlan plan;
  if (const json::Value* components = index_template.find("composed_of")) {
    for (const json::Value& name : components->as_array()) {
      const auto at = state.component_templates.find(name.as_string());
      if (at != state.component_templates.end())
        RETURN_IF_ERROR(add_part(plan, at->second.find("template")));
    }
  }
  RETURN_IF_ERROR(add_part(plan, index_template.find("template")));
  return plan;
}

Result<IndexPlan> plan_index(const CatalogState& state, const CreateIndexRequest& request) {
  ASSIGN_OR_RETURN(FlatSettings settings, flatten_settings(request.settings));
  RETURN_IF_ERROR(validate_creation_settings(settings));
  ASSIGN_OR_RETURN(auto aliases, parse_aliases(request.aliases));
  const auto hidden = settings.find("index.hidden");
  const TemplateMatch match = match_templates(
      state, request.name, hidden != settings.end() && hidden->second.to_text() == "true");

  IndexPlan plan;
  if (!match.composable.empty()) {
    ASSIGN_OR_RETURN(plan,
                     compose_template(state, state.index_templates.find(match.composable)->second));
    ASSIGN_OR_RETURN(plan.mappings, merge_mapping_bodies(plan.mappings, request.mappings));
    if (!plan.mappings.is_null()) plan.type = kDefaultType;
  } else {
    ASSIGN_OR_RETURN(plan, plan_from_legacy(state, match.legacy));
    plan.mappings = merge_mapping_defaults(plan.mappings, request.mappings);
    if (!request.type.empty()) {
      plan.type = request.type;
    } else if (!request.mappings.is_null()) {
      plan.type = kDefaultType;
    }
  }
  overlay_settings(plan.settings, settings);
  std::map<std::string, AliasMetadata> named;
  for (auto& [name, alias] : plan.aliases)
    named[with_index_name(name, request.name)] = std::move(alias);
  for (auto& [name, alias] : aliases) named[name] = std::move(alias);
  plan.aliases = std::move(named);
  return plan;
}

Result<std::shared_ptr<const Mapping>> make_mapping(const json::Value& settings_tree,
                                                    const json::Value& mappings,
                                                    std::string_view type) {
  const auto limit = [&](std::string_view name, uint32_t fallback) {
    const json::Value* value = settings_tree.find(name);
    return value == nullptr ? fallback : static_cast<uint32_t>(value->to_int().value_or(fallback));
  };
  std::shared_ptr<const AnalysisRegistry> analysis = AnalysisRegistry::built_in();
  if (const json::Value* own = settings_tree.find("analysis")) {
    const AnalysisLimits bounds{.ngram_diff_max = limit("max_ngram_diff", 1),
                                .shingle_diff_max = limit("max_shingle_diff", 3)};
    ASSIGN_OR_RETURN(analysis, AnalysisRegistry::make(*own, bounds));
  }
  ASSIGN_OR_RETURN(const MappingLimits limits, MappingLimits::from_settings(settings_tree));
  return Mapping::parse(mappings, std::move(analysis), limits, type);
}

Result<json::Value> simulate_index_templates(const CatalogState& state,
                                             std::string_view index_name) {
  const TemplateMatch match = match_templates(state, index_name, false);
  json::Value answer = json::Value::object();
  if (match.composable.empty()) return answer;
  ASSIGN_OR_RETURN(IndexPlan plan,
                   compose_template(state, state.index_templates.find(match.composable)->second));

  json::Value result = json::Value::object();
  FlatSettings settings = default_settings(index_name);
  // What every index has anyway is not shown; what a template or the server adds is.
  settings.erase("index.number_of_shards");
  settings.erase("index.number_of_replicas");
  overlay_settings(settings, plan.settings);
  result.set("settings", json::Value::object({{"index", settings_tree(settings)}}));
  if (!plan.mappings.is_null()) result.set("mappings", plan.mappings);
  result.set("aliases", aliases_to_json(plan.aliases));
  answer.set("template", std::move(result));

  json::Value overlapping = json::Value::array();
  const auto add = [&](const std::string& name, const json::Value& body) {
    overlapping.push_back(
        json::Value::object({{"name", name}, {"index_patterns", *body.find("index_patterns")}}));
  };
  for (const std::string& name : match.legacy) add(name, state.legacy_templates.find(name)->second);
  for (const auto& [name, body] : state.index_templates) {
    if (name != match.composable && matches(*body.find("index_patterns"), index_name, false))
      add(name, body);
  }
  answer.set("overlapping", std::move(overlapping));
  return answer;
}

}  // namespace stratalog::index
