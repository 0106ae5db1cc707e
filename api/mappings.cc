// GET and PUT _mapping in all the forms that clients use. Elasticsearch doc pages "Get mapping",
// "Update mapping", "Get field mapping".
#include <algorithm>
#include <set>

#include "api/admin_common.h"
#include "api/families.h"
#include "api/source_params.h"

namespace stratalog::api {

namespace {

using index::IndicesOptions;

constexpr std::string_view kTypedGet =
    "[types removal] Using include_type_name in get mapping requests is deprecated. The parameter "
    "will be removed in the next major version.";
constexpr std::string_view kTypedPut =
    "[types removal] Using include_type_name in put mapping requests is deprecated. The parameter "
    "will be removed in the next major version.";
constexpr std::string_view kTypedGetField =
    "[types removal] Using include_type_name in get field mapping requests is deprecated. The "
    "parameter will be removed in the next major version.";

// The types of a path; none of them, or "_all" and "*" among them, means any.
class TypeFilter {
 public:
  explicit TypeFilter(std::string_view list) : patterns_(split_list(list)) {
    any_ = patterns_.empty() ||
           std::any_of(patterns_.begin(), patterns_.end(),
                       [](const std::string& p) { return p == "_all" || p == "*"; });
  }
  bool wants(std::string_view type) const {
    return any_ || std::any_of(patterns_.begin(), patterns_.end(),
                               [&](const std::string& p) { return matches_pattern(p, type); });
  }
  bool any() const { return any_; }
  const std::vector<std::string>& patterns() const { return patterns_; }

 private:
  std::vector<std::string> patterns_;
  bool any_ = false;
};

Error types_not_allowed(const char* what, const char* unless) {
  return Error(error_types::kIllegalArgument, std::string("Types cannot be provided in ") + what +
                                                  " requests, unless " + unless + ".");
}

Error type_missing(std::string_view types) {
  return Error({"type_missing_exception", 404}, "type[[" + std::string(types) + "]] missing")
      .with("index_uuid", "_na_")
      .with("index", "_all");
}

Result<Response> get(const Request& request, Context& context) {
  IndicesOptions defaults;
  defaults.forbid_closed = false;
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params, defaults));
  ASSIGN_OR_RETURN(const bool typed, request.params.get_bool("include_type_name", false));
  if (!typed && request.has_path_param("type"))
    return types_not_allowed("get mapping", "include_type_name is set to true");
  const TypeFilter types(type_of(request));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  std::string shown;
  json::Writer out(shown);
  std::set<std::string> missing(types.patterns().begin(), types.patterns().end());
  bool any = false;
  out.begin_object();
  for (const index::ResolvedIndex& resolved : indices) {
    const index::Mapping& mapping = *resolved.index->mapping;
    if (!types.any() && (mapping.type().empty() || !types.wants(mapping.type()))) continue;
    any = true;
    std::erase_if(missing,
                  [&](const std::string& p) { return matches_pattern(p, mapping.type()); });
    out.key(resolved.index->name).begin_object();
    out.field("mappings", shown_mapping(mapping, typed)).end_object();
  }
  out.end_object();
  if (types.any() || missing.empty()) return Response::json(std::move(shown));
  if (!any) return type_missing(type_of(request));
  // Those that are there stand beside the error.
  std::string names;
  for (const std::string& name : missing) names += (names.empty() ? "" : ",") + name;
  Response response;
  response.status = 404;
  json::Writer(response.body)
      .begin_object()
      .field("error",
             std::string("type") + (missing.size() == 1 ? "" : "s") + " [" + names + "] missing")
      .field("status", response.status)
      .end_object();
  response.body.back() = ',';
  response.body.append(shown, 1);
  return response;
}

Result<Response> type_exists(const Request& request, Context& context) {
  IndicesOptions defaults;
  defaults.forbid_closed = false;
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params, defaults));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  const TypeFilter types(type_of(request));
  const bool all = std::all_of(indices.begin(), indices.end(), [&](const auto& resolved) {
    const std::string& type = resolved.index->mapping->type();
    return !type.empty() && types.wants(type);
  });
  Response response;
  response.status = all && !indices.empty() ? 200 : 404;
  add_warning(response, "Type exists requests are deprecated, as types have been deprecated.");
  return response;
}

// A body under the name of the index's own type is taken without it.
const json::Value& untyped(const json::Value& body, std::string_view type) {
  const bool wrapped = !type.empty() && body.size() == 1 && body.as_object()[0].key == type &&
                       body.as_object()[0].value.is_object();
  return wrapped ? body.as_object()[0].value : body;
}

Result<Response> put(const Request& request, Context& context) {
  const std::string& type = type_of(request);
  ASSIGN_OR_RETURN(const bool typed, request.params.get_bool("include_type_name", false));
  if (request.body.empty()) return validation_error("mapping source is missing");
  ASSIGN_OR_RETURN(const json::Value body, read_body(request));
  const bool under_default = body.size() == 1 && body.as_object()[0].key == index::kDefaultType;
  if (!typed && (!type.empty() || under_default)) {
    return types_not_allowed("put mapping", "the include_type_name parameter is set to true");
  }
  if (typed && type.empty()) return validation_error("mapping type is missing");
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  for (const index::ResolvedIndex& resolved : indices) {
    const std::string own = typed ? type : resolved.index->mapping->type();
    RETURN_IF_ERROR(context.engine.put_mapping(resolved.index->name, untyped(body, own), type));
  }
  return acknowledged();
}

Result<Response> get_field(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params));
  ASSIGN_OR_RETURN(const bool typed, request.params.get_bool("include_type_name", false));
  if (!typed && request.has_path_param("type"))
    return types_not_allowed("get field mapping", "include_type_name is set to true");
  const TypeFilter types(type_of(request));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  bool any = false;
  for (const index::ResolvedIndex& resolved : indices) {
    const index::Mapping& mapping = *resolved.index->mapping;
    if (!types.any() && !types.wants(mapping.shown_type())) continue;
    any = true;
    out.key(resolved.index->name).begin_object().key("mappings").begin_object();
    if (typed) out.key(mapping.shown_type()).begin_object();
    for (const std::string& pattern : split_list(request.path_param("fields"))) {
      for (const index::MappedField* field : mapping.match(pattern)) {
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
  if (!any && !types.any()) response.status = 404;
  return response;
}

}  // namespace

void add_mapping_routes(Router& router) {
  add_routes(
      router, {Method::kGet},
      {"/_mapping", "/_mappings", "/{index}/_mapping", "/{index}/_mappings", "/_mapping/{type}",
       "/{index}/_mapping/{type}", "/{index}/_mappings/{type}", "/{index}/{type}/_mapping"},
      get, with_indices_params({"include_type_name", "master_timeout", "local"}), kTypedGet);
  add_routes(router, {Method::kHead}, {"/{index}/_mapping/{type}"}, type_exists,
             with_indices_params({"local"}));
  add_routes(
      router, {Method::kPut, Method::kPost},
      {"/{index}/_mapping", "/{index}/_mappings", "/{index}/_mapping/{type}",
       "/{index}/_mappings/{type}", "/{index}/{type}/_mapping", "/{index}/{type}/_mappings",
       "/_mapping/{type}", "/_mappings/{type}"},
      put,
      with_indices_params({"include_type_name", "timeout", "master_timeout", "write_index_only"}),
      kTypedPut);
  add_routes(router, {Method::kGet},
             {"/_mapping/field/{fields}", "/{index}/_mapping/field/{fields}",
              "/_mapping/{type}/field/{fields}", "/{index}/_mapping/{type}/field/{fields}"},
             get_field, with_indices_params({"include_type_name", "include_defaults", "local"}),
             kTypedGetField);
}

}  // namespace stratalog::api
