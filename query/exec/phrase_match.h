// How often a phrase occurs in one row, from the positions of its terms.
#pragma once

#include <cstdint>
#include <span>

namespace stratalog::query {

// Positions of one place of a phrase in a row, ascending, and where in the phrase the place is.
struct PhrasePlace {
  std::span<const uint32_t> positions;
  uint32_t offset = 0;
};

// Number of positions at which all places hold. Stops at the first when `any`.
uint32_t exact_phrase_freq(std::span<const PhrasePlace> places, bool any);

// Lucene's sloppy frequency: the sum over matches within the slop of 1 / (1 + distance).
float sloppy_phrase_freq(std::span<const PhrasePlace> places, uint32_t slop, bool any);

}  // namespace stratalog::query
