// Where strings of JSON can be taken as they are, looked for by words.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace stratalog::json {

// How many bytes from `at` on, by whole words of eight, are ASCII that is neither a control
// character nor '"' nor '\\'. What follows may be so too: it is to be looked at byte by byte.
inline size_t plain_words(std::string_view text, size_t at) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x8080808080808080;
  const size_t begin = at;
  for (; at + 8 <= text.size(); at += 8) {
    const auto word = get_fixed<uint64_t>(text.data() + at);
    const uint64_t quote = word ^ (kOnes * '"');
    const uint64_t backslash = word ^ (kOnes * '\\');
    // A byte that borrows sets its high bit; so may the one above it, which only stops too early.
    const uint64_t found = word | (word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes);
    if ((found & kHighs) != 0) break;
  }
  return at - begin;
}

}  // namespace stratalog::json
