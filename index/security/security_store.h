// Users, roles, keys and the like: small records, all of them in memory, each change durable before
// it is seen. What a record says is its kind's affair (index/security/service.h).
//
// On disk: catalog records record/security/<kind>/<name>, JSON. The passwords of built-in users are
// kept apart, under security/user/<name>, as the bare hash.
//
// Threads any.
// Errors  those of the engine's store; a failed change changed nothing.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "index/engine.h"

namespace stratalog::index::security {

enum class Kind : uint8_t {
  kUser,          // native users
  kReservedUser,  // what was changed of built-in ones
  kRole,
  kRoleMapping,
  kPrivilege,  // <application>/<name>
  kApiKey,
  kServiceToken,  // <namespace>/<service>/<token>
  kToken,         // of _security/oauth2/token
};
inline constexpr size_t kKindCount = 8;

using Record = std::shared_ptr<const json::Value>;

class SecurityStore {
 public:
  static Result<std::unique_ptr<SecurityStore>> open(Engine& engine);

  Record get(Kind kind, std::string_view name) const;  // null: there is none
  std::vector<std::pair<std::string, Record>> list(Kind kind) const;
  size_t count(Kind kind) const;

  struct Change {
    Kind kind;
    std::string name;
    std::optional<json::Value> record;  // none: removed
  };
  Status change(std::span<const Change> changes);
  Status put(Kind kind, std::string_view name, json::Value record);
  Status remove(Kind kind, std::string_view name);

  std::optional<std::string> reserved_hash(std::string_view user) const;
  Status put_reserved_hash(std::string_view user, std::string_view hash);

  // Raised by each change.
  uint64_t generation() const { return generation_; }

 private:
  explicit SecurityStore(Engine& engine) : engine_(engine) {}

  Engine& engine_;
  std::mutex changing_;  // one change at a time, writing included
  mutable std::shared_mutex mutex_;
  std::map<std::string, Record, std::less<>> records_[kKindCount];
  std::map<std::string, std::string, std::less<>> reserved_hashes_;
  std::atomic<uint64_t> generation_{1};
};

}  // namespace stratalog::index::security
