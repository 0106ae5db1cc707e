#include "index/catalog.h"

#include <algorithm>

namespace stratalog::index {

std::string IndexMetadata::setting(std::string_view path, std::string_view fallback) const {
  const json::Value* value = settings.find_path(path);
  return value == nullptr || value->is_object() ? std::string(fallback) : value->to_text();
}

bool IndexMetadata::hidden() const { return setting("hidden", "false") == "true"; }

namespace {
uint32_t count_setting(const IndexMetadata& index, std::string_view name, uint32_t fallback) {
  const json::Value* value = index.settings.find_path(name);
  const auto number = value == nullptr ? std::nullopt : value->to_int();
  return number ? static_cast<uint32_t>(*number) : fallback;
}
}  // namespace

uint32_t IndexMetadata::number_of_shards() const {
  return count_setting(*this, "number_of_shards", 1);
}
uint32_t IndexMetadata::number_of_replicas() const {
  return count_setting(*this, "number_of_replicas", 1);
}

const IndexMetadata* CatalogState::find(std::string_view index) const {
  const auto at = indices.find(index);
  return at == indices.end() ? nullptr : at->second.get();
}

std::vector<std::string> CatalogState::indices_of_alias(std::string_view alias) const {
  std::vector<std::string> names;
  for (const auto& [name, index] : indices) {
    if (index->aliases.contains(std::string(alias))) names.push_back(name);
  }
  return names;
}

}  // namespace stratalog::index
