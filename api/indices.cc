// Create, get, delete, exists, open, close; refresh, flush, forcemerge. Elasticsearch doc pages
// "Index APIs".
#include "api/admin_common.h"
#include "api/families.h"
#include "api/human.h"
#include "api/param_values.h"

namespace stratalog::api {

namespace {

using index::IndicesOptions;

IndicesOptions open_and_closed() {
  IndicesOptions options;
  options.expand_closed = true;
  options.forbid_closed = false;
  return options;
}

Result<Response> create(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const bool typed, request.params.get_bool("include_type_name", false));
  ASSIGN_OR_RETURN(json::Value body, read_body(request));
  index::CreateIndexRequest create_request;
  create_request.name = request.path_param("index");
  for (json::Member& member : body.is_object() ? body.as_object() : json::Object{}) {
    if (member.key == "settings") {
      create_request.settings = std::move(member.value);
    } else if (member.key == "mappings") {
      ASSIGN_OR_RETURN(NamedMapping named, named_mapping(std::move(member.value), typed));
      create_request.mappings = std::move(named.mapping);
      create_request.type = std::move(named.type);
    } else if (member.key == "aliases") {
      create_request.aliases = std::move(member.value);
    } else {
      return Error(error_types::kElasticsearchParse,
                   "unknown key [" + member.key + "] for create index");
    }
  }
  ASSIGN_OR_RETURN(const ActiveShards active, ActiveShards::read(request.params));
  ASSIGN_OR_RETURN(const auto made, context.engine.create_index(create_request));
  Response response;
  json::Writer(response.body)
      .begin_object()
      .field("acknowledged", true)
      .field("shards_acknowledged", active.satisfied(made->number_of_replicas()))
      .field("index", made->name)
      .end_object();
  return response;
}

Result<Response> get(const Request& request, Context& context) {
  IndicesOptions defaults;
  defaults.forbid_closed = false;
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params, defaults));
  ASSIGN_OR_RETURN(const bool flat, request.params.get_bool("flat_settings", false));
  ASSIGN_OR_RETURN(const bool typed, request.params.get_bool("include_type_name", false));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  for (const index::ResolvedIndex& resolved : indices) {
    const index::IndexMetadata& index = *resolved.index;
    out.key(index.name).begin_object().key("aliases").begin_object();
    for (const auto& [name, alias] : index.aliases) out.field(name, alias_json(alias));
    out.end_object().key("mappings");
    out.value(shown_mapping(*index.mapping, typed));
    json::Value settings = settings_json(index, flat);
    if (wants_readable(request)) add_readable_settings(settings, flat);
    out.field("settings", settings).end_object();
  }
  out.end_object();
  return response;
}

Result<Response> remove(const Request& request, Context& context) {
  IndicesOptions defaults = open_and_closed();
  defaults.allow_aliases = false;
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params, defaults));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  for (const index::ResolvedIndex& resolved : indices) {
    RETURN_IF_ERROR(context.engine.delete_index(resolved.index->name));
  }
  return acknowledged();
}

Result<Response> open(const Request& request, Context& context) {
  IndicesOptions defaults = open_and_closed();
  defaults.expand_open = false;
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params, defaults));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  for (const index::ResolvedIndex& resolved : indices) {
    RETURN_IF_ERROR(context.engine.open_index(resolved.index->name));
  }
  return Response::json(R"({"acknowledged":true,"shards_acknowledged":true})");
}

Result<Response> close(const Request& request, Context& context) {
  IndicesOptions defaults;
  defaults.forbid_closed = false;
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params, defaults));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  Response response;
  json::Writer out(response.body);
  out.begin_object()
      .field("acknowledged", true)
      .field("shards_acknowledged", true)
      .key("indices")
      .begin_object();
  for (const index::ResolvedIndex& resolved : indices) {
    RETURN_IF_ERROR(context.engine.close_index(resolved.index->name));
    out.key(resolved.index->name).begin_object().field("closed", true).end_object();
  }
  out.end_object().end_object();
  return response;
}

// Runs `act` on each open index of the path and answers with the shards.
template <typename Act>
Result<Response> on_each(const Request& request, Context& context, Act&& act) {
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  for (const index::ResolvedIndex& resolved : indices) RETURN_IF_ERROR(act(resolved.index->name));
  return shards_answer(indices);
}

Result<Response> refresh(const Request& request, Context& context) {
  return on_each(request, context,
                 [&](const std::string& name) { return context.engine.refresh(name); });
}
Result<Response> flush(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const bool force, request.params.get_bool("force", false));
  ASSIGN_OR_RETURN(const bool wait, request.params.get_bool("wait_if_ongoing", true));
  if (force && !wait) return validation_error("wait_if_ongoing must be true for a force flush");
  return on_each(request, context,
                 [&](const std::string& name) { return context.engine.flush(name); });
}
Result<Response> force_merge(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const auto segments, request.params.get_int("max_num_segments"));
  ASSIGN_OR_RETURN(const bool expunge, request.params.get_bool("only_expunge_deletes", false));
  if (segments.value_or(-1) > 0 && expunge) {
    return validation_error(
        "cannot set only_expunge_deletes and max_num_segments at the same time, those two "
        "parameters are "
        "mutually exclusive");
  }
  // Without a number the merge policy decides.
  const uint32_t most = segments.value_or(-1) > 0 ? static_cast<uint32_t>(*segments) : 0;
  return on_each(request, context, [&](const std::string& name) {
    return context.engine.force_merge(name, most, expunge);
  });
}

}  // namespace

void add_index_routes(Router& router) {
  const std::vector<std::string> waits{"timeout", "master_timeout", "wait_for_active_shards"};
  const auto with = [](std::vector<std::string> base, std::initializer_list<const char*> more) {
    for (const char* name : more) base.emplace_back(name);
    return base;
  };
  add_routes(router, {Method::kPut}, {"/{index}"}, create, with(waits, {"include_type_name"}),
             "[types removal] Using include_type_name in create index requests is deprecated. The "
             "parameter will be removed in the next major version.");
  add_routes(router, {Method::kGet}, {"/{index}"}, get,
             with_indices_params({"local", "flat_settings", "include_defaults", "master_timeout",
                                  "include_type_name"}),
             "[types removal] Using `include_type_name` in get indices requests is deprecated. The "
             "parameter will be removed in the next major version.");
  add_routes(router, {Method::kDelete}, {"/{index}"}, remove,
             with_indices_params({"timeout", "master_timeout"}));
  add_routes(router, {Method::kPost}, {"/{index}/_open", "/_open"}, open,
             with_indices_params(waits));
  add_routes(router, {Method::kPost}, {"/{index}/_close", "/_close"}, close,
             with_indices_params(waits));
  add_routes(router, {Method::kGet, Method::kPost}, {"/_refresh", "/{index}/_refresh"}, refresh,
             with_indices_params());
  add_routes(router, {Method::kGet, Method::kPost},
             {"/_flush", "/{index}/_flush", "/_flush/synced", "/{index}/_flush/synced"}, flush,
             with_indices_params({"force", "wait_if_ongoing"}));
  add_routes(router, {Method::kPost}, {"/_forcemerge", "/{index}/_forcemerge"}, force_merge,
             with_indices_params({"flush", "max_num_segments", "only_expunge_deletes"}));
}

}  // namespace stratalog::api
