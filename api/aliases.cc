// _aliases and _alias. Elasticsearch doc page "Alias APIs".
#include "api/admin_common.h"
#include "api/families.h"
#include "api/guard.h"
#include "api/source_params.h"

namespace stratalog::api {

namespace {

using index::IndicesOptions;
using AliasAction = index::Engine::AliasAction;

std::vector<std::string> list_of(const json::Value& value) {
  std::vector<std::string> out;
  if (value.is_array()) {
    for (const json::Value& element : value.as_array()) out.push_back(element.to_text());
  } else {
    out = split_list(value.to_text());
  }
  return out;
}

Status read_metadata(const json::Member& member, index::AliasMetadata& metadata) {
  const std::string& key = member.key;
  if (key == "filter") {
    metadata.filter = member.value;
  } else if (key == "routing") {
    metadata.index_routing = metadata.search_routing = member.value.to_text();
  } else if (key == "index_routing" || key == "indexRouting" || key == "index-routing") {
    metadata.index_routing = member.value.to_text();
  } else if (key == "search_routing" || key == "searchRouting" || key == "search-routing") {
    metadata.search_routing = member.value.to_text();
  } else if (key == "is_write_index") {
    metadata.is_write_index = member.value.to_bool();
  } else if (key == "is_hidden") {
    metadata.is_hidden = member.value.to_bool();
  } else {
    return Error(error_types::kXContentParse, "[alias_action] unknown field [" + key + "]");
  }
  return {};
}

// The aliases of an index that a pattern names; a plain name is itself.
std::vector<std::string> expand_aliases(const index::IndexMetadata& index,
                                        const std::string& pattern) {
  if (!has_wildcard(pattern) && pattern != "_all") return {pattern};
  std::vector<std::string> out;
  for (const auto& [name, alias] : index.aliases) {
    if (pattern == "_all" || matches_pattern(pattern, name)) out.push_back(name);
  }
  return out;
}

Status add_actions(const std::string& kind, const json::Value& body, Context& context,
                   std::vector<AliasAction>& out) {
  std::vector<std::string> indices, aliases;
  index::AliasMetadata metadata;
  std::optional<bool> must_exist;
  for (const json::Member& member : body.is_object() ? body.as_object() : json::Object{}) {
    if (member.key == "index" || member.key == "indices") {
      indices = list_of(member.value);
    } else if (member.key == "alias" || member.key == "aliases") {
      aliases = list_of(member.value);
    } else if (member.key == "must_exist") {
      must_exist = member.value.to_bool();
    } else {
      RETURN_IF_ERROR(read_metadata(member, metadata));
    }
  }
  if (indices.empty())
    return Error(error_types::kIllegalArgument, "One of [index] or [indices] is required");
  if (aliases.empty() && kind != "remove_index") {
    return Error(error_types::kIllegalArgument, "One of [alias] or [aliases] is required");
  }
  std::string expression;
  for (const std::string& name : indices) expression += (expression.empty() ? "" : ",") + name;
  IndicesOptions options;
  options.expand_closed = true;
  options.forbid_closed = false;
  options.allow_aliases = kind != "remove_index";
  ASSIGN_OR_RETURN(const auto resolved, resolve(context, expression, options));
  for (const index::ResolvedIndex& target : resolved) {
    if (kind == "remove_index") {
      out.push_back({AliasAction::Type::kRemoveIndex, target.index->name, {}, {}, {}});
      continue;
    }
    for (const std::string& alias : aliases) {
      const bool removing = kind == "remove";
      for (const std::string& name :
           removing ? expand_aliases(*target.index, alias) : std::vector<std::string>{alias}) {
        out.push_back({removing ? AliasAction::Type::kRemove : AliasAction::Type::kAdd,
                       target.index->name, name, metadata, must_exist});
      }
    }
  }
  return {};
}

Result<Response> update(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const json::Value body, read_body(request));
  const json::Value* actions = body.find("actions");
  if (actions == nullptr || !actions->is_array() || actions->empty()) {
    return Error(error_types::kIllegalArgument, "No action specified");
  }
  std::vector<AliasAction> changes;
  for (const json::Value& action : actions->as_array()) {
    if (!action.is_object() || action.size() != 1) {
      return Error(error_types::kIllegalArgument,
                   "Too many operations declared on operation entry");
    }
    const json::Member& member = action.as_object()[0];
    if (member.key != "add" && member.key != "remove" && member.key != "remove_index") {
      return Error(error_types::kXContentParse,
                   "[alias_action] unknown field [" + member.key + "]");
    }
    RETURN_IF_ERROR(add_actions(member.key, member.value, context, changes));
  }
  RETURN_IF_ERROR(context.engine.update_aliases(changes));
  return acknowledged();
}

Result<Response> put(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(json::Value body, read_body(request));
  if (body.is_null()) body = json::Value::object();
  if (request.has_path_param("index")) body.set("index", request.path_param("index"));
  if (request.has_path_param("name")) body.set("alias", request.path_param("name"));
  std::vector<AliasAction> changes;
  RETURN_IF_ERROR(add_actions("add", body, context, changes));
  RETURN_IF_ERROR(context.engine.update_aliases(changes));
  return acknowledged();
}

Result<Response> remove(const Request& request, Context& context) {
  IndicesOptions options;
  options.expand_closed = true;
  options.forbid_closed = false;
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  std::vector<AliasAction> changes;
  for (const index::ResolvedIndex& resolved : indices) {
    for (const std::string& pattern : split_list(request.path_param("name"))) {
      for (const std::string& name : expand_aliases(*resolved.index, pattern)) {
        if (resolved.index->aliases.contains(name)) {
          changes.push_back({AliasAction::Type::kRemove, resolved.index->name, name, {}, {}});
        }
      }
    }
  }
  if (changes.empty()) {
    return Error(error_types::kAliasesNotFound,
                 "aliases [" + request.path_param("name") + "] missing")
        .with("resource.type", "aliases")
        .with("resource.id", request.path_param("name"));
  }
  RETURN_IF_ERROR(context.engine.update_aliases(changes));
  return acknowledged();
}

Result<Response> get(const Request& request, Context& context) {
  IndicesOptions defaults;
  defaults.expand_closed = true;
  defaults.expand_hidden = true;
  defaults.forbid_closed = false;
  ASSIGN_OR_RETURN(const IndicesOptions options, read_indices_options(request.params, defaults));
  ASSIGN_OR_RETURN(const auto indices, resolve_path(request, context, options));
  const std::vector<std::string> patterns = split_list(request.path_param("name"));
  const bool all =
      patterns.empty() || (patterns.size() == 1 && (patterns[0] == "_all" || patterns[0] == "*"));
  const bool named = !patterns.empty();
  std::vector<bool> found(patterns.size());
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  for (const index::ResolvedIndex& resolved : indices) {
    std::string aliases;
    json::Writer inner(aliases);
    inner.begin_object();
    bool any = false;
    for (const auto& [name, alias] : resolved.index->aliases) {
      bool wanted = all;
      for (size_t i = 0; i < patterns.size(); ++i) {
        if (!matches_pattern(patterns[i], name)) continue;
        wanted = true;
        found[i] = true;
      }
      if (!wanted) continue;
      any = true;
      inner.field(name, alias_json(alias));
    }
    inner.end_object();
    if (any || (!named && (all || request.has_path_param("index")))) {
      out.key(resolved.index->name).begin_object().key("aliases").raw(aliases).end_object();
    }
  }
  std::string missing;
  for (size_t i = 0; i < patterns.size() && !all; ++i) {
    if (!found[i] && !has_wildcard(patterns[i]))
      missing += (missing.empty() ? "" : ",") + patterns[i];
  }
  if (!missing.empty()) {
    response.status = 404;
    const bool several = missing.find(',') != std::string::npos;
    Response failed;
    json::Writer w(failed.body);
    w.begin_object()
        .field("error", (several ? "aliases [" : "alias [") + missing + "] missing")
        .field("status", 404);
    out.end_object();
    const json::Value rest = *json::parse(response.body);
    for (const json::Member& member : rest.as_object()) w.field(member.key, member.value);
    w.end_object();
    failed.status = 404;
    return failed;
  }
  out.end_object();
  return response;
}

}  // namespace

void add_alias_routes(Router& router) {
  const std::vector<std::string> waits{"timeout", "master_timeout"};
  add_routes(router, {Method::kPost}, {"/_aliases"}, update, waits);
  add_routes(
      router, {Method::kPut, Method::kPost},
      {"/{index}/_alias/{name}", "/{index}/_aliases/{name}", "/_alias/{name}", "/_aliases/{name}"},
      put, waits);
  add_routes(router, {Method::kPut}, {"/{index}/_alias", "/{index}/_aliases", "/_alias"}, put,
             waits);
  add_routes(router, {Method::kDelete}, {"/{index}/_alias/{name}", "/{index}/_aliases/{name}"},
             remove, waits);
  add_routes(router, {Method::kGet},
             {"/_alias", "/_aliases", "/_alias/{name}", "/{index}/_alias", "/{index}/_aliases",
              "/{index}/_alias/{name}"},
             get, with_indices_params({"local"}));
}

}  // namespace stratalog::api
