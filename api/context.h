// What handlers stand on. Borrowed: the server owns all of it and outlives every request.
#pragma once

#include <cstdint>
#include <string>

namespace stratalog::index {
class Engine;
namespace security {
class SecurityService;
}
}  // namespace stratalog::index
namespace stratalog {
class ByteBudget;
class KeyedDigest;
}  // namespace stratalog
namespace stratalog::query {
class ContextStore;
}

namespace stratalog::api {

class StoredScripts;
class Tasks;
class AuditTrail;     // api/audit.h
class GuardedEngine;  // api/guard.h

struct NodeInfo {
  std::string node_id;  // 22 characters
  std::string node_name;
  std::string cluster_name;
  std::string cluster_uuid;  // 22 characters, made once and kept
  std::string publish_host;  // 127.0.0.1
  uint16_t http_port = 9200;
  std::string data_path;
  int64_t start_time_ms = 0;
  uint64_t memory_limit_bytes = 0;
  uint64_t max_content_length_bytes = 100 << 20;
};

struct Context {
  index::Engine& engine;
  const NodeInfo& node;
  query::ContextStore& contexts;        // open scrolls and points in time
  ByteBudget* search_memory = nullptr;  // what all running searches may hold; nullptr: no bound
  const KeyedDigest* digest = nullptr;  // of bulk requests; nullptr: retries are not recognised
  StoredScripts* scripts = nullptr;     // nullptr: none can be kept
  Tasks* tasks = nullptr;               // nullptr: by-query operations are refused
  index::security::SecurityService* security = nullptr;  // nullptr: everything is allowed to all
  AuditTrail* audit = nullptr;                           // nullptr: off
  const GuardedEngine* guard = nullptr;  // what `engine` is, for those who may not do everything
};

}  // namespace stratalog::api
