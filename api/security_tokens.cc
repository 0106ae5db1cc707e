// Service accounts and their tokens; tokens of users. Elasticsearch doc pages "Service accounts",
// "Create service account token", "Get token".
#include <algorithm>
#include <map>

#include "api/families.h"
#include "api/security_common.h"
#include "api/source_params.h"
#include "base/clock.h"

namespace stratalog::api {

namespace {

using index::security::Kind;
using index::security::PrincipalPtr;
using index::security::Record;
using index::security::Role;
using index::security::SecurityService;

constexpr size_t kServiceSecretLetters = 22;
constexpr size_t kTokenNameMax = 256;
constexpr int64_t kTokenLifeMs = int64_t{20} * 60 * 1000;  // xpack.security.authc.token.timeout
constexpr int64_t kRefreshLifeMs = int64_t{24} * 3600 * 1000;
constexpr size_t kTokenIdLetters = 22;
constexpr size_t kTokenSecretLetters = 43;
constexpr size_t kTokensMax = 100'000;

std::string account_of(const Request& request) {
  return request.path_param("namespace") + "/" + request.path_param("service");
}

bool right_token_name(std::string_view name) {
  return !name.empty() && name.size() <= kTokenNameMax && !name.starts_with('_') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

Error unknown_account(const std::string& account) {
  return Error(error_types::kIllegalArgument, "service account [" + account + "] does not exist");
}

Result<Response> get_accounts(const Request& request, Context&) {
  const std::string& space = request.path_param("namespace");
  const std::string& service = request.path_param("service");
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  for (const Role& account : index::security::service_accounts()) {
    const size_t slash = account.name.find('/');
    if (!space.empty() && account.name.substr(0, slash) != space) continue;
    if (!service.empty() && account.name.substr(slash + 1) != service) continue;
    out.key(account.name).begin_object();
    append_role(out.key("role_descriptor"), account, true);
    out.end_object();
  }
  out.end_object();
  return response;
}

Result<Response> create(const Request& request, Context& context) {
  SecurityService& security = *context.security;
  const std::string account = account_of(request);
  std::string name = request.path_param("name");
  if (name.empty()) name = "token_" + security.secrets().random_text(20);
  if (!right_token_name(name)) {
    return validation_error(
        "service account token name must have at least 1 character and at most 256 characters "
        "that are alphanumeric (A-Z, a-z, 0-9) or hyphen (-) or underscore (_). It must not begin "
        "with an underscore (_).");
  }
  if (index::security::service_account(account) == nullptr) return unknown_account(account);
  const std::string key = account + "/" + name;
  if (security.store().get(Kind::kServiceToken, key) != nullptr) {
    return Error({"version_conflict_engine_exception", 409},
                 "[service_account_token-" + key +
                     "]: version conflict, document already exists (current version [1])");
  }
  const std::string secret = security.secrets().random_text(kServiceSecretLetters);
  RETURN_IF_ERROR(
      security.store().put(Kind::kServiceToken, key,
                           json::Value::object({{"digest", security.secrets().digest(secret)},
                                                {"creation", wall_clock_ms()},
                                                {"creator", request.principal->name}})));
  Response response;
  json::Writer out(response.body);
  out.begin_object().field("created", true).key("token").begin_object().field("name", name);
  out.field("value", index::security::encode_service_token(account, name, secret));
  out.end_object().end_object();
  return response;
}

Result<Response> remove(const Request& request, Context& context) {
  auto& store = context.security->store();
  const std::string key = account_of(request) + "/" + request.path_param("name");
  if (store.get(Kind::kServiceToken, key) == nullptr)
    return Response::json(R"({"found":false})", 404);
  RETURN_IF_ERROR(store.remove(Kind::kServiceToken, key));
  return Response::json(R"({"found":true})");
}

Result<Response> credentials(const Request& request, Context& context) {
  const std::string account = account_of(request);
  std::vector<std::string> names;
  const std::string prefix = account + "/";
  for (const auto& [key, record] : context.security->store().list(Kind::kServiceToken)) {
    if (key.starts_with(prefix)) names.push_back(key.substr(prefix.size()));
  }
  Response response;
  json::Writer out(response.body);
  out.begin_object().field("service_account", account).field("count", names.size());
  out.key("tokens").begin_object();
  for (const std::string& name : names) out.key(name).begin_object().end_object();
  out.end_object().key("nodes_credentials").begin_object().key("_nodes").begin_object();
  out.field("total", 1).field("successful", 1).field("failed", 0).end_object();
  out.key("file_tokens").begin_object().end_object().end_object().end_object();
  return response;
}

Error oauth_error(const char* type, std::string reason) {
  Error error(error_types::kIllegalArgument, std::move(reason));
  error.fields.push_back({"error", type, false});
  return error;
}

// Makes an access token of a user, and one to get the next with unless it is for itself.
Result<Response> give_token(SecurityService& security, const PrincipalPtr& user, bool refreshable,
                            Context&) {
  const int64_t now_ms = wall_clock_ms();
  std::vector<index::security::SecurityStore::Change> changes;
  for (const auto& [id, record] : security.store().list(Kind::kToken)) {
    const json::Value* end = record->find("refresh_until");
    if (end == nullptr || end->to_int().value_or(0) < now_ms)
      changes.push_back({Kind::kToken, id, std::nullopt});
  }
  if (security.store().count(Kind::kToken) >= changes.size() + kTokensMax)
    return Error(error_types::kIllegalArgument, "there are too many tokens");
  const std::string id = security.secrets().random_text(kTokenIdLetters);
  const std::string secret = security.secrets().random_text(kTokenSecretLetters);
  const std::string refresh = security.secrets().random_text(kTokenSecretLetters);
  json::Value record = json::Value::object({{"username", user->name},
                                            {"digest", security.secrets().digest(secret)},
                                            {"creation", now_ms},
                                            {"expiration", now_ms + kTokenLifeMs},
                                            {"refresh_until", now_ms + kRefreshLifeMs},
                                            {"invalidated", false}});
  if (refreshable) record.set("refresh_digest", security.secrets().digest(refresh));
  changes.push_back({Kind::kToken, id, std::move(record)});
  RETURN_IF_ERROR(security.store().change(changes));
  Response response;
  json::Writer out(response.body);
  out.begin_object().field("access_token", id + secret).field("type", "Bearer");
  out.field("expires_in", kTokenLifeMs / 1000);
  if (refreshable) out.field("refresh_token", id + refresh);
  out.key("authentication").begin_object();
  append_user(out, *user);
  out.end_object().end_object();
  return response;
}

Result<Response> token(const Request& request, Context& context) {
  SecurityService& security = *context.security;
  ASSIGN_OR_RETURN(const json::Value body, required_body(request, "request body is required"));
  const auto text = [&](const char* key) {
    const json::Value* value = body.find(key);
    return value == nullptr ? std::string() : value->to_text();
  };
  for (const json::Member& member : body.as_object()) {
    const std::string& key = member.key;
    if (key != "grant_type" && key != "username" && key != "password" && key != "scope" &&
        key != "refresh_token") {
      return Error(error_types::kXContentParse, "[token_request] unknown field [" + key + "]");
    }
  }
  const std::string type = text("grant_type");
  if (type == "password") {
    const auto hash = security.password_hash(text("username"));
    PrincipalPtr user;
    if (hash && security.secrets().password_matches(text("password"), *hash))
      user = security.user(text("username"));
    if (user == nullptr) {
      return Error(error_types::kSecurity,
                   "failed to authenticate user [" + text("username") + "]");
    }
    return give_token(security, user, true, context);
  }
  if (type == "client_credentials") {
    if (request.principal->way != index::security::Principal::Way::kRealm)
      return oauth_error("invalid_grant",
                         "OAuth2 token creation is not supported for this way "
                         "of authentication");
    return give_token(security, request.principal, false, context);
  }
  if (type != "refresh_token")
    return validation_error(
        "only [password, kerberos, refresh_token, client_credentials] grant "
        "types are known, of which [kerberos] is not supported");
  const std::string given = text("refresh_token");
  const auto refused = [] { return oauth_error("invalid_grant", "could not refresh the token"); };
  if (given.size() <= kTokenIdLetters) return refused();
  const std::string id = given.substr(0, kTokenIdLetters);
  const Record record = security.store().get(Kind::kToken, id);
  const json::Value* digest = record == nullptr ? nullptr : record->find("refresh_digest");
  if (digest == nullptr || record->find("invalidated")->to_bool().value_or(true)) return refused();
  if (record->find("refresh_until")->to_int().value_or(0) <= wall_clock_ms()) return refused();
  if (!security.secrets().same(security.secrets().digest(given.substr(kTokenIdLetters)),
                               digest->to_text()))
    return refused();
  const PrincipalPtr user = security.user(record->find("username")->to_text());
  if (user == nullptr) return refused();
  // Of use once.
  RETURN_IF_ERROR(security.store().remove(Kind::kToken, id));
  return give_token(security, user, true, context);
}

Result<Response> invalidate(const Request& request, Context& context) {
  SecurityService& security = *context.security;
  ASSIGN_OR_RETURN(const json::Value body, required_body(request, "request body is required"));
  std::string given, username, realm;
  bool refresh = false;
  for (const json::Member& member : body.as_object()) {
    if (member.key == "token" || member.key == "refresh_token") {
      given = member.value.to_text();
      refresh = member.key == "refresh_token";
    } else if (member.key == "username") {
      username = member.value.to_text();
    } else if (member.key == "realm_name") {
      realm = member.value.to_text();
    } else {
      return Error(error_types::kXContentParse,
                   "[invalidate_token] unknown field [" + member.key + "]");
    }
  }
  if (given.empty() && username.empty() && realm.empty()) {
    return validation_error("one of [token, refresh_token, realm_name, username] must be given");
  }
  std::vector<index::security::SecurityStore::Change> changes;
  for (const auto& [id, record] : security.store().list(Kind::kToken)) {
    bool wanted = false;
    if (!given.empty()) {
      const json::Value* digest = record->find(refresh ? "refresh_digest" : "digest");
      wanted = given.starts_with(id) && digest != nullptr &&
               security.secrets().same(security.secrets().digest(given.substr(id.size())),
                                       digest->to_text());
    } else {
      const PrincipalPtr user = security.user(record->find("username")->to_text());
      wanted = (username.empty() || record->find("username")->to_text() == username) &&
               (realm.empty() || (user != nullptr && user->realm.name == realm));
    }
    if (wanted) changes.push_back({Kind::kToken, id, std::nullopt});
  }
  if (!changes.empty()) RETURN_IF_ERROR(security.store().change(changes));
  Response response;
  json::Writer(response.body)
      .begin_object()
      .field("invalidated_tokens", changes.size())
      .field("previously_invalidated_tokens", 0)
      .field("error_count", 0)
      .end_object();
  response.status = changes.empty() ? 404 : 200;
  return response;
}

}  // namespace

void add_security_token_routes(Router& router) {
  const std::string base = "/_security/service/{namespace}/{service}/credential";
  const std::string tokens = base + "/token", named = tokens + "/{name}",
                    cache = named + "/_clear_cache";
  const std::vector<std::string> refresh{"refresh"};
  add_routes(router, {Method::kGet},
             {"/_security/service", "/_security/service/{namespace}",
              "/_security/service/{namespace}/{service}"},
             get_accounts, {});
  add_routes(router, {Method::kPost, Method::kPut}, {tokens.c_str(), named.c_str()}, create,
             refresh);
  add_routes(router, {Method::kDelete}, {named.c_str()}, remove, refresh);
  add_routes(router, {Method::kGet}, {base.c_str()}, credentials, {});
  add_routes(router, {Method::kPost}, {cache.c_str()}, caches_are_clear, {});
  add_routes(router, {Method::kPost}, {"/_security/oauth2/token"}, token, {});
  add_routes(router, {Method::kDelete}, {"/_security/oauth2/token"}, invalidate, {});
}

}  // namespace stratalog::api
