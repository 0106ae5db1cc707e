#include "query/exec/phrase_match.h"

#include <algorithm>
#include <vector>

namespace stratalog::query {

uint32_t exact_phrase_freq(std::span<const PhrasePlace> places, bool any) {
  // The place with the fewest positions leads.
  size_t lead = 0;
  for (size_t i = 1; i < places.size(); ++i) {
    if (places[i].positions.size() < places[lead].positions.size()) lead = i;
  }
  uint32_t freq = 0;
  for (const uint32_t position : places[lead].positions) {
    if (position < places[lead].offset) continue;
    const uint32_t start = position - places[lead].offset;
    bool all = true;
    for (size_t i = 0; all && i < places.size(); ++i) {
      if (i == lead) continue;
      all = std::binary_search(places[i].positions.begin(), places[i].positions.end(),
                               start + places[i].offset);
    }
    if (!all) continue;
    ++freq;
    if (any) break;
  }
  return freq;
}

namespace {

struct Cursor {
  const PhrasePlace* place = nullptr;
  size_t at = 0;
  int64_t position = 0;  // of the token minus the place's offset
  uint32_t token() const { return place->positions[at]; }
  void load() { position = static_cast<int64_t>(token()) - place->offset; }
  bool next() {
    if (++at >= place->positions.size()) return false;
    load();
    return true;
  }
};

bool lesser(const Cursor& a, const Cursor& b) {
  if (a.position != b.position) return a.position < b.position;
  return a.place->offset < b.place->offset;
}

}  // namespace

float sloppy_phrase_freq(std::span<const PhrasePlace> places, uint32_t slop, bool any) {
  std::vector<Cursor> cursors(places.size());
  int64_t end = INT64_MIN;
  const auto advance = [&](Cursor& cursor) {
    if (!cursor.next()) return false;
    end = std::max(end, cursor.position);
    return true;
  };
  // Two places never stand on one token (a phrase with a word twice): of two that do, the lesser
  // moves on.
  const auto settle = [&](Cursor* moved) {
    for (bool again = true; again;) {
      again = false;
      for (Cursor& other : cursors) {
        if (&other == moved || other.token() != moved->token()) continue;
        if (lesser(other, *moved)) moved = &other;
        if (!advance(*moved)) return false;
        again = true;
        break;
      }
    }
    return true;
  };
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i].positions.empty()) return 0;
    cursors[i].place = &places[i];
    cursors[i].load();
    // The n-th place with the same positions begins at the n-th of them.
    for (size_t k = 0; k < i; ++k) {
      if (places[k].positions.data() == places[i].positions.data() ||
          std::equal(places[k].positions.begin(), places[k].positions.end(),
                     places[i].positions.begin(), places[i].positions.end())) {
        if (!cursors[i].next()) return 0;
      }
    }
  }
  for (Cursor& cursor : cursors) end = std::max(end, cursor.position);
  for (Cursor& cursor : cursors) {
    if (!settle(&cursor)) return 0;
  }
  const auto least = [&]() -> Cursor* {
    return &*std::min_element(cursors.begin(), cursors.end(), lesser);
  };
  const auto second = [&](const Cursor* first) {
    int64_t next = INT64_MAX;
    for (const Cursor& cursor : cursors) {
      if (&cursor != first) next = std::min(next, cursor.position);
    }
    return next;
  };
  // SloppyPhraseMatcher.nextMatch: the least cursor advances; each time it passes the next one, the
  // best length so far is a match if it is within the slop.
  float freq = 0;
  Cursor* top = least();
  int64_t length = end - top->position;
  int64_t next = second(top);
  while (advance(*top) && settle(top)) {
    if (top->position > next) {
      if (length <= static_cast<int64_t>(slop)) {
        freq += 1.0F / (1.0F + static_cast<float>(length));
        if (any) return freq;
      }
      top = least();
      next = second(top);
      length = end - top->position;
    } else {
      length = std::min(length, end - top->position);
    }
  }
  if (length <= static_cast<int64_t>(slop)) freq += 1.0F / (1.0F + static_cast<float>(length));
  return freq;
}

}  // namespace stratalog::query
