// Roles and role mappings. Elasticsearch doc pages "Create or update roles", "Create or update role
// mappings". Mappings are for realms of others (LDAP, SAML, PKI); native users have their roles by
// themselves, so no mapping applies to any user that there is.
#include <algorithm>

#include "api/families.h"
#include "api/security_common.h"
#include "api/source_params.h"
#include "query/row_rules.h"

namespace stratalog::api {

namespace {

using index::security::Kind;
using index::security::Record;
using index::security::Role;

constexpr uint32_t kQueryDepthMax = 64;
constexpr int kRuleDepthMax = 32;

Status check_role(const Role& role) {
  if (const auto problem = index::security::invalid_name(role.name, "Role"))
    return validation_error(*problem);
  if (auto known = index::security::resolve_cluster(role.cluster); !known)
    return validation_error(known.error().reason);
  for (size_t i = 0; i < role.indices.size(); ++i) {
    const index::security::IndicesPrivileges& group = role.indices[i];
    if (auto known = index::security::resolve_index(group.privileges); !known)
      return validation_error(known.error().reason);
    if (group.query.empty()) continue;
    const auto query = json::parse(group.query, kQueryDepthMax);
    const Status checked = query ? query::check_row_query(*query) : Status(query.error());
    if (checked) continue;
    std::string names;
    for (const std::string& name : group.names) names += (names.empty() ? "" : ",") + name;
    Error error =
        parse_failed("failed to parse field 'query' for indices [" + names +
                     "] at index privilege [" + std::to_string(i) + "] of role descriptor");
    error.root_causes.push_back(checked.error());
    return std::move(error).because(checked.error());
  }
  for (const json::Member& member : role.metadata.as_object()) {
    if (member.key.starts_with('_')) {
      return validation_error("role descriptor metadata keys may not start with [_]");
    }
  }
  return {};
}

Result<Response> get_roles(const Request& request, Context& context) {
  const std::vector<std::string> names = split_list(request.path_param("name"));
  const auto wanted = [&](std::string_view name) {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  };
  Response response;
  json::Writer out(response.body);
  bool any = false;
  out.begin_object();
  const auto show = [&](const Role& role) {
    if (!wanted(role.name)) return;
    any = true;
    append_role(out.key(role.name), role, true);
  };
  for (const Role& role : index::security::built_in_roles()) show(role);
  for (const auto& [name, record] : context.security->store().list(Kind::kRole)) {
    if (const auto role = context.security->role(name)) show(*role);
  }
  out.end_object();
  response.status = any || names.empty() ? 200 : 404;
  return response;
}

Result<Response> put_role(const Request& request, Context& context) {
  const std::string& name = request.path_param("name");
  ASSIGN_OR_RETURN(const json::Value body, required_body(request, "request body is required"));
  ASSIGN_OR_RETURN(const Role role, index::security::parse_role(name, body));
  RETURN_IF_ERROR(check_role(role));
  if (index::security::built_in_role(name) != nullptr) {
    return Error(error_types::kIllegalArgument,
                 "role [" + name + "] is reserved and cannot be modified.");
  }
  auto& store = context.security->store();
  const bool created = store.get(Kind::kRole, name) == nullptr;
  std::string text;
  json::Writer writer(text);
  append_role(writer, role, false);
  ASSIGN_OR_RETURN(json::Value record, json::parse(text, kQueryDepthMax));
  RETURN_IF_ERROR(store.put(Kind::kRole, name, std::move(record)));
  return Response::json(created ? R"({"role":{"created":true}})" : R"({"role":{"created":false}})");
}

Result<Response> remove_role(const Request& request, Context& context) {
  const std::string& name = request.path_param("name");
  if (index::security::built_in_role(name) != nullptr) {
    return Error(error_types::kIllegalArgument,
                 "role [" + name + "] is reserved and cannot be deleted");
  }
  auto& store = context.security->store();
  if (store.get(Kind::kRole, name) == nullptr) return Response::json(R"({"found":false})", 404);
  RETURN_IF_ERROR(store.remove(Kind::kRole, name));
  return Response::json(R"({"found":true})");
}

// The form of a mapping's rules: all, any, except, field.
Status check_rules(const std::string& name, const json::Value& rules, int depth) {
  if (depth > kRuleDepthMax) return parse_failed("the rules of [" + name + "] are too deep");
  if (!rules.is_object() || rules.size() != 1)
    return parse_failed("failed to parse rules expression. expected one field in [" + name + "]");
  const json::Member& member = rules.as_object()[0];
  if (member.key == "all" || member.key == "any") {
    if (!member.value.is_array()) {
      return parse_failed("failed to parse rules expression. expected [" + member.key +
                          "] to be an array");
    }
    for (const json::Value& rule : member.value.as_array())
      RETURN_IF_ERROR(check_rules(name, rule, depth + 1));
    return {};
  }
  if (member.key == "except") return check_rules(name, member.value, depth + 1);
  if (member.key != "field") {
    return parse_failed("failed to parse rules expression. field [" + member.key +
                        "] is not recognised in object [" + name + "]");
  }
  if (!member.value.is_object() || member.value.size() != 1)
    return parse_failed("failed to parse rules expression. expected one name in [field]");
  return {};
}

Result<Response> get_mappings(const Request& request, Context& context) {
  const std::vector<std::string> names = split_list(request.path_param("name"));
  Response response;
  json::Writer out(response.body);
  bool any = false;
  out.begin_object();
  for (const auto& [name, record] : context.security->store().list(Kind::kRoleMapping)) {
    if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) continue;
    any = true;
    out.field(name, *record);
  }
  out.end_object();
  response.status = any || names.empty() ? 200 : 404;
  return response;
}

Result<Response> put_mapping(const Request& request, Context& context) {
  const std::string& name = request.path_param("name");
  ASSIGN_OR_RETURN(const json::Value body, required_body(request, "request body is required"));
  json::Value record = json::Value::object({{"enabled", true}});
  const json::Value* roles = nullptr;
  const json::Value* rules = nullptr;
  const json::Value* metadata = nullptr;
  const auto failed = [&](const std::string& problem) {
    return Error(error_types::kParsing, "failed to parse role-mapping [" + name + "]. " + problem);
  };
  for (const json::Member& member : body.as_object()) {
    if (member.key == "enabled") {
      if (!member.value.is_bool()) return failed("[enabled] is no boolean");
      record.set("enabled", member.value);
    } else if (member.key == "roles") {
      roles = &member.value;
    } else if (member.key == "rules") {
      rules = &member.value;
    } else if (member.key == "metadata") {
      metadata = &member.value;
    } else if (member.key == "role_templates") {
      return Error(error_types::kIllegalArgument, "[role_templates] are not supported");
    } else {
      return Error(error_types::kXContentParse,
                   "[role-mapping] unknown field [" + member.key + "]");
    }
  }
  if (roles == nullptr) return failed("missing field [roles]");
  if (rules == nullptr) return failed("missing field [rules]");
  if (const Status checked = check_rules(name, *rules, 0); !checked) {
    return Error(error_types::kParsing, "[role-mapping] failed to parse field [rules]")
        .because(checked.error());
  }
  if (metadata != nullptr && !metadata->is_object()) return failed("[metadata] is no object");
  record.set("roles", to_json(text_list(*roles)));
  record.set("rules", *rules);
  record.set("metadata", metadata == nullptr ? json::Value::object() : *metadata);
  auto& store = context.security->store();
  const bool created = store.get(Kind::kRoleMapping, name) == nullptr;
  RETURN_IF_ERROR(store.put(Kind::kRoleMapping, name, std::move(record)));
  return Response::json(created ? R"({"role_mapping":{"created":true}})"
                                : R"({"role_mapping":{"created":false}})");
}

Result<Response> remove_mapping(const Request& request, Context& context) {
  const std::string& name = request.path_param("name");
  auto& store = context.security->store();
  if (store.get(Kind::kRoleMapping, name) == nullptr)
    return Response::json(R"({"found":false})", 404);
  RETURN_IF_ERROR(store.remove(Kind::kRoleMapping, name));
  return Response::json(R"({"found":true})");
}

}  // namespace

void add_security_role_routes(Router& router) {
  const std::vector<Method> put_post{Method::kPut, Method::kPost};
  const auto refresh = std::vector<std::string>{"refresh"};
  add_routes(router, {Method::kGet}, {"/_security/role", "/_security/role/{name}"}, get_roles, {});
  add_routes(router, put_post, {"/_security/role/{name}"}, put_role, refresh);
  add_routes(router, {Method::kDelete}, {"/_security/role/{name}"}, remove_role, refresh);
  add_routes(router, {Method::kPost}, {"/_security/role/{name}/_clear_cache"}, caches_are_clear,
             {});
  add_routes(router, {Method::kGet}, {"/_security/role_mapping", "/_security/role_mapping/{name}"},
             get_mappings, {});
  add_routes(router, put_post, {"/_security/role_mapping/{name}"}, put_mapping, refresh);
  add_routes(router, {Method::kDelete}, {"/_security/role_mapping/{name}"}, remove_mapping,
             refresh);
}

}  // namespace stratalog::api
