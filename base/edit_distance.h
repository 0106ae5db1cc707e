// How alike two names are, for "did you mean".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stratalog {

// 1 - (Levenshtein distance) / (length of the longer), by bytes: 1 for equal names, 0 for nothing
// in common. The measure of Lucene's LevenshteinDistance, by which Elasticsearch suggests names
// from 0.5 on.
float name_similarity(std::string_view a, std::string_view b);

// " did you mean [match]?" of a misspelt name; "" without a near one.
std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace stratalog
