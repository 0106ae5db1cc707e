#include "index/security/security_store.h"

namespace stratalog::index::security {

namespace {

constexpr std::string_view kReservedHashes = "security/user/";
constexpr std::string_view kPrefixes[kKindCount] = {
    "security/native_user/",   "security/reserved_user/", "security/role/",
    "security/role_mapping/",  "security/privilege/",     "security/api_key/",
    "security/service_token/", "security/token/"};
constexpr uint32_t kDepthMax = 256;

std::string_view prefix(Kind kind) { return kPrefixes[static_cast<size_t>(kind)]; }

}  // namespace

Result<std::unique_ptr<SecurityStore>> SecurityStore::open(Engine& engine) {
  std::unique_ptr<SecurityStore> store(new SecurityStore(engine));
  for (size_t kind = 0; kind < kKindCount; ++kind) {
    RETURN_IF_ERROR(engine.scan_records(
        kPrefixes[kind], [&](std::string_view key, std::string_view value) -> Status {
          ASSIGN_OR_RETURN(json::Value record, json::parse(value, kDepthMax));
          store->records_[kind][std::string(key.substr(kPrefixes[kind].size()))] =
              std::make_shared<const json::Value>(std::move(record));
          return {};
        }));
  }
  RETURN_IF_ERROR(engine.scan_records(
      kReservedHashes, [&](std::string_view key, std::string_view value) -> Status {
        store->reserved_hashes_[std::string(key.substr(kReservedHashes.size()))] = value;
        return {};
      }));
  return store;
}

Record SecurityStore::get(Kind kind, std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto& records = records_[static_cast<size_t>(kind)];
  const auto at = records.find(name);
  return at == records.end() ? nullptr : at->second;
}

std::vector<std::pair<std::string, Record>> SecurityStore::list(Kind kind) const {
  const std::shared_lock lock(mutex_);
  const auto& records = records_[static_cast<size_t>(kind)];
  return {records.begin(), records.end()};
}

size_t SecurityStore::count(Kind kind) const {
  const std::shared_lock lock(mutex_);
  return records_[static_cast<size_t>(kind)].size();
}

Status SecurityStore::change(std::span<const Change> changes) {
  std::vector<Engine::RecordChange> written;
  for (const Change& change : changes) {
    std::string key = std::string(prefix(change.kind)) + change.name;
    written.push_back({std::move(key), change.record
                                           ? std::optional(json::to_string(*change.record))
                                           : std::nullopt});
  }
  const std::lock_guard one(changing_);
  RETURN_IF_ERROR(engine_.change_records(written));
  const std::unique_lock lock(mutex_);
  for (const Change& change : changes) {
    auto& records = records_[static_cast<size_t>(change.kind)];
    if (change.record) {
      records[change.name] = std::make_shared<const json::Value>(*change.record);
    } else {
      records.erase(change.name);
    }
  }
  ++generation_;
  return {};
}

Status SecurityStore::put(Kind kind, std::string_view name, json::Value record) {
  const Change one{kind, std::string(name), std::move(record)};
  return change(std::span(&one, 1));
}

Status SecurityStore::remove(Kind kind, std::string_view name) {
  const Change one{kind, std::string(name), std::nullopt};
  return change(std::span(&one, 1));
}

std::optional<std::string> SecurityStore::reserved_hash(std::string_view user) const {
  const std::shared_lock lock(mutex_);
  const auto at = reserved_hashes_.find(user);
  return at == reserved_hashes_.end() ? std::nullopt : std::optional(at->second);
}

Status SecurityStore::put_reserved_hash(std::string_view user, std::string_view hash) {
  const std::lock_guard one(changing_);
  RETURN_IF_ERROR(engine_.put_record(std::string(kReservedHashes) + std::string(user), hash));
  const std::unique_lock lock(mutex_);
  reserved_hashes_[std::string(user)] = hash;
  ++generation_;
  return {};
}

}  // namespace stratalog::index::security
