// The queries by name.
#pragma once

#include "query/dsl/clause.h"

namespace stratalog::query {

using ClauseParser = Result<ClausePtr> (*)(const Node& body, ParseContext& context);

Result<ClausePtr> parse_match_all(const Node&, ParseContext&);
Result<ClausePtr> parse_match_none(const Node&, ParseContext&);
Result<ClausePtr> parse_match(const Node&, ParseContext&);
Result<ClausePtr> parse_match_phrase(const Node&, ParseContext&);
Result<ClausePtr> parse_match_phrase_prefix(const Node&, ParseContext&);
Result<ClausePtr> parse_match_bool_prefix(const Node&, ParseContext&);
Result<ClausePtr> parse_multi_match(const Node&, ParseContext&);
Result<ClausePtr> parse_term(const Node&, ParseContext&);
Result<ClausePtr> parse_terms(const Node&, ParseContext&);
Result<ClausePtr> parse_range(const Node&, ParseContext&);
Result<ClausePtr> parse_exists(const Node&, ParseContext&);
Result<ClausePtr> parse_ids(const Node&, ParseContext&);
Result<ClausePtr> parse_prefix(const Node&, ParseContext&);
Result<ClausePtr> parse_wildcard(const Node&, ParseContext&);
Result<ClausePtr> parse_regexp(const Node&, ParseContext&);
Result<ClausePtr> parse_fuzzy(const Node&, ParseContext&);
Result<ClausePtr> parse_bool(const Node&, ParseContext&);
Result<ClausePtr> parse_constant_score(const Node&, ParseContext&);
Result<ClausePtr> parse_boosting(const Node&, ParseContext&);
Result<ClausePtr> parse_dis_max(const Node&, ParseContext&);
Result<ClausePtr> parse_query_string(const Node&, ParseContext&);
Result<ClausePtr> parse_simple_query_string(const Node&, ParseContext&);
Result<ClausePtr> parse_script_query(const Node&, ParseContext&);

}  // namespace stratalog::query
