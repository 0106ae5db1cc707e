// `sort` of a search. Elasticsearch doc page "Sort search results".
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/search_request.h"

namespace stratalog::query {

// "field", {"field": "desc"}, {"field": {...}, "other": {...}}, or an array of these.
Result<std::vector<SortKey>> parse_sort(const Node& value);
// "field:desc,other" of the URL.
Result<std::vector<SortKey>> parse_sort_param(std::string_view text);

}  // namespace stratalog::query
