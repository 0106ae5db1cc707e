// _template, _index_template, _component_template. Elasticsearch doc pages "Index templates",
// "Create or update component template", "Create or update index template (legacy)".
#include "api/admin_common.h"
#include "api/families.h"
#include "api/source_params.h"

namespace stratalog::api {

namespace {

using Kind = index::Engine::TemplateKind;
using Templates = std::map<std::string, json::Value, std::less<>>;

const Templates& templates_of(const index::CatalogState& state, Kind kind) {
  switch (kind) {
    case Kind::kLegacy:
      return state.legacy_templates;
    case Kind::kIndex:
      return state.index_templates;
    case Kind::kComponent:
      return state.component_templates;
  }
  return state.legacy_templates;
}

std::string_view words(Kind kind) {
  return kind == Kind::kLegacy  ? "index_template"
         : kind == Kind::kIndex ? "index template"
                                : "component template";
}

template <Kind kind>
Result<Response> put(const Request& request, Context& context) {
  if (request.body.empty())
    return Error(error_types::kElasticsearchParse, "request body is required");
  ASSIGN_OR_RETURN(const bool create, request.params.get_bool("create", false));
  ASSIGN_OR_RETURN(json::Value body, read_body(request));
  if constexpr (kind == Kind::kLegacy) {
    body.erase(index::kTemplateTypeKey);
    ASSIGN_OR_RETURN(const bool typed, request.params.get_bool("include_type_name", false));
    if (json::Value* mappings = body.find("mappings")) {
      ASSIGN_OR_RETURN(NamedMapping named, named_mapping(std::move(*mappings), typed));
      *mappings = named.mapping.is_null() ? json::Value::object() : std::move(named.mapping);
      if (!named.type.empty() && named.type != index::kDefaultType)
        body.set(index::kTemplateTypeKey, std::move(named.type));
    }
    ASSIGN_OR_RETURN(const auto order, request.params.get_int("order"));
    if (order) body.set("order", *order);
  }
  RETURN_IF_ERROR(context.engine.put_template(kind, request.path_param("name"), body, create));
  Response response = acknowledged();
  if (kind == Kind::kLegacy) {
    add_warning(response,
                "Legacy index templates are deprecated in favor of composable templates.");
  }
  return response;
}

template <Kind kind>
Result<Response> get(const Request& request, Context& context) {
  const auto state = context.engine.state();
  ASSIGN_OR_RETURN(const bool flat, request.params.get_bool("flat_settings", false));
  ASSIGN_OR_RETURN(const bool typed, request.params.get_bool("include_type_name", false));
  const std::vector<std::string> patterns = split_list(request.path_param("name"));
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  const std::string list =
      std::string(kind == Kind::kIndex ? "index_template" : "component_template");
  if (kind != Kind::kLegacy) out.key(list + "s").begin_array();
  size_t count = 0;
  for (const auto& [name, body] : templates_of(*state, kind)) {
    bool wanted = patterns.empty();
    for (const std::string& pattern : patterns) wanted = wanted || matches_pattern(pattern, name);
    if (!wanted) continue;
    ++count;
    json::Value shown = body;
    if (flat) {
      json::Value* holder = kind == Kind::kLegacy ? &shown : shown.find("template");
      json::Value* settings = holder == nullptr ? nullptr : holder->find("settings");
      if (settings != nullptr) *settings = flatten_settings(*settings, "");
    }
    const json::Value* kept_type = shown.find(index::kTemplateTypeKey);
    const std::string type =
        kept_type == nullptr ? std::string(index::kDefaultType) : kept_type->to_text();
    shown.erase(index::kTemplateTypeKey);
    if (json::Value* mappings = shown.find("mappings");
        typed && mappings != nullptr && !mappings->empty()) {
      *mappings = json::Value::object({{type, *mappings}});
    }
    if (kind == Kind::kLegacy) {
      out.field(name, shown);
    } else {
      out.begin_object().field("name", name).field(list, shown).end_object();
    }
  }
  if (kind != Kind::kLegacy) out.end_array();
  out.end_object();
  const bool plain = !patterns.empty() && !has_wildcard(request.path_param("name"));
  if (count > 0 || !plain) return response;
  if (kind == Kind::kLegacy) {
    response.status = 404;
    return response;
  }
  return Error(error_types::kResourceNotFound, std::string(words(kind)) + " matching [" +
                                                   request.path_param("name") + "] not found");
}

template <Kind kind>
Result<Response> remove(const Request& request, Context& context) {
  const auto state = context.engine.state();
  const std::string& name = request.path_param("name");
  std::vector<std::string> names;
  for (const std::string& pattern : split_list(name)) {
    const size_t before = names.size();
    for (const auto& [known, body] : templates_of(*state, kind)) {
      if (matches_pattern(pattern, known)) names.push_back(known);
    }
    if (names.size() == before && !(has_wildcard(pattern) && kind == Kind::kLegacy))
      names.push_back(pattern);
  }
  for (const std::string& known : names)
    RETURN_IF_ERROR(context.engine.delete_template(kind, known));
  return acknowledged();
}

Result<Response> simulate(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const json::Value simulated,
                   context.engine.simulate_index(request.path_param("name")));
  return Response::json(json::to_string(simulated));
}

template <Kind kind>
void add(Router& router, const char* path, const char* named) {
  const std::vector<std::string> params{"create",         "order", "timeout",
                                        "master_timeout", "cause", "include_type_name"};
  add_routes(router, {Method::kPut, Method::kPost}, {named}, put<kind>, params,
             "[types removal] Specifying include_type_name in put index template requests is "
             "deprecated. The parameter will be removed in the next major version.");
  add_routes(router, {Method::kGet}, {path, named}, get<kind>,
             {"flat_settings", "master_timeout", "local", "include_type_name"},
             "[types removal] Specifying include_type_name in get index template requests is "
             "deprecated.");
  add_routes(router, {Method::kDelete}, {named}, remove<kind>, {"timeout", "master_timeout"});
}

}  // namespace

void add_template_routes(Router& router) {
  add<Kind::kLegacy>(router, "/_template", "/_template/{name}");
  add<Kind::kIndex>(router, "/_index_template", "/_index_template/{name}");
  add<Kind::kComponent>(router, "/_component_template", "/_component_template/{name}");
  add_routes(router, {Method::kPost}, {"/_index_template/_simulate_index/{name}"}, simulate,
             {"master_timeout", "create", "cause"});
}

}  // namespace stratalog::api
