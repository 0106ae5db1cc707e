// Words by Unicode Standard Annex #29 as Lucene 8's StandardTokenizer finds them, by an automaton
// made from the rules: the longest match from each place, of at most `token_units_max` UTF-16
// units. What is and is not a word is said in scripts/word_break_tables.py.
#pragma once

#include <cstdint>
#include <string_view>

#include "index/analysis/token.h"

namespace stratalog::index {

inline constexpr uint32_t kTokenUnitsMaxDefault = 255;  // max_token_length

enum class Lowering : uint8_t { kNo, kYes };

// Appends the words of `text` to `out`, lower-cased or as they are, with positions 0, 1, 2...
void tokenize_standard(std::string_view text, TokenBuffer& out, Lowering lowering = Lowering::kNo,
                       uint32_t token_units_max = kTokenUnitsMaxDefault);

}  // namespace stratalog::index
