// API keys. Elasticsearch doc pages "Create API key", "Get API key information", "Invalidate API
// key", "Grant API keys".
#include <algorithm>

#include "api/families.h"
#include "api/security_common.h"
#include "api/source_params.h"
#include "base/clock.h"
#include "base/units.h"
#include "index/catalog/catalog_store.h"

namespace stratalog::api {

namespace {

using index::security::Kind;
using index::security::Principal;
using index::security::PrincipalPtr;
using index::security::Record;
using index::security::SecurityService;

constexpr size_t kSecretLetters = 22;  // 132 bits
// Keys that are past are kept for as long, as xpack.security.authc.api_key.delete.retention_period
// says there.
constexpr int64_t kRetentionMs = int64_t{7} * 24 * 3600 * 1000;
constexpr size_t kKeysMax = 100'000;

struct NewKey {
  std::string name;
  std::optional<int64_t> lifetime_ms;
  json::Value role_descriptors = json::Value::object();
  json::Value metadata;  // null: none
};

Result<NewKey> read_key(const json::Value& body) {
  NewKey key;
  bool named = false;
  for (const json::Member& member : body.is_object() ? body.as_object() : json::Object{}) {
    if (member.key == "name") {
      named = member.value.is_string();
      key.name = member.value.to_text();
    } else if (member.key == "expiration") {
      if (member.value.is_null()) continue;
      ASSIGN_OR_RETURN(const TimeValue time,
                       parse_time_value(member.value.to_text(), "expiration"));
      key.lifetime_ms = time.millis();
    } else if (member.key == "role_descriptors") {
      if (member.value.is_null()) continue;
      if (!member.value.is_object())
        return parse_failed("[api_key_request] role_descriptors doesn't support this value");
      std::vector<index::security::Role> roles;
      for (const json::Member& role : member.value.as_object()) {
        ASSIGN_OR_RETURN(index::security::Role parsed,
                         index::security::parse_role(role.key, role.value));
        for (const auto& group : parsed.indices) {
          if (auto known = index::security::resolve_index(group.privileges); !known)
            return validation_error(known.error().reason);
        }
        if (auto known = index::security::resolve_cluster(parsed.cluster); !known)
          return validation_error(known.error().reason);
        // The name alone must not make a role of somebody's own the superuser's.
        parsed.metadata = json::Value::object();
        roles.push_back(std::move(parsed));
      }
      key.role_descriptors = role_descriptors(roles);
    } else if (member.key == "metadata") {
      if (!member.value.is_object() && !member.value.is_null())
        return parse_failed("[api_key_request] metadata doesn't support this value");
      key.metadata = member.value;
    } else {
      return Error(error_types::kXContentParse,
                   "[api_key_request] unknown field [" + member.key + "]");
    }
  }
  if (!named) return Error(error_types::kIllegalArgument, "Required [name]");
  if (key.name.empty() || key.name.size() > 256) {
    return validation_error(key.name.empty()
                                ? "api key name is required"
                                : "api key name may not be more than 256 characters long");
  }
  if (key.name.starts_with('_'))
    return validation_error("api key name may not begin with an underscore");
  if (key.name.front() == ' ' || key.name.back() == ' ')
    return validation_error("api key name may not begin or end with whitespace");
  return key;
}

void forget_past_keys(SecurityService& security, int64_t now_ms) {
  std::vector<index::security::SecurityStore::Change> past;
  for (const auto& [id, record] : security.store().list(Kind::kApiKey)) {
    for (const char* end : {"expiration", "invalidation"}) {
      const json::Value* at = record->find(end);
      if (at == nullptr || at->to_int().value_or(INT64_MAX) > now_ms - kRetentionMs) continue;
      past.push_back({Kind::kApiKey, id, std::nullopt});
      break;
    }
  }
  // What can't be removed now is found the next time.
  if (!past.empty()) static_cast<void>(security.store().change(past));
}

Result<Response> make_key(const NewKey& key, const Principal& maker, Context& context) {
  SecurityService& security = *context.security;
  const int64_t now_ms = wall_clock_ms();
  forget_past_keys(security, now_ms);
  if (security.store().count(Kind::kApiKey) >= kKeysMax) {
    return Error(error_types::kIllegalArgument,
                 "there are [" + std::to_string(kKeysMax) + "] API keys, which is the most");
  }
  if (maker.is_api_key() && !key.role_descriptors.empty()) {
    // As Elasticsearch: a key that a key made could do more than the key, unless it does nothing.
    for (const json::Member& role : key.role_descriptors.as_object()) {
      for (const char* part : {"cluster", "indices", "applications", "run_as"}) {
        const json::Value* list = role.value.find(part);
        if (list != nullptr && !list->empty()) {
          return Error(error_types::kIllegalArgument,
                       "creating derived api keys requires an explicit role descriptor that is "
                       "empty (has no privileges)");
        }
      }
    }
  } else if (maker.is_api_key()) {
    return Error(error_types::kIllegalArgument,
                 "creating derived api keys requires an explicit role descriptor that is empty "
                 "(has no privileges)");
  }
  const std::string id = security.secrets().random_text(20);
  const std::string secret = security.secrets().random_text(kSecretLetters);
  json::Value record = json::Value::object({{"name", key.name},
                                            {"digest", security.secrets().digest(secret)},
                                            {"creation", now_ms},
                                            {"invalidated", false},
                                            {"username", maker.name},
                                            {"realm", maker.realm.name},
                                            {"realm_type", maker.realm.type},
                                            {"creator_metadata", maker.metadata},
                                            {"role_descriptors", key.role_descriptors},
                                            {"limited_by", role_descriptors(maker.descriptors)}});
  if (!key.metadata.is_null()) record.set("metadata", key.metadata);
  if (key.lifetime_ms) record.set("expiration", now_ms + *key.lifetime_ms);
  RETURN_IF_ERROR(security.store().put(Kind::kApiKey, id, std::move(record)));
  Response response;
  json::Writer out(response.body);
  out.begin_object().field("id", id).field("name", key.name);
  if (key.lifetime_ms) out.field("expiration", now_ms + *key.lifetime_ms);
  out.field("api_key", secret).end_object();
  return response;
}

Result<Response> create(const Request& request, Context& context) {
  const Principal& who = *request.principal;
  if (!who.permissions->own_api_keys(index::security::kApiKeyCreate))
    return index::security::denied(who, index::security::kApiKeyCreate);
  ASSIGN_OR_RETURN(const json::Value body, required_body(request, "request body is required"));
  ASSIGN_OR_RETURN(const NewKey key, read_key(body));
  return make_key(key, who, context);
}

Result<Response> grant(const Request& request, Context& context) {
  SecurityService& security = *context.security;
  ASSIGN_OR_RETURN(const json::Value body, required_body(request, "request body is required"));
  const auto text = [&](const char* key) {
    const json::Value* value = body.find(key);
    return value == nullptr ? std::string() : value->to_text();
  };
  for (const json::Member& member : body.as_object()) {
    if (member.key != "grant_type" && member.key != "username" && member.key != "password" &&
        member.key != "access_token" && member.key != "api_key") {
      return Error(error_types::kXContentParse,
                   "[grant_api_key_request] unknown field [" + member.key + "]");
    }
  }
  const json::Value* key_body = body.find("api_key");
  if (key_body == nullptr) return Error(error_types::kIllegalArgument, "Required [api_key]");
  ASSIGN_OR_RETURN(const NewKey key, read_key(*key_body));
  PrincipalPtr maker;
  const std::string type = text("grant_type");
  if (type == "password") {
    const auto hash = security.password_hash(text("username"));
    if (hash && security.secrets().password_matches(text("password"), *hash))
      maker = security.user(text("username"));
  } else if (type == "access_token") {
    maker = security.bearer(text("access_token"), wall_clock_ms());
  } else {
    return validation_error("grant_type [" + type + "] is not supported");
  }
  if (maker == nullptr) {
    return Error(error_types::kSecurity, "unable to authenticate user [" + text("username") +
                                             "] for action "
                                             "[cluster:admin/xpack/security/api_key/grant]");
  }
  return make_key(key, *maker, context);
}

// Which keys a request is about.
struct KeyFilter {
  std::vector<std::string> ids;
  std::string name, username, realm;
  bool owner = false;

  bool empty() const {
    return ids.empty() && name.empty() && username.empty() && realm.empty() && !owner;
  }
};

// A key of its own counts as one's own for an API key; for users those that they made.
bool is_own(const Principal& who, const std::string& id, const json::Value& record) {
  if (who.is_api_key()) return who.key_id == id;
  return record.find("username")->to_text() == who.name &&
         record.find("realm")->to_text() == who.realm.name;
}

bool wanted(const KeyFilter& filter, const Principal& who, const std::string& id,
            const json::Value& record) {
  const auto is = [&](const char* key, const std::string& text) {
    return text.empty() || record.find(key)->to_text() == text;
  };
  if (filter.owner && !is_own(who, id, record)) return false;
  if (!filter.ids.empty() &&
      std::find(filter.ids.begin(), filter.ids.end(), id) == filter.ids.end())
    return false;
  const bool named =
      filter.name.empty() || matches_pattern(filter.name, record.find("name")->to_text());
  return named && is("username", filter.username) && is("realm", filter.realm);
}

Status check_filter(const KeyFilter& filter, bool all_allowed) {
  if (filter.empty() && !all_allowed) {
    return validation_error(
        "One of [api key id(s), api key name, username, realm name] must be specified if [owner] "
        "flag is false");
  }
  if (filter.owner && (!filter.username.empty() || !filter.realm.empty())) {
    return validation_error(
        "neither username nor realm-name may be specified when retrieving owned API keys");
  }
  if (!filter.ids.empty() &&
      (!filter.name.empty() || !filter.username.empty() || !filter.realm.empty())) {
    return validation_error(
        "username or realm name must not be specified when the api key id(s) "
        "or api key name are specified");
  }
  return {};
}

// By a cluster privilege, or about one's own keys by manage_own_api_key.
Status may_see(const Principal& who, const KeyFilter& filter, std::string_view action) {
  if (who.permissions->cluster(action)) return {};
  const bool own = filter.owner ||
                   (who.is_api_key() && filter.ids == std::vector<std::string>{who.key_id}) ||
                   (filter.username == who.name && filter.realm == who.realm.name);
  if (own && who.permissions->own_api_keys(action)) return {};
  // A key may always ask about itself.
  if (action == index::security::kApiKeyGet && who.is_api_key() &&
      filter.ids == std::vector<std::string>{who.key_id})
    return {};
  return index::security::denied(who, action);
}

Result<Response> get(const Request& request, Context& context) {
  KeyFilter filter;
  filter.ids = split_list(request.params.get("id"));
  filter.name = request.params.get("name");
  filter.username = request.params.get("username");
  filter.realm = request.params.get("realm_name");
  ASSIGN_OR_RETURN(filter.owner, request.params.get_bool("owner", false));
  RETURN_IF_ERROR(check_filter(filter, true));
  const Principal& who = *request.principal;
  RETURN_IF_ERROR(may_see(who, filter, index::security::kApiKeyGet));
  Response response;
  json::Writer out(response.body);
  size_t found = 0;
  out.begin_object().key("api_keys").begin_array();
  for (const auto& [id, record] : context.security->store().list(Kind::kApiKey)) {
    if (!wanted(filter, who, id, *record)) continue;
    ++found;
    out.begin_object().field("id", id).field("name", *record->find("name"));
    out.field("creation", *record->find("creation"));
    if (const json::Value* end = record->find("expiration")) out.field("expiration", *end);
    out.field("invalidated", *record->find("invalidated"));
    out.field("username", *record->find("username")).field("realm", *record->find("realm"));
    const json::Value* metadata = record->find("metadata");
    out.field("metadata", metadata == nullptr ? json::Value::object() : *metadata).end_object();
  }
  out.end_array().end_object();
  response.status = found == 0 && !filter.ids.empty() ? 404 : 200;
  return response;
}

Result<Response> invalidate(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const json::Value body, required_body(request, "request body is required"));
  KeyFilter filter;
  for (const json::Member& member : body.as_object()) {
    if (member.key == "id") {
      filter.ids = {member.value.to_text()};
    } else if (member.key == "ids") {
      filter.ids = text_list(member.value);
    } else if (member.key == "name") {
      filter.name = member.value.to_text();
    } else if (member.key == "username") {
      filter.username = member.value.to_text();
    } else if (member.key == "realm_name") {
      filter.realm = member.value.to_text();
    } else if (member.key == "owner") {
      filter.owner = member.value.to_bool().value_or(false);
    } else {
      return Error(error_types::kXContentParse,
                   "[invalidate_api_key] unknown field [" + member.key + "]");
    }
  }
  RETURN_IF_ERROR(check_filter(filter, false));
  const Principal& who = *request.principal;
  RETURN_IF_ERROR(may_see(who, filter, index::security::kApiKeyInvalidate));
  std::vector<index::security::SecurityStore::Change> changes;
  std::vector<std::string> before;
  for (const auto& [id, record] : context.security->store().list(Kind::kApiKey)) {
    if (!wanted(filter, who, id, *record)) continue;
    if (record->find("invalidated")->to_bool().value_or(false)) {
      before.push_back(id);
      continue;
    }
    json::Value past = *record;
    past.set("invalidated", true);
    past.set("invalidation", wall_clock_ms());
    changes.push_back({Kind::kApiKey, id, std::move(past)});
  }
  if (!changes.empty()) RETURN_IF_ERROR(context.security->store().change(changes));
  Response response;
  json::Writer out(response.body);
  out.begin_object().key("invalidated_api_keys").begin_array();
  for (const auto& change : changes) out.string(change.name);
  out.end_array().key("previously_invalidated_api_keys").begin_array();
  // Named one by one they are told; found by a name they are passed over.
  if (!filter.ids.empty()) {
    for (const std::string& id : before) out.string(id);
  }
  out.end_array().field("error_count", 0).end_object();
  return response;
}

}  // namespace

void add_security_key_routes(Router& router) {
  const std::vector<std::string> refresh{"refresh"};
  add_routes(router, {Method::kPost, Method::kPut}, {"/_security/api_key"}, create, refresh);
  add_routes(router, {Method::kGet}, {"/_security/api_key"}, get,
             {"id", "name", "username", "realm_name", "owner"});
  add_routes(router, {Method::kDelete}, {"/_security/api_key"}, invalidate, {});
  add_routes(router, {Method::kPost}, {"/_security/api_key/grant"}, grant, refresh);
  add_routes(router, {Method::kPost}, {"/_security/api_key/{ids}/_clear_cache"}, caches_are_clear,
             {});
}

}  // namespace stratalog::api
