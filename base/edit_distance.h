// How alike two names are, for "did you mean".
#pragma once

#include <string_view>

namespace stratalog {

// 1 - (Levenshtein distance) / (length of the longer), by bytes: 1 for equal names, 0 for nothing
// in common. The measure of Lucene's LevenshteinDistance, by which Elasticsearch suggests names
// from 0.5 on.
float name_similarity(std::string_view a, std::string_view b);

}  // namespace stratalog
