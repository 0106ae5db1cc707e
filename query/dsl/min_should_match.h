// minimum_should_match: "2", "-1", "75%", "-25%", "3<90%", "2<-25% 9<-3".
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/query-dsl-minimum-should-match.html
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace stratalog::query {

// How many of `clauses` optional clauses must match; may be more than there are. Fails with
// number_format_exception.
Result<uint32_t> min_should_match(std::string_view spec, uint32_t clauses);

}  // namespace stratalog::query
