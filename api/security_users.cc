// Users and their passwords; who am I, what may I. Elasticsearch doc pages "Create or update
// users", "Change passwords", "Authenticate", "Has privileges", "Get user privileges".
#include <algorithm>
#include <set>

#include "api/families.h"
#include "api/security_common.h"
#include "api/source_params.h"

namespace stratalog::api {

namespace {

using index::security::Kind;
using index::security::Principal;
using index::security::Record;
using index::security::ReservedUser;
using index::security::SecurityService;

constexpr size_t kPasswordLettersMin = 6;
constexpr size_t kPasswordBytesMax = 1024;
constexpr std::string_view kChangePassword = "cluster:admin/xpack/security/user/change_password";

std::optional<Error> wrong_password(std::string_view password) {
  if (password.size() < kPasswordLettersMin)
    return invalid("passwords must be at least [6] characters long");
  if (password.size() > kPasswordBytesMax)
    return invalid("passwords must be no longer than [1024] bytes");
  return std::nullopt;
}

Result<Response> authenticate(const Request& request, Context&) {
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  append_user(out, *request.principal);
  out.end_object();
  return response;
}

void append_reserved(json::Writer& out, SecurityService& security, const ReservedUser& user) {
  const Record changed = security.store().get(Kind::kReservedUser, user.name);
  const json::Value* enabled = changed == nullptr ? nullptr : changed->find("enabled");
  out.key(user.name).begin_object().field("username", user.name).key("roles").begin_array();
  for (const std::string& role : user.roles) out.string(role);
  out.end_array().key("full_name").null().key("email").null().key("metadata").begin_object();
  if (user.deprecated) {
    out.field("_deprecated", true);
    out.field("_deprecated_reason", "Please use the [kibana_system] user instead.");
  }
  out.field("_reserved", true).end_object();
  out.field("enabled", enabled == nullptr || enabled->to_bool().value_or(true)).end_object();
}

Result<Response> get(const Request& request, Context& context) {
  SecurityService& security = *context.security;
  const std::vector<std::string> names = split_list(request.path_param("name"));
  const auto wanted = [&](std::string_view name) {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  };
  Response response;
  json::Writer out(response.body);
  bool any = false;
  out.begin_object();
  for (const ReservedUser& user : index::security::reserved_users()) {
    if (!wanted(user.name)) continue;
    any = true;
    append_reserved(out, security, user);
  }
  for (const auto& [name, record] : security.store().list(Kind::kUser)) {
    if (!wanted(name)) continue;
    any = true;
    json::Value shown = json::Value::object({{"username", name}});
    for (const char* key : {"roles", "full_name", "email", "metadata", "enabled"})
      shown.set(key, *record->find(key));
    out.field(name, shown);
  }
  out.end_object();
  response.status = any || names.empty() ? 200 : 404;
  return response;
}

Result<Response> put(const Request& request, Context& context) {
  SecurityService& security = *context.security;
  const std::string& name = request.path_param("name");
  ASSIGN_OR_RETURN(const json::Value body, required_body(request, "request body is required"));
  const Record before = security.store().get(Kind::kUser, name);
  json::Value user = json::Value::object({{"roles", nullptr},
                                          {"full_name", nullptr},
                                          {"email", nullptr},
                                          {"metadata", json::Value::object()},
                                          {"enabled", true}});
  std::optional<std::string> password, hash;
  for (const json::Member& member : body.as_object()) {
    const std::string& key = member.key;
    const json::Value& value = member.value;
    if (key == "password") {
      if (!value.is_string() && !value.is_null())
        return parse_failed("expected field [password] to be of type string");
      if (value.is_string()) password = value.as_string();
    } else if (key == "password_hash") {
      if (!value.is_string())
        return parse_failed("expected field [password_hash] to be of type string");
      hash = value.as_string();
    } else if (key == "roles") {
      user.set(key, value.is_string() ? to_json(split_list(value.as_string()))
                                      : to_json(text_list(value)));
    } else if (key == "full_name" || key == "email") {
      if (!value.is_null() && !value.is_string())
        return parse_failed("expected field [" + key + "] to be of type string");
      user.set(key, value);
    } else if (key == "metadata") {
      if (!value.is_object() && !value.is_null())
        return parse_failed("expected field [metadata] to be of type object");
      if (value.is_object()) user.set(key, value);
    } else if (key == "enabled") {
      if (!value.is_bool()) return parse_failed("expected field [enabled] to be of type boolean");
      user.set(key, value);
    } else if (key != "username") {
      return parse_failed("failed to parse add user request. unexpected field [" + key + "]");
    }
  }
  if (const auto problem = index::security::invalid_name(name, "User"))
    return validation_error(*problem);
  if (index::security::reserved_user(name) != nullptr) {
    return validation_error("user [" + name + "] is reserved and only the password can be changed");
  }
  if (user.find("roles")->is_null()) return validation_error("roles are missing");
  for (const json::Member& member : user.find("metadata")->as_object()) {
    if (member.key.starts_with('_'))
      return validation_error("metadata keys may not start with [_]");
  }
  if (hash) {
    return Error(error_types::kIllegalArgument,
                 "[password_hash] is not supported: passwords are hashed here, by PBKDF2");
  }
  if (password) {
    if (auto wrong = wrong_password(*password)) return *std::move(wrong);
    user.set("hash", security.secrets().hash_password(*password));
  } else if (before == nullptr) {
    return invalid("password must be specified unless you are updating an existing user");
  } else {
    user.set("hash", *before->find("hash"));
  }
  RETURN_IF_ERROR(security.store().put(Kind::kUser, name, std::move(user)));
  return Response::json(before == nullptr ? R"({"created":true})" : R"({"created":false})");
}

Result<Response> remove(const Request& request, Context& context) {
  const std::string& name = request.path_param("name");
  if (index::security::reserved_user(name) != nullptr) {
    return Error(error_types::kIllegalArgument,
                 "user [" + name + "] is reserved and cannot be deleted");
  }
  auto& store = context.security->store();
  if (store.get(Kind::kUser, name) == nullptr) return Response::json(R"({"found":false})", 404);
  RETURN_IF_ERROR(store.remove(Kind::kUser, name));
  return Response::json(R"({"found":true})");
}

Result<Response> change_password(const Request& request, Context& context) {
  SecurityService& security = *context.security;
  const Principal& who = *request.principal;
  const std::string name = request.has_path_param("name") ? request.path_param("name") : who.name;
  // One's own, but not with a key or a token that somebody else may hold.
  const bool own = name == who.name && who.way == Principal::Way::kRealm;
  if (!own) RETURN_IF_ERROR(may(request, kChangePassword));
  ASSIGN_OR_RETURN(const json::Value body, required_body(request, "request body is required"));
  std::optional<std::string> password;
  for (const json::Member& member : body.as_object()) {
    if (member.key != "password") {
      return parse_failed("failed to parse change password request. unexpected field [" +
                          member.key + "]");
    }
    if (!member.value.is_string())
      return parse_failed("expected field [password] to be of type string");
    password = member.value.as_string();
  }
  if (!password) return validation_error("password is missing");
  if (auto wrong = wrong_password(*password)) return *std::move(wrong);
  if (index::security::reserved_user(name) != nullptr) {
    RETURN_IF_ERROR(
        security.store().put_reserved_hash(name, security.secrets().hash_password(*password)));
    return Response::json("{}");
  }
  const Record before = security.store().get(Kind::kUser, name);
  if (before == nullptr) return invalid("user must exist in order to change password");
  json::Value user = *before;
  user.set("hash", security.secrets().hash_password(*password));
  RETURN_IF_ERROR(security.store().put(Kind::kUser, name, std::move(user)));
  return Response::json("{}");
}

Result<Response> set_enabled(const Request& request, Context& context) {
  const std::string& name = request.path_param("name");
  const bool enabled = request.path.ends_with("_enable") || request.path.ends_with("_enable/");
  if (name == request.principal->name) {
    return Error(error_types::kIllegalArgument,
                 "users may not update the enabled status of their own account");
  }
  auto& store = context.security->store();
  if (index::security::reserved_user(name) != nullptr) {
    RETURN_IF_ERROR(
        store.put(Kind::kReservedUser, name, json::Value::object({{"enabled", enabled}})));
    return Response::json("{}");
  }
  const Record before = store.get(Kind::kUser, name);
  if (before == nullptr) {
    return invalid(std::string("only existing users can be ") + (enabled ? "enabled" : "disabled"));
  }
  json::Value user = *before;
  user.set("enabled", enabled);
  RETURN_IF_ERROR(store.put(Kind::kUser, name, std::move(user)));
  return Response::json("{}");
}

Result<Response> my_privileges(const Request& request, Context&) {
  const Principal& who = *request.principal;
  if (who.limited) {
    return Error({"unsupported_operation_exception", 500},
                 "cannot retrieve cluster permission on limited role");
  }
  std::set<std::string> cluster, run_as, applications;
  for (const index::security::Role& role : who.descriptors) {
    cluster.insert(role.cluster.begin(), role.cluster.end());
    run_as.insert(role.run_as.begin(), role.run_as.end());
    applications.insert(role.managed_applications.begin(), role.managed_applications.end());
  }
  Response response;
  json::Writer out(response.body);
  const auto list = [&](const char* key, const std::set<std::string>& texts) {
    out.key(key).begin_array();
    for (const std::string& text : texts) out.string(text);
    out.end_array();
  };
  out.begin_object();
  list("cluster", cluster);
  out.key("global").begin_array();
  if (!applications.empty()) {
    out.begin_object().key("application").begin_object().key("manage").begin_object();
    list("applications", applications);
    out.end_object().end_object().end_object();
  }
  out.end_array().key("indices").begin_array();
  for (const index::security::Role& role : who.descriptors) {
    for (const index::security::IndicesPrivileges& group : role.indices) {
      out.begin_object().field("names", to_json(group.names));
      out.field("privileges", to_json(group.privileges));
      if (group.granted_fields || !group.denied_fields.empty()) {
        out.key("field_security").begin_array().begin_object();
        if (group.granted_fields) out.field("grant", to_json(*group.granted_fields));
        if (!group.denied_fields.empty()) out.field("except", to_json(group.denied_fields));
        out.end_object().end_array();
      }
      if (!group.query.empty()) out.key("query").begin_array().string(group.query).end_array();
      out.field("allow_restricted_indices", group.allow_restricted).end_object();
    }
  }
  out.end_array().key("applications").begin_array();
  for (const index::security::Role& role : who.descriptors) {
    for (const auto& application : role.applications) append_application(out, application);
  }
  out.end_array();
  list("run_as", run_as);
  out.end_object();
  return response;
}

}  // namespace

void add_security_user_routes(Router& router) {
  const std::vector<Method> put_post{Method::kPut, Method::kPost};
  add_routes(router, {Method::kGet}, {"/_security/_authenticate"}, authenticate, {});
  add_routes(router, {Method::kGet}, {"/_security/user", "/_security/user/{name}"}, get, {});
  add_routes(router, put_post, {"/_security/user/{name}"}, put, {"refresh"});
  add_routes(router, {Method::kDelete}, {"/_security/user/{name}"}, remove, {"refresh"});
  add_routes(router, put_post, {"/_security/user/_password", "/_security/user/{name}/_password"},
             change_password, {"refresh"});
  add_routes(router, put_post,
             {"/_security/user/{name}/_enable", "/_security/user/{name}/_disable"}, set_enabled,
             {"refresh"});
  add_routes(router, {Method::kGet}, {"/_security/user/_privileges"}, my_privileges, {});
  add_routes(router, {Method::kPost}, {"/_security/realm/{realms}/_clear_cache"}, caches_are_clear,
             {"usernames"});
}

}  // namespace stratalog::api
