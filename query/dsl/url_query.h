// The query of a URL: q, df, analyzer, analyze_wildcard, default_operator, lenient. Elasticsearch's
// URI search.
#pragma once

#include "query/search_request.h"

namespace stratalog::query {

Result<ClausePtr> parse_url_query(const ParamLookup& params);

}  // namespace stratalog::query
