// Who asks, and what that one may do.
//
// Threads any; immutable once made.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "index/security/permissions.h"
#include "index/security/visible_catalog.h"

namespace stratalog::index::security {

struct Realm {
  std::string name;
  std::string type;
};

struct Principal {
  std::string name;
  std::vector<std::string> roles;  // names
  std::optional<std::string> full_name;
  std::optional<std::string> email;
  json::Value metadata = json::Value::object();
  Realm realm;
  enum class Way : uint8_t { kRealm, kApiKey, kToken, kServiceToken } way = Way::kRealm;
  std::string key_id;      // kApiKey
  std::string token_name;  // kServiceToken

  // Who logged in, where that one runs as this one.
  std::shared_ptr<const Principal> run_by;

  std::vector<Role> descriptors;  // what the roles say (of an API key: its own)
  bool limited = false;           // by those of an API key's maker too
  std::shared_ptr<const Permissions> permissions;
  bool everything = false;  // permissions->everything(): nothing need be asked
  std::shared_ptr<VisibleCatalogs> catalogs = std::make_shared<VisibleCatalogs>();

  // Of scrolls, points in time and API keys: theirs alone may use them.
  std::string owner() const;
  bool is_api_key() const { return way == Way::kApiKey; }
};

// security_exception, 403: "action [a] is unauthorized for user [u] with roles [r] ..., this action
// is granted by the index privileges [read,all]". `indices`: "on indices [...]", none if empty.
Error denied(const Principal& principal, std::string_view action,
             const std::vector<std::string>& indices = {});

}  // namespace stratalog::index::security
