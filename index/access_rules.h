// What of an index a principal may see, where that is not all of it: carried by the index's
// metadata as a guarded request sees it (index/security/visible_catalog.h), so that whoever plans,
// fetches or describes meets it. Elasticsearch doc page "Setting up field and document level
// security".
//
// Threads any; immutable once published.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace stratalog::index {

class Mapping;

// Fields that one part of a role grants.
struct FieldGrant {
  std::vector<std::string> granted;  // patterns; empty: none but metadata fields
  std::vector<std::string> denied;
  bool everything_granted = false;  // but what is denied
  bool allows(std::string_view path) const;
};

struct AccessRules {
  // A row is seen if, in each list, one of the queries matches it.
  std::vector<std::vector<json::Value>> row_queries;
  // A field is seen if, in each list, one of the grants allows it.
  std::vector<std::vector<FieldGrant>> fields;
  // Reached by its aliases only: its own name, and wildcards over it, find nothing.
  bool by_alias_only = false;
  // Under which the queries are asked, where fields are hidden; else null.
  std::shared_ptr<const Mapping> whole_mapping;

  bool rows_hidden() const { return !row_queries.empty(); }
  bool fields_hidden() const { return !fields.empty(); }
  bool allows_field(std::string_view path) const;
};

}  // namespace stratalog::index
