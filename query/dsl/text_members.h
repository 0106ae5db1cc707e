// The members that the text queries share: operator, analyzer, fuzziness, slop, ...
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "query/dsl/text_query.h"

namespace stratalog::query {

// True if the member is one that a query of the mode has.
Result<bool> read_text_member(const NodeMember& member, TextMode mode, TextOptions& options,
                              std::optional<std::string>& fuzziness, ParseContext& context);

}  // namespace stratalog::query
