// GET and PUT /{index}/_settings. Elasticsearch doc pages "Get index settings", "Update index
// settings".
#include "api/admin_common.h"
#include "api/families.h"
#include "api/human.h"
#include "api/source_params.h"

namespace stratalog::api {

namespace {

using index::IndicesOptions;

// What stays of a settings tree of the names that the path asks for.
json::Value chosen(const index::IndexMetadata& index, const std::vector<std::string>& names,
                   bool flat, bool readable) {
  json::Value all = flatten_settings(index.settings, "index");
  if (readable) add_readable_settings(all, true);
  if (names.empty() || names == std::vector<std::string>{"_all"}) {
    return flat ? all : readable ? unflatten_settings(all) : settings_json(index, false);
  }
  json::Value out = json::Value::object();
  for (const json::Member& member : all.as_object()) {
    bool wanted = false;
    for (const std::string& name : names) wanted = wanted || matches_pattern(name, member.key);
    if (wanted) out.set(member.key, member.value);
  }
  return flat ? out : unflatten_settings(out);
}

Result<Response> get(const Request& request, Context& context) {
  IndicesOptions defaults;
  defaults.expand_closed = true;
  defaults.forbid_closed = false;
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params, defaults));
  ASSIGN_OR_RETURN(const bool flat, request.params.get_bool("flat_settings", false));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  const std::vector<std::string> names = split_list(request.path_param("name"));
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  for (const index::ResolvedIndex& resolved : indices) {
    const json::Value settings = chosen(*resolved.index, names, flat, wants_readable(request));
    if (settings.empty()) continue;
    out.key(resolved.index->name).begin_object().field("settings", settings).end_object();
  }
  out.end_object();
  return response;
}

Result<Response> put(const Request& request, Context& context) {
  IndicesOptions defaults;
  defaults.expand_closed = true;
  defaults.forbid_closed = false;
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params, defaults));
  ASSIGN_OR_RETURN(const bool preserve, request.params.get_bool("preserve_existing", false));
  ASSIGN_OR_RETURN(json::Value body, read_body(request));
  if (body.is_null()) return Error(error_types::kElasticsearchParse, "request body is required");
  if (body.size() == 1 && body.find("settings") != nullptr) {
    json::Value inner = *body.find("settings");
    body = std::move(inner);
  }
  if (body.empty()) return validation_error("no settings to update");
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  for (const index::ResolvedIndex& resolved : indices) {
    RETURN_IF_ERROR(context.engine.put_settings(resolved.index->name, body, preserve));
  }
  return acknowledged();
}

}  // namespace

void add_settings_routes(Router& router) {
  add_routes(router, {Method::kGet},
             {"/_settings", "/_settings/{name}", "/{index}/_settings", "/{index}/_settings/{name}"},
             get,
             with_indices_params({"master_timeout", "flat_settings", "local", "include_defaults"}));
  add_routes(
      router, {Method::kPut}, {"/_settings", "/{index}/_settings"}, put,
      with_indices_params({"master_timeout", "timeout", "preserve_existing", "flat_settings"}));
}

}  // namespace stratalog::api
