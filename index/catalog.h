// The catalog: indices with their mappings, settings, aliases; templates; cluster settings. In
// memory an immutable state that readers take once; on disk versioned records in the store's
// catalog family, changed in synced batches before the new state is shown.
//
// Threads state(): any. Changes go one at a time through the Engine (index/engine.h).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "index/access_rules.h"
#include "index/mapping/mapping.h"
#include "index/types.h"
#include "storage/translog.h"

namespace stratalog::index {

struct AliasMetadata {
  json::Value filter;  // null: none
  std::string index_routing;
  std::string search_routing;
  std::optional<bool> is_write_index;
  std::optional<bool> is_hidden;
};

enum class IndexState : uint8_t { kOpen, kClosed };

struct IndexMetadata {
  std::string name;
  std::string uuid;  // 22 characters, shown to clients
  storage::PartitionId partition = 0;
  IndexState state = IndexState::kOpen;
  int64_t creation_date_ms = 0;
  // {"number_of_shards": "1", ...}: the tree under "index", every leaf a string as Elasticsearch
  // keeps settings.
  json::Value settings;
  std::shared_ptr<const Mapping> mapping;
  std::map<std::string, AliasMetadata> aliases;
  int64_t version = 1;
  int64_t mapping_version = 1;
  int64_t settings_version = 1;
  int64_t aliases_version = 1;
  // What is seen of it; null: everything. Never stored.
  std::shared_ptr<const AccessRules> access;

  bool hidden() const;
  uint32_t number_of_shards() const;
  uint32_t number_of_replicas() const;
  // A leaf of `settings` by dotted name without "index.", or the fallback.
  std::string setting(std::string_view name, std::string_view fallback) const;
};

// Where a legacy template keeps the type that its mappings were given for; not shown.
inline constexpr std::string_view kTemplateTypeKey = "mapping_type";

struct CatalogState {
  std::string cluster_name;
  std::string cluster_uuid;  // 22 characters, made once
  std::map<std::string, std::shared_ptr<const IndexMetadata>, std::less<>> indices;
  std::map<std::string, json::Value, std::less<>> legacy_templates;  // _template bodies, normalized
  std::map<std::string, json::Value, std::less<>> index_templates;   // _index_template bodies
  std::map<std::string, json::Value, std::less<>> component_templates;
  json::Value persistent_settings;  // flat: {"search.max_buckets": "1000"}
  json::Value transient_settings;
  int64_t version = 0;

  const IndexMetadata* find(std::string_view index) const;
  // Names of the indices that carry the alias, sorted.
  std::vector<std::string> indices_of_alias(std::string_view alias) const;
};

}  // namespace stratalog::index
