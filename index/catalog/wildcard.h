// Names with "*" as Elasticsearch's Regex.simpleMatch takes them: nothing else is special.
#pragma once

#include <string_view>

namespace stratalog::index {

inline bool is_wildcard(std::string_view pattern) {
  return pattern.find('*') != std::string_view::npos;
}
bool wildcard_match(std::string_view pattern, std::string_view text);
// Whether any text matches both.
bool wildcards_overlap(std::string_view a, std::string_view b);

}  // namespace stratalog::index
