// Validation and normal form of template bodies: normalize_template and check_template_removal of
// templates.h.
#include <algorithm>

#include "index/catalog/aliases.h"
#include "index/catalog/names.h"
#include "index/catalog/templates.h"
#include "index/catalog/wildcard.h"

namespace stratalog::index {

namespace {

constexpr ErrorType kInvalidTemplate{"invalid_index_template_exception", 400};

Error invalid_template(std::string_view name, const std::string& cause) {
  return Error(kInvalidTemplate,
               "index_template [" + std::string(name) + "] invalid, cause [" + cause + "]");
}

Error unknown_field(const char* parser, const std::string& field) {
  return Error(error_types::kXContentParse,
               "[" + std::string(parser) + "] unknown field [" + field + "]");
}

Error failed_validation(const std::string& problem) {
  return Error(error_types::kActionRequestValidation, validation_failed({problem}));
}

Error illegal(std::string reason) {
  return Error(error_types::kIllegalArgument, std::move(reason));
}

// {"index": {…}}, or {} without any.
json::Value shown_settings(const FlatSettings& flat) {
  json::Value settings = json::Value::object();
  if (!flat.empty()) settings.set("index", settings_tree(flat));
  return settings;
}

Result<json::Value> checked_aliases(const json::Value& aliases) {
  if (!aliases.is_object()) return illegal("[aliases] must be an object");
  json::Value out = json::Value::object();
  for (const json::Member& member : aliases.as_object()) {
    // "{index}" stands for the name of the index to come.
    std::string name = member.key;
    for (size_t at = 0; (at = name.find("{index}", at)) != std::string::npos;)
      name.replace(at, 7, "index");
    RETURN_IF_ERROR(validate_alias_name(name));
    ASSIGN_OR_RETURN(const AliasMetadata alias, parse_alias(member.key, member.value));
    out.set(member.key, alias_to_json(alias));
  }
  return out;
}

// "template" of components and composable templates, in the order in which it is shown.
struct Part {
  json::Value body;
  FlatSettings settings;
};
Result<Part> normalize_part(const json::Value& body, const char* parser) {
  if (!body.is_object()) {
    return Error(error_types::kXContentParse,
                 "[" + std::string(parser) + "] template doesn't support values of this type");
  }
  Part part;
  part.body = json::Value::object();
  for (const json::Member& member : body.as_object()) {
    if (member.key != "settings" && member.key != "mappings" && member.key != "aliases") {
      const Error cause = unknown_field("template", member.key);
      Error error(error_types::kXContentParse,
                  "[" + std::string(parser) + "] failed to parse field [template]");
      error.root_causes.push_back(cause);
      return std::move(error).because(cause);
    }
  }
  if (const json::Value* settings = body.find("settings")) {
    ASSIGN_OR_RETURN(part.settings, flatten_settings(*settings));
    part.body.set("settings", shown_settings(part.settings));
  }
  if (const json::Value* mappings = body.find("mappings");
      mappings != nullptr && !mappings->is_null()) {
    if (!mappings->is_object()) return illegal("[mappings] must be an object");
    part.body.set("mappings", *mappings);
  }
  if (const json::Value* aliases = body.find("aliases")) {
    ASSIGN_OR_RETURN(json::Value checked, checked_aliases(*aliases));
    part.body.set("aliases", std::move(checked));
  }
  return part;
}

Status check_mapping(const IndexPlan& plan) {
  FlatSettings settings = default_settings("");
  overlay_settings(settings, plan.settings);
  auto mapping = make_mapping(settings_tree(settings), plan.mappings);
  if (!mapping) return mapping.error();
  return {};
}

// The whole of a composable template makes a valid index; the error is what Elasticsearch puts
// under its own.
Status check_composition(const CatalogState& state, std::string_view name,
                         const json::Value& body) {
  auto plan = compose_template(state, body);
  Status status = plan ? check_mapping(*plan) : Status(plan.error());
  if (status) return {};
  return illegal("invalid composite mappings for [" + std::string(name) + "]")
      .because(status.error());
}

std::string joined(const json::Value& names) {
  std::string text;
  for (const json::Value& name : names.as_array())
    text += (text.empty() ? "" : ", ") + name.as_string();
  return text;
}

Result<json::Value> string_list(const json::Value& value, const char* field) {
  json::Value list = json::Value::array();
  if (value.is_array()) {
    for (const json::Value& item : value.as_array()) {
      if (item.is_object() || item.is_array())
        return illegal("[" + std::string(field) + "] must be a list of strings");
      list.push_back(item.to_text());
    }
  } else if (!value.is_object() && !value.is_null()) {
    list.push_back(value.to_text());
  }
  return list;
}

std::vector<std::string> strings_of(const json::Value& list) {
  std::vector<std::string> strings;
  for (const json::Value& item : list.as_array()) strings.push_back(item.as_string());
  return strings;
}

// "version" and "_meta" and other plain members, copied where present.
void copy_members(const json::Value& from, json::Value& to,
                  std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const json::Value* value = from.find(name);
    if (value != nullptr && !value->is_null()) to.set(name, *value);
  }
}

Result<json::Value> normalize_component(const CatalogState& state, std::string_view name,
                                        const json::Value& body, bool create) {
  for (const json::Member& member : body.as_object()) {
    if (member.key != "template" && member.key != "version" && member.key != "_meta" &&
        member.key != "allow_auto_create") {
      return unknown_field("component_template", member.key);
    }
  }
  const json::Value* part_body = body.find("template");
  if (part_body == nullptr) return illegal("Required [template]");
  ASSIGN_OR_RETURN(Part part, normalize_part(*part_body, "component_template"));
  if (create && state.component_templates.contains(name)) {
    return illegal("component template [" + std::string(name) + "] already exists");
  }
  RETURN_IF_ERROR(validate_settings(part.settings));
  if (const auto problems = template_name_problems(name, {}); !problems.empty()) {
    return invalid_template(name, validation_failed(problems));
  }
  IndexPlan alone;
  alone.settings = part.settings;
  if (const json::Value* mappings = part.body.find("mappings")) alone.mappings = *mappings;
  RETURN_IF_ERROR(check_mapping(alone));

  json::Value normalized = json::Value::object();
  normalized.set("template", std::move(part.body));
  copy_members(body, normalized, {"version", "_meta", "allow_auto_create"});
  CatalogState after = state;
  after.component_templates.insert_or_assign(std::string(name), normalized);
  for (const auto& [user, user_body] : state.index_templates) {
    const json::Value* components = user_body.find("composed_of");
    if (components == nullptr) continue;
    const auto& list = components->as_array();
    if (std::find(list.begin(), list.end(), json::Value(name)) == list.end()) continue;
    if (Status status = check_composition(after, user, user_body); !status) {
      return illegal("updating component template [" + std::string(name) +
                     "] results in invalid composable template [" + user +
                     "] after templates are merged")
          .because(status.error());
    }
  }
  return normalized;
}

Status check_components_exist(const CatalogState& state, std::string_view name,
                              const json::Value& components) {
  std::string missing;
  for (const json::Value& component : components.as_array()) {
    if (state.component_templates.contains(component.as_string())) continue;
    missing += (missing.empty() ? "" : ", ") + component.as_string();
  }
  if (missing.empty()) return {};
  return invalid_template(name, "index template [" + std::string(name) +
                                    "] specifies component templates [" + missing +
                                    "] that do not exist");
}

bool any_overlap(const json::Value& a, const json::Value& b) {
  for (const json::Value& x : a.as_array()) {
    for (const json::Value& y : b.as_array()) {
      if (wildcards_overlap(x.as_string(), y.as_string())) return true;
    }
  }
  return false;
}

Status check_no_equal_priority(const CatalogState& state, std::string_view name,
                               const json::Value& patterns, int64_t priority) {
  std::string names, described;
  for (const auto& [other, body] : state.index_templates) {
    const json::Value* value = body.find("priority");
    const int64_t other_priority = value == nullptr ? 0 : value->to_int().value_or(0);
    if (other == name || other_priority != priority ||
        !any_overlap(patterns, *body.find("index_patterns")))
      continue;
    names += (names.empty() ? "" : ", ") + other;
    described += (described.empty() ? "" : ",") + other + " => [" +
                 joined(*body.find("index_patterns")) + "]";
  }
  if (names.empty()) return {};
  return illegal("index template [" + std::string(name) + "] has index patterns [" +
                 joined(patterns) + "] matching patterns from existing templates [" + names +
                 "] with patterns (" + described + ") that have the same priority [" +
                 std::to_string(priority) +
                 "], multiple index templates may not match during index creation, please use a "
                 "different priority");
}

Result<json::Value> normalize_composable(const CatalogState& state, std::string_view name,
                                         const json::Value& body, bool create) {
  for (const json::Member& member : body.as_object()) {
    static constexpr std::string_view kKnown[] = {"index_patterns",   "template", "composed_of",
                                                  "priority",         "version",  "_meta",
                                                  "allow_auto_create"};
    if (std::find(std::begin(kKnown), std::end(kKnown), member.key) == std::end(kKnown)) {
      return unknown_field("index_template", member.key);
    }
  }
  const json::Value* patterns_body = body.find("index_patterns");
  if (patterns_body == nullptr) return illegal("Required [index_patterns]");
  ASSIGN_OR_RETURN(json::Value patterns, string_list(*patterns_body, "index_patterns"));
  if (patterns.empty()) return illegal("There must be at least one pattern, zero given");
  json::Value normalized = json::Value::object();
  normalized.set("index_patterns", patterns);
  Part part;
  if (const json::Value* part_body = body.find("template")) {
    ASSIGN_OR_RETURN(part, normalize_part(*part_body, "index_template"));
    normalized.set("template", std::move(part.body));
  }
  const auto list = strings_of(patterns);
  if (std::find(list.begin(), list.end(), "*") != list.end() &&
      part.settings.contains("index.hidden")) {
    return failed_validation(
        "global composable templates may not specify the setting index.hidden");
  }
  int64_t priority = 0;
  if (const json::Value* value = body.find("priority")) {
    priority = value->to_int().value_or(0);
    if (priority < 0) return failed_validation("index template priority must be >= 0");
  }
  if (create && state.index_templates.contains(name)) {
    return illegal("index template [" + std::string(name) + "] already exists");
  }
  if (const json::Value* components_body = body.find("composed_of")) {
    ASSIGN_OR_RETURN(json::Value components, string_list(*components_body, "composed_of"));
    RETURN_IF_ERROR(check_components_exist(state, name, components));
    normalized.set("composed_of", std::move(components));
  }
  RETURN_IF_ERROR(check_no_equal_priority(state, name, patterns, priority));
  std::vector<std::string> problems = template_name_problems(name, list);
  if (Status status = validate_settings(part.settings); !status)
    problems.push_back(status.error().reason);
  if (!problems.empty()) return invalid_template(name, validation_failed(problems));
  copy_members(body, normalized, {"priority", "version", "_meta", "allow_auto_create"});
  if (Status status = check_composition(state, name, normalized); !status) {
    const json::Value* components = normalized.find("composed_of");
    const std::string with = components == nullptr || components->empty()
                                 ? ""
                                 : " with component templates [" + joined(*components) + "]";
    return illegal("composable template [" + std::string(name) + "] template after composition" +
                   with + " is invalid")
        .because(status.error());
  }
  return normalized;
}

Result<json::Value> normalize_legacy(const CatalogState& state, std::string_view name,
                                     const json::Value& body, bool create) {
  for (const json::Member& member : body.as_object()) {
    static constexpr std::string_view kKnown[] = {"template", "index_patterns", "order",
                                                  "version",  "settings",       "mappings",
                                                  "aliases",  "create",         kTemplateTypeKey};
    if (std::find(std::begin(kKnown), std::end(kKnown), member.key) == std::end(kKnown)) {
      return Error(error_types::kElasticsearchParse,
                   "unknown key [" + member.key + "] in the template ");
    }
  }
  json::Value patterns = json::Value::array();
  for (const char* key : {"template", "index_patterns"}) {
    if (const json::Value* value = body.find(key)) {
      ASSIGN_OR_RETURN(patterns, string_list(*value, key));
    }
  }
  if (patterns.empty()) return failed_validation("index patterns are missing");

  FlatSettings settings;
  if (const json::Value* value = body.find("settings")) {
    ASSIGN_OR_RETURN(settings, flatten_settings(*value));
  }
  RETURN_IF_ERROR(validate_settings(settings));
  if (create && state.legacy_templates.contains(name)) {
    return illegal("index_template [" + std::string(name) + "] already exists");
  }
  if (const auto problems = template_name_problems(name, strings_of(patterns)); !problems.empty()) {
    return invalid_template(name, validation_failed(problems));
  }
  json::Value normalized = json::Value::object();
  const json::Value* order = body.find("order");
  normalized.set("order", order == nullptr ? int64_t{0} : order->to_int().value_or(0));
  copy_members(body, normalized, {"version", kTemplateTypeKey});
  normalized.set("index_patterns", std::move(patterns));
  normalized.set("settings", shown_settings(settings));
  IndexPlan alone;
  alone.settings = settings;
  if (const json::Value* mappings = body.find("mappings");
      mappings != nullptr && mappings->is_object()) {
    alone.mappings = *mappings;
  }
  RETURN_IF_ERROR(check_mapping(alone));
  normalized.set("mappings", alone.mappings.is_null() ? json::Value::object() : alone.mappings);
  json::Value aliases = json::Value::object();
  if (const json::Value* value = body.find("aliases")) {
    ASSIGN_OR_RETURN(aliases, checked_aliases(*value));
  }
  normalized.set("aliases", std::move(aliases));
  return normalized;
}

}  // namespace

Result<json::Value> normalize_template(const CatalogState& state, Engine::TemplateKind kind,
                                       std::string_view name, const json::Value& body,
                                       bool create) {
  if (!body.is_object()) return Error(error_types::kElasticsearchParse, "request body is required");
  switch (kind) {
    case Engine::TemplateKind::kLegacy:
      return normalize_legacy(state, name, body, create);
    case Engine::TemplateKind::kIndex:
      return normalize_composable(state, name, body, create);
    case Engine::TemplateKind::kComponent:
      return normalize_component(state, name, body, create);
  }
  return Error(error_types::kInternal, "unknown kind of template");
}

Status check_template_removal(const CatalogState& state, Engine::TemplateKind kind,
                              std::string_view name) {
  const Error missing(error_types::kIndexTemplateMissing,
                      "index_template [" + std::string(name) + "] missing");
  if (kind == Engine::TemplateKind::kLegacy) {
    if (!state.legacy_templates.contains(name)) return missing;
    return {};
  }
  if (kind == Engine::TemplateKind::kIndex) {
    if (!state.index_templates.contains(name)) return missing;
    return {};
  }
  if (!state.component_templates.contains(name))
    return Error(error_types::kResourceNotFound, std::string(name));
  std::string users;
  for (const auto& [user, body] : state.index_templates) {
    const json::Value* components = body.find("composed_of");
    if (components == nullptr) continue;
    const auto& list = components->as_array();
    if (std::find(list.begin(), list.end(), json::Value(name)) != list.end())
      users += (users.empty() ? "" : ", ") + user;
  }
  if (users.empty()) return {};
  return illegal("component templates [" + std::string(name) +
                 "] cannot be removed as they are still in use by index templates [" + users + "]");
}

}  // namespace stratalog::index
