// GET and PUT _mapping in all the forms that clients use. Elasticsearch doc pages "Get mapping",
// "Update mapping".
#include "api/admin_common.h"
#include "api/families.h"
#include "api/source_params.h"

namespace stratalog::api {

namespace {

using index::IndicesOptions;

Result<Response> get(const Request& request, Context& context) {
  IndicesOptions defaults;
  defaults.forbid_closed = false;
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params, defaults));
  ASSIGN_OR_RETURN(const bool typed, request.params.get_bool("include_type_name", false));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  for (const index::ResolvedIndex& resolved : indices) {
    const json::Value& mapping = resolved.index->mapping->to_json();
    out.key(resolved.index->name).begin_object().key("mappings");
    out.value(typed && !mapping.empty() ? json::Value::object({{"_doc", mapping}}) : mapping);
    out.end_object();
  }
  out.end_object();
  return response;
}

Result<Response> put(const Request& request, Context& context) {
  if (request.body.empty()) return validation_error("mapping source is missing");
  ASSIGN_OR_RETURN(const bool typed, request.params.get_bool("include_type_name", false));
  ASSIGN_OR_RETURN(json::Value body, read_body(request));
  if (typed || request.has_path_param("type")) {
    ASSIGN_OR_RETURN(body, untyped_mapping(std::move(body), true));
  } else if (body.size() == 1 && body.as_object()[0].key == "_doc") {
    return Error(error_types::kIllegalArgument,
                 "Types cannot be provided in put mapping requests, unless the include_type_name "
                 "parameter is set to true.");
  }
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  for (const index::ResolvedIndex& resolved : indices) {
    RETURN_IF_ERROR(context.engine.put_mapping(resolved.index->name, body));
  }
  return acknowledged();
}

Result<Response> get_field(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params));
  ASSIGN_OR_RETURN(const bool typed, request.params.get_bool("include_type_name", false));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  for (const index::ResolvedIndex& resolved : indices) {
    out.key(resolved.index->name).begin_object().key("mappings").begin_object();
    if (typed) out.key("_doc").begin_object();
    for (const std::string& pattern : split_list(request.path_param("fields"))) {
      for (const index::MappedField* field : resolved.index->mapping->match(pattern)) {
        const size_t dot = field->path.rfind('.');
        const std::string leaf =
            dot == std::string::npos ? field->path : field->path.substr(dot + 1);
        out.key(field->path)
            .begin_object()
            .field("full_name", field->path)
            .key("mapping")
            .begin_object();
        out.field(leaf, field->parameters).end_object().end_object();
      }
    }
    if (typed) out.end_object();
    out.end_object().end_object();
  }
  out.end_object();
  return response;
}

}  // namespace

void add_mapping_routes(Router& router) {
  add_routes(
      router, {Method::kGet},
      {"/_mapping", "/_mappings", "/{index}/_mapping", "/{index}/_mappings", "/_mapping/{type}",
       "/{index}/_mapping/{type}", "/{index}/_mappings/{type}", "/{index}/{type}/_mapping"},
      get, with_indices_params({"include_type_name", "master_timeout", "local"}));
  add_routes(
      router, {Method::kPut, Method::kPost},
      {"/{index}/_mapping", "/{index}/_mappings", "/{index}/_mapping/{type}",
       "/{index}/_mappings/{type}", "/{index}/{type}/_mapping", "/{index}/{type}/_mappings",
       "/{index}/_doc/_mapping", "/_mapping/{type}", "/_mappings/{type}"},
      put,
      with_indices_params({"include_type_name", "timeout", "master_timeout", "write_index_only"}));
  add_routes(router, {Method::kGet},
             {"/_mapping/field/{fields}", "/{index}/_mapping/field/{fields}"}, get_field,
             with_indices_params({"include_type_name", "include_defaults", "local"}));
}

}  // namespace stratalog::api
