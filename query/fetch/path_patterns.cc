#include "query/fetch/path_patterns.h"

#include <algorithm>

namespace stratalog::query {
namespace {
// A place: the pattern in the high half, the offset in the low one.
constexpr uint32_t place_of(uint32_t pattern, uint32_t offset) {
  return pattern << 16 | (offset & 0xffff);
}
}  // namespace

void PathPatterns::add(State& state, uint32_t pattern, uint32_t offset) const {
  const std::string& text = patterns_[pattern];
  for (;; ++offset) {
    const uint32_t place = place_of(pattern, offset);
    if (std::find(state.begin(), state.end(), place) == state.end()) state.push_back(place);
    if (offset >= text.size() || text[offset] != '*') return;  // behind a star too: it may be empty
  }
}

PathPatterns::State PathPatterns::start() const {
  State state;
  for (uint32_t i = 0; i < patterns_.size() && i < 0xffff; ++i) add(state, i, 0);
  return state;
}

PathPatterns::State PathPatterns::step(const State& state, std::string_view path) const {
  State now = state, next;
  for (const char c : path) {
    next.clear();
    for (const uint32_t place : now) {
      const uint32_t pattern = place >> 16, offset = place & 0xffff;
      const std::string& text = patterns_[pattern];
      if (offset >= text.size()) continue;
      if (text[offset] == '*') {
        add(next, pattern, offset);
      } else if (text[offset] == c) {
        add(next, pattern, offset + 1);
      }
    }
    now.swap(next);
    if (now.empty()) break;
  }
  return now;
}

bool PathPatterns::accepts(const State& state) const {
  return std::any_of(state.begin(), state.end(), [&](uint32_t place) {
    return (place & 0xffff) >= patterns_[place >> 16].size();
  });
}

}  // namespace stratalog::query
