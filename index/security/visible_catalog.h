// The catalog as a principal sees it for one action: indices and aliases that it may not reach are
// not there, so whatever walks over the catalog (wildcards, listings, states) shows none of them;
// what it sees in part carries its rules (index/access_rules.h).
//
// An index that is granted by an alias alone keeps its name in `indices`, as answers name it, but
// its rules say by_alias_only. Where an index is granted by its own name, what its aliases would
// grant beyond that is left out: stricter than Elasticsearch, which tells by which name was asked.
//
// Threads any.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "index/catalog.h"
#include "index/security/permissions.h"

namespace stratalog::index::security {

std::shared_ptr<const CatalogState> visible_catalog(const Permissions& permissions,
                                                    std::string_view action,
                                                    const CatalogState& whole);

// The last one of each action, kept as long as the catalog does not change.
class VisibleCatalogs {
 public:
  std::shared_ptr<const CatalogState> get(const Permissions& permissions, std::string_view action,
                                          const std::shared_ptr<const CatalogState>& whole);

 private:
  struct Entry {
    std::shared_ptr<const CatalogState> whole;
    std::shared_ptr<const CatalogState> visible;
  };
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> by_action_;
};

}  // namespace stratalog::index::security
