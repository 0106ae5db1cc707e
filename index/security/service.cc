#include "index/security/service.h"

#include <algorithm>

#include "index/catalog/wildcard.h"
#include "index/document/base64.h"

namespace stratalog::index::security {

namespace {

constexpr size_t kCachedMax = 1000;
constexpr size_t kTokenIdLetters = 22;
constexpr std::string_view kTokenHead("\0\1\0\1", 4);

std::string encode_base64(std::string_view bytes) {
  static constexpr char kLetters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  uint32_t bits = 0, held = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) out += kLetters[(bits >> (held - 6)) & 63];
  }
  if (held > 0) out += kLetters[(bits << (6 - held)) & 63];
  return out;
}

IndicesPrivileges group(std::vector<std::string> names, std::vector<std::string> privileges,
                        bool restricted = false) {
  IndicesPrivileges out;
  out.names = std::move(names);
  out.privileges = std::move(privileges);
  out.allow_restricted = restricted;
  return out;
}

std::vector<Role> make_service_accounts() {
  Role fleet;
  fleet.name = "elastic/fleet-server";
  fleet.cluster = {"monitor", "manage_own_api_key"};
  fleet.indices = {
      group({"logs-*", "metrics-*", "traces-*", "synthetics-*",
             ".logs-endpoint.diagnostic.collection-*", ".logs-endpoint.action.responses-*"},
            {"write", "create_index", "auto_configure"}),
      group({"traces-apm.sampled-*"}, {"read", "monitor", "maintenance"}),
      group({".fleet-*"},
            {"read", "write", "monitor", "create_index", "auto_configure", "maintenance"}, true)};
  fleet.applications = {{"kibana-*", {"reserved_fleet-setup"}, {"*"}}};
  Role kibana = *built_in_role("kibana_system");
  kibana.name = "elastic/kibana";
  kibana.metadata = json::Value::object();
  return {std::move(fleet), std::move(kibana)};
}

json::Value reserved_metadata(const ReservedUser& user) {
  json::Value metadata = json::Value::object();
  if (user.deprecated) {
    metadata.set("_deprecated", true);
    metadata.set("_deprecated_reason", "Please use the [kibana_system] user instead.");
  }
  metadata.set("_reserved", true);
  return metadata;
}

std::optional<std::string> text_of(const json::Value& record, std::string_view key) {
  const json::Value* value = record.find(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->as_string();
}

bool flag(const json::Value& record, std::string_view key, bool fallback) {
  const json::Value* value = record.find(key);
  return value == nullptr || !value->is_bool() ? fallback : value->as_bool();
}

int64_t number(const json::Value& record, std::string_view key, int64_t fallback) {
  const json::Value* value = record.find(key);
  return value == nullptr ? fallback : value->to_int().value_or(fallback);
}

std::vector<Role> roles_of(const json::Value* descriptors) {
  std::vector<Role> out;
  if (descriptors == nullptr || !descriptors->is_object()) return out;
  for (const json::Member& member : descriptors->as_object()) {
    if (auto role = parse_role(member.key, member.value)) out.push_back(std::move(*role));
  }
  return out;
}

void finish(Principal& principal, std::vector<Permissions::Layer> layers) {
  principal.permissions = std::make_shared<const Permissions>(std::move(layers));
  principal.everything = principal.permissions->everything();
}

}  // namespace

std::vector<std::string> strings_of(const json::Value* list) {
  std::vector<std::string> out;
  if (list == nullptr || !list->is_array()) return out;
  for (const json::Value& element : list->as_array()) out.push_back(element.to_text());
  return out;
}

const std::vector<ReservedUser>& reserved_users() {
  static const std::vector<ReservedUser> users = {
      {"elastic", {"superuser"}, false},
      {"kibana", {"kibana_system"}, true},
      {"kibana_system", {"kibana_system"}, false},
      {"logstash_system", {"logstash_system"}, false},
      {"beats_system", {"beats_system"}, false},
      {"apm_system", {"apm_system"}, false},
      {"remote_monitoring_user",
       {"remote_monitoring_collector", "remote_monitoring_agent"},
       false}};
  return users;
}

const ReservedUser* reserved_user(std::string_view name) {
  for (const ReservedUser& user : reserved_users()) {
    if (user.name == name) return &user;
  }
  return nullptr;
}

const std::vector<Role>& service_accounts() {
  static const std::vector<Role> accounts = make_service_accounts();
  return accounts;
}

const Role* service_account(std::string_view principal) {
  for (const Role& account : service_accounts()) {
    if (account.name == principal) return &account;
  }
  return nullptr;
}

std::string encode_service_token(std::string_view account, std::string_view name,
                                 std::string_view secret) {
  std::string bytes(kTokenHead);
  bytes.append(account).append("/").append(name).append(":").append(secret);
  return encode_base64(bytes);
}

std::optional<ServiceToken> decode_service_token(std::string_view token) {
  std::string bytes;
  std::string padded(token);
  while (padded.size() % 4 != 0) padded += '=';
  if (!decode_base64(padded, bytes) || !bytes.starts_with(kTokenHead)) return std::nullopt;
  const std::string_view text = std::string_view(bytes).substr(kTokenHead.size());
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view path = text.substr(0, colon);
  const size_t first = path.find('/');
  const size_t second = first == std::string_view::npos ? first : path.find('/', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return ServiceToken{std::string(path.substr(0, second)), std::string(path.substr(second + 1)),
                      std::string(text.substr(colon + 1))};
}

Result<std::unique_ptr<SecurityService>> SecurityService::open(Engine& engine,
                                                               const Secrets& secrets) {
  ASSIGN_OR_RETURN(std::unique_ptr<SecurityStore> store, SecurityStore::open(engine));
  return std::unique_ptr<SecurityService>(new SecurityService(secrets, std::move(store)));
}

template <typename Make>
PrincipalPtr SecurityService::cached(const std::string& key, Make&& make) {
  const uint64_t generation = store_->generation();
  {
    const std::lock_guard lock(mutex_);
    const auto at = principals_.find(key);
    if (at != principals_.end() && at->second.generation == generation) return at->second.principal;
  }
  PrincipalPtr made = make();
  if (made == nullptr) return made;
  const std::lock_guard lock(mutex_);
  if (principals_.size() >= kCachedMax) principals_.clear();
  principals_[key] = {generation, made};
  return made;
}

std::optional<Role> SecurityService::role(std::string_view name) const {
  if (const Role* known = built_in_role(name)) return *known;
  const Record record = store_->get(Kind::kRole, name);
  if (record == nullptr) return std::nullopt;
  auto parsed = parse_role(name, *record);
  return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
}

std::vector<Role> SecurityService::roles(const std::vector<std::string>& names) const {
  std::vector<Role> out;
  for (const std::string& name : names) {
    if (auto known = role(name)) out.push_back(std::move(*known));
  }
  return out;
}

std::vector<std::string> SecurityService::actions(std::string_view application,
                                                  std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [key, record] : store_->list(Kind::kPrivilege)) {
    const size_t slash = key.find('/');
    if (slash == std::string::npos || key.substr(slash + 1) != name) continue;
    if (!wildcard_match(application, key.substr(0, slash))) continue;
    for (std::string& action : strings_of(record->find("actions")))
      out.push_back(std::move(action));
  }
  return out;
}

PrincipalPtr SecurityService::make_user(std::string_view name) const {
  auto principal = std::make_shared<Principal>();
  principal->name = name;
  if (const ReservedUser* reserved = reserved_user(name)) {
    const Record changed = store_->get(Kind::kReservedUser, name);
    if (changed != nullptr && !flag(*changed, "enabled", true)) return nullptr;
    principal->roles = reserved->roles;
    principal->metadata = reserved_metadata(*reserved);
    principal->realm = {"reserved", "reserved"};
  } else {
    const Record record = store_->get(Kind::kUser, name);
    if (record == nullptr || !flag(*record, "enabled", true)) return nullptr;
    principal->roles = strings_of(record->find("roles"));
    principal->full_name = text_of(*record, "full_name");
    principal->email = text_of(*record, "email");
    if (const json::Value* metadata = record->find("metadata")) principal->metadata = *metadata;
    principal->realm = native_realm();
  }
  principal->descriptors = roles(principal->roles);
  std::vector<Permissions::Layer> layers;
  layers.push_back(Permissions::compile(principal->descriptors, *this));
  finish(*principal, std::move(layers));
  return principal;
}

PrincipalPtr SecurityService::user(std::string_view name) {
  return cached("user/" + std::string(name), [&] { return make_user(name); });
}

std::optional<std::string> SecurityService::password_hash(std::string_view name) const {
  if (reserved_user(name) != nullptr) {
    const Record changed = store_->get(Kind::kReservedUser, name);
    if (changed != nullptr && !flag(*changed, "enabled", true)) return std::nullopt;
    return store_->reserved_hash(name);
  }
  const Record record = store_->get(Kind::kUser, name);
  if (record == nullptr || !flag(*record, "enabled", true)) return std::nullopt;
  return text_of(*record, "hash");
}

PrincipalPtr SecurityService::run_as(const PrincipalPtr& principal, std::string_view name) {
  auto as = std::make_shared<Principal>();
  if (const PrincipalPtr known = user(name)) {
    *as = *known;
  } else {
    as->name = name;
    std::vector<Permissions::Layer> nothing(1);
    finish(*as, std::move(nothing));
  }
  as->run_by = principal;
  as->everything = as->everything && principal->permissions->run_as(name);
  return as;
}

PrincipalPtr SecurityService::make_api_key(const std::string& id, const json::Value& record) const {
  auto principal = std::make_shared<Principal>();
  principal->name = text_of(record, "username").value_or("");
  principal->way = Principal::Way::kApiKey;
  principal->key_id = id;
  principal->realm = {"_es_api_key", "_es_api_key"};
  if (const json::Value* metadata = record.find("creator_metadata"))
    principal->metadata = *metadata;
  const std::vector<Role> own = roles_of(record.find("role_descriptors"));
  const std::vector<Role> makers = roles_of(record.find("limited_by"));
  std::vector<Permissions::Layer> layers;
  layers.push_back(Permissions::compile(makers, *this));
  if (!own.empty()) layers.push_back(Permissions::compile(own, *this));
  principal->limited = !own.empty();
  principal->descriptors = own.empty() ? makers : own;
  finish(*principal, std::move(layers));
  return principal;
}

PrincipalPtr SecurityService::api_key(std::string_view credentials, int64_t now_ms) {
  const size_t colon = credentials.find(':');
  if (colon == std::string_view::npos) return nullptr;
  const std::string id(credentials.substr(0, colon));
  const Record record = store_->get(Kind::kApiKey, id);
  if (record == nullptr || flag(*record, "invalidated", false)) return nullptr;
  if (number(*record, "expiration", INT64_MAX) <= now_ms) return nullptr;
  const std::string given = secrets_.digest(credentials.substr(colon + 1));
  if (!secrets_.same(given, text_of(*record, "digest").value_or(""))) return nullptr;
  return cached("api_key/" + id, [&] { return make_api_key(id, *record); });
}

PrincipalPtr SecurityService::service_token(std::string_view token) {
  const auto parts = decode_service_token(token);
  if (!parts) return nullptr;
  const Role* account = service_account(parts->account);
  const std::string name = parts->account + "/" + parts->name;
  const Record record = store_->get(Kind::kServiceToken, name);
  if (account == nullptr || record == nullptr) return nullptr;
  if (!secrets_.same(secrets_.digest(parts->secret), text_of(*record, "digest").value_or("")))
    return nullptr;
  return cached("service/" + name, [&]() -> PrincipalPtr {
    auto principal = std::make_shared<Principal>();
    principal->name = parts->account;
    principal->full_name = "Service account - " + parts->account;
    principal->metadata.set("_elastic_service_account", true);
    principal->realm = {"_service_account", "_service_account"};
    principal->way = Principal::Way::kServiceToken;
    principal->token_name = parts->name;
    principal->descriptors = {*account};
    std::vector<Permissions::Layer> layers;
    layers.push_back(Permissions::compile(principal->descriptors, *this));
    finish(*principal, std::move(layers));
    return principal;
  });
}

PrincipalPtr SecurityService::bearer(std::string_view token, int64_t now_ms) {
  if (PrincipalPtr service = service_token(token)) return service;
  if (token.size() <= kTokenIdLetters) return nullptr;
  const Record record = store_->get(Kind::kToken, token.substr(0, kTokenIdLetters));
  if (record == nullptr || flag(*record, "invalidated", false)) return nullptr;
  if (number(*record, "expiration", 0) <= now_ms) return nullptr;
  const std::string given = secrets_.digest(token.substr(kTokenIdLetters));
  if (!secrets_.same(given, text_of(*record, "digest").value_or(""))) return nullptr;
  const PrincipalPtr of = user(text_of(*record, "username").value_or(""));
  if (of == nullptr) return nullptr;
  auto principal = std::make_shared<Principal>(*of);
  principal->way = Principal::Way::kToken;
  return principal;
}

}  // namespace stratalog::index::security
