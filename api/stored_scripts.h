// Scripts kept under an id: _scripts. Durable as one record of the engine.
//
// Threads any.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "index/engine.h"

namespace stratalog::api {

class StoredScripts {
 public:
  // Reads what is kept; the engine must outlive it. From then on scripts are found by their ids
  // (query/script/script.h).
  static Result<std::unique_ptr<StoredScripts>> open(index::Engine& engine);
  explicit StoredScripts(index::Engine& engine);  // empty: see open()
  StoredScripts(const StoredScripts&) = delete;
  StoredScripts& operator=(const StoredScripts&) = delete;
  ~StoredScripts();

  // {"lang": ..., "source": ..., "options": {...}}
  std::optional<json::Value> find(std::string_view id) const;
  // The script as it is kept; `context`: what it must compile for, "" for none.
  Status put(const std::string& id, const json::Value& body, std::string_view context);
  // False: there is none of that id.
  Result<bool> remove(const std::string& id);

 private:
  Status save_locked(std::map<std::string, json::Value, std::less<>> changed);

  index::Engine& engine_;
  mutable std::mutex mutex_;
  std::map<std::string, json::Value, std::less<>> scripts_;
};

}  // namespace stratalog::api
