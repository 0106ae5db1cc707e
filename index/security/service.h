// From names and keys to principals: built-in and native users, API keys, service accounts, tokens,
// roles and application privileges, over the store of their records.
//
// Threads any.
// Errors  those of the store.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "index/security/permissions.h"
#include "index/security/principal.h"
#include "index/security/secrets.h"
#include "index/security/security_store.h"

namespace stratalog::index::security {

using PrincipalPtr = std::shared_ptr<const Principal>;

// The built-in users, each with its roles.
struct ReservedUser {
  std::string_view name;
  std::vector<std::string> roles;
  bool deprecated = false;
};
const std::vector<ReservedUser>& reserved_users();
const ReservedUser* reserved_user(std::string_view name);

// What a service account may do; nullptr: there is none of that name ("elastic/kibana").
const Role* service_account(std::string_view principal);
const std::vector<Role>& service_accounts();  // sorted by name

inline Realm native_realm() { return {"default_native", "native"}; }

class SecurityService final : public ApplicationCatalog {
 public:
  static Result<std::unique_ptr<SecurityService>> open(Engine& engine, const Secrets& secrets);

  SecurityStore& store() { return *store_; }
  const Secrets& secrets() const { return secrets_; }

  // Raised whenever any principal may have changed.
  uint64_t generation() const { return store_->generation(); }

  // nullptr: there is none, or it is not enabled.
  PrincipalPtr user(std::string_view name);
  // Of an enabled user with a password.
  std::optional<std::string> password_hash(std::string_view name) const;
  // `principal` as `user`; an absent user has no roles, as in Elasticsearch.
  PrincipalPtr run_as(const PrincipalPtr& principal, std::string_view user);

  // "id:key"; nullptr: it is none of ours, or past.
  PrincipalPtr api_key(std::string_view credentials, int64_t now_ms);
  // A service account's token, or one of _security/oauth2/token.
  PrincipalPtr bearer(std::string_view token, int64_t now_ms);

  // Roles by name, stored ones and built-in ones; unknown ones are left out.
  std::vector<Role> roles(const std::vector<std::string>& names) const;
  std::optional<Role> role(std::string_view name) const;

  std::vector<std::string> actions(std::string_view application,
                                   std::string_view name) const override;

 private:
  SecurityService(const Secrets& secrets, std::unique_ptr<SecurityStore> store)
      : secrets_(secrets), store_(std::move(store)) {}
  PrincipalPtr make_user(std::string_view name) const;
  PrincipalPtr make_api_key(const std::string& id, const json::Value& record) const;
  PrincipalPtr service_token(std::string_view token);
  template <typename Make>
  PrincipalPtr cached(const std::string& key, Make&& make);

  const Secrets& secrets_;
  std::unique_ptr<SecurityStore> store_;
  std::mutex mutex_;
  struct Cached {
    uint64_t generation = 0;
    PrincipalPtr principal;
  };
  std::map<std::string, Cached> principals_;
};

// Makes the text of a service account's token, and takes it apart: base64, without padding, of
// 00 01 00 01 and "<account>/<name>:<secret>", as Elasticsearch writes it.
std::string encode_service_token(std::string_view account, std::string_view name,
                                 std::string_view secret);
struct ServiceToken {
  std::string account, name, secret;
};
std::optional<ServiceToken> decode_service_token(std::string_view token);

std::vector<std::string> strings_of(const json::Value* list);

}  // namespace stratalog::index::security
