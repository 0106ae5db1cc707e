#include "query/exec/phrase_match.h"

#include <catch2/catch.hpp>

namespace stratalog::query {
namespace {

using Positions = std::vector<uint32_t>;

std::vector<PhrasePlace> places_of(const std::vector<Positions>& lists) {
  std::vector<PhrasePlace> places;
  for (uint32_t i = 0; i < lists.size(); ++i) places.push_back({lists[i], i});
  return places;
}

}  // namespace

TEST_CASE("phrases: exact occurrences are counted") {
  CHECK(exact_phrase_freq(places_of({{1, 5, 9}, {2, 7, 10}}), false) == 2);
  CHECK(exact_phrase_freq(places_of({{1, 5, 9}, {2, 7, 10}}), true) == 1);
  CHECK(exact_phrase_freq(places_of({{1}, {3}}), false) == 0);
  CHECK(exact_phrase_freq(places_of({{0, 1, 2}, {0, 1, 2}}), false) == 2);
}

TEST_CASE("phrases: sloppy frequencies are the sum of 1 / (1 + distance)") {
  CHECK(sloppy_phrase_freq(places_of({{1}, {2}}), 2, false) == 1.0F);
  CHECK(sloppy_phrase_freq(places_of({{1}, {4}}), 2, false) == 1.0F / 3);
  CHECK(sloppy_phrase_freq(places_of({{1}, {5}}), 2, false) == 0.0F);
  // The other way round costs two moves.
  CHECK(sloppy_phrase_freq(places_of({{2}, {1}}), 2, false) == 1.0F / 3);
  CHECK(sloppy_phrase_freq(places_of({{2}, {1}}), 1, false) == 0.0F);
  CHECK(sloppy_phrase_freq(places_of({{1, 10}, {2, 12}}), 2, false) == 1.5F);
}

TEST_CASE("phrases: two places of one word never stand on one token") {
  const Positions error{3};
  std::vector<PhrasePlace> places{{error, 0}, {error, 1}};
  CHECK(sloppy_phrase_freq(places, 5, false) == 0.0F);
  const Positions twice{3, 4};
  places = {{twice, 0}, {twice, 1}};
  CHECK(sloppy_phrase_freq(places, 5, false) == 1.0F);
}

}  // namespace stratalog::query
