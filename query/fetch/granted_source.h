// A document's source without the fields that a principal may not see: Elasticsearch's
// FieldSubsetReader.filter.
//
// Threads any.
#pragma once

#include <string>
#include <string_view>

#include "index/access_rules.h"

namespace stratalog::query {

// What is no JSON object comes back as "{}".
std::string granted_source(const index::AccessRules& rules, std::string_view source);

}  // namespace stratalog::query
