// The errors about indices that many places give, with the fields that Elasticsearch adds to each.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "index/catalog.h"

namespace stratalog::index {

// `resource_type` is "index_or_alias" where a wildcard-capable expression was looked up and
// "index_expression" elsewhere.
Error index_not_found(std::string_view name, std::string_view resource_type = "index_or_alias");
Error index_closed(const IndexMetadata& index);
Error invalid_index_name(std::string_view name, std::string_view why);
Error invalid_alias_name(std::string_view name, std::string_view why);
Error index_already_exists(const IndexMetadata& index);
// `type`: as the request has it; "" is shown as "_doc".
Error routing_missing(const IndexMetadata& index, std::string_view type, std::string_view id);

}  // namespace stratalog::index
