#include "index/security/visible_catalog.h"

#include <algorithm>

#include "index/security/restricted_mapping.h"

namespace stratalog::index::security {

namespace {

constexpr size_t kActionsKeptMax = 32;

}  // namespace

std::shared_ptr<const CatalogState> visible_catalog(const Permissions& permissions,
                                                    std::string_view action,
                                                    const CatalogState& whole) {
  auto visible = std::make_shared<CatalogState>();
  visible->cluster_name = whole.cluster_name;
  visible->cluster_uuid = whole.cluster_uuid;
  visible->legacy_templates = whole.legacy_templates;
  visible->index_templates = whole.index_templates;
  visible->component_templates = whole.component_templates;
  visible->persistent_settings = whole.persistent_settings;
  visible->transient_settings = whole.transient_settings;
  visible->version = whole.version;
  // Daily indices share their mapping: restricted once for each set of grants that is alike.
  std::map<std::pair<const Mapping*, std::string>, std::shared_ptr<const Mapping>> mappings;
  for (const auto& [name, index] : whole.indices) {
    std::vector<std::string> names;
    const bool by_name = permissions.index(action, name);
    bool aliases_hidden = false;
    for (const auto& [alias, metadata] : index->aliases) {
      if (permissions.index(action, alias)) {
        names.push_back(alias);
      } else {
        aliases_hidden = true;
      }
    }
    if (!by_name && names.empty()) continue;
    auto rules = std::make_shared<AccessRules>();
    *rules = permissions.access(action, by_name ? std::vector<std::string>{name} : names);
    rules->by_alias_only = !by_name;
    const bool in_part = rules->by_alias_only || rules->rows_hidden() || rules->fields_hidden();
    if (!in_part && !aliases_hidden) {
      visible->indices.emplace(name, index);
      continue;
    }
    auto shown = std::make_shared<IndexMetadata>(*index);
    std::erase_if(shown->aliases, [&](const auto& alias) {
      return std::find(names.begin(), names.end(), alias.first) == names.end();
    });
    if (rules->fields_hidden()) {
      std::string key;
      for (const auto& layer : rules->fields) {
        for (const FieldGrant& grant : layer) {
          for (const std::string& pattern : grant.granted) key += "+" + pattern + '\0';
          for (const std::string& pattern : grant.denied) key += "-" + pattern + '\0';
          key += grant.everything_granted ? "*|" : "|";
        }
        key += "&";
      }
      rules->whole_mapping = index->mapping;
      auto& mapping = mappings[{index->mapping.get(), key}];
      if (mapping == nullptr) mapping = restrict_mapping(index->mapping, rules);
      shown->mapping = mapping;
    }
    if (in_part) shown->access = std::move(rules);
    visible->indices.emplace(name, std::move(shown));
  }
  return visible;
}

std::shared_ptr<const CatalogState> VisibleCatalogs::get(
    const Permissions& permissions, std::string_view action,
    const std::shared_ptr<const CatalogState>& whole) {
  {
    const std::lock_guard lock(mutex_);
    const auto at = by_action_.find(action);
    if (at != by_action_.end() && at->second.whole == whole) return at->second.visible;
  }
  auto visible = visible_catalog(permissions, action, *whole);
  const std::lock_guard lock(mutex_);
  // States of the past are let go.
  std::erase_if(by_action_, [&](const auto& entry) { return entry.second.whole != whole; });
  if (by_action_.size() >= kActionsKeptMax) by_action_.clear();
  by_action_[std::string(action)] = {whole, visible};
  return visible;
}

}  // namespace stratalog::index::security
