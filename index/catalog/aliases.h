// Aliases: bodies, changes, and what must hold over all of them.
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/alias.html
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "index/catalog.h"
#include "index/engine.h"

namespace stratalog::index {

using IndexMap = std::map<std::string, std::shared_ptr<const IndexMetadata>, std::less<>>;

// From {"filter":…, "routing":…, "index_routing":…, "search_routing":…, "is_write_index":…,
// "is_hidden":…}; unknown members are ignored, as Elasticsearch does.
Result<AliasMetadata> parse_alias(std::string_view name, const json::Value& body);
json::Value alias_to_json(const AliasMetadata& alias);  // as _alias shows it
Result<std::map<std::string, AliasMetadata>> parse_aliases(const json::Value& body);
json::Value aliases_to_json(const std::map<std::string, AliasMetadata>& aliases);

// No alias has the name of an index, more than one write index, or differing is_hidden:
// illegal_state_exception.
Status validate_all_aliases(const IndexMap& indices);

// The indices after the actions; removed indices are gone from it. Names of aliases to remove may
// have wildcards.
Result<IndexMap> apply_alias_actions(const IndexMap& indices,
                                     std::span<const Engine::AliasAction> actions);

}  // namespace stratalog::index
