#include "index/catalog/wildcard.h"

#include <vector>

namespace stratalog::index {

bool wildcard_match(std::string_view pattern, std::string_view text) {
  // Greedy with one point to go back to: linear in practice, quadratic at worst.
  size_t p = 0, t = 0, star = std::string_view::npos, star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool wildcards_overlap(std::string_view a, std::string_view b) {
  // reach[j] of row i: a text can have used up a's first i and b's first j characters.
  std::vector<char> reach(b.size() + 1, 0), next(b.size() + 1, 0);
  reach[0] = 1;
  for (size_t i = 0; i <= a.size(); ++i) {
    std::fill(next.begin(), next.end(), 0);
    for (size_t j = 0; j <= b.size(); ++j) {
      if (!reach[j]) continue;
      const bool star_a = i < a.size() && a[i] == '*';
      const bool star_b = j < b.size() && b[j] == '*';
      if (star_a) next[j] = 1;  // the star ends
      if (star_b) reach[j + 1] = 1;
      if (star_a && j < b.size() && !star_b) reach[j + 1] = 1;  // the star takes b's character
      if (star_b && i < a.size() && !star_a) next[j] = 1;
      if (i < a.size() && j < b.size() && !star_a && !star_b && a[i] == b[j]) next[j + 1] = 1;
    }
    if (i == a.size()) return reach[b.size()] != 0;
    reach.swap(next);
  }
  return false;
}

}  // namespace stratalog::index
