// Which rows of an index a principal sees: the queries of its roles (index/access_rules.h).
//
// Threads any.
// Errors  what parsing and planning the queries fail with.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/engine.h"
#include "query/dsl/clause.h"

namespace stratalog::query {

// Clauses of which all must hold; none for an index that is seen whole.
Result<std::vector<ClausePtr>> row_clauses(const index::IndexMetadata& index);

// What a role may name as its query; what fails names what was not understood.
Status check_row_query(const json::Value& query);

// Whether the document of that id, as `seq_no` left it, is seen, as of the last refresh.
Result<bool> shows_row(index::Engine& engine, const index::IndexMetadata& index,
                       std::string_view id, index::SeqNo seq_no);

}  // namespace stratalog::query
