#include "index/analysis/standard_tokenizer.h"

#include <algorithm>
#include <array>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "index/analysis/chars.h"
#include "index/analysis/word_break_data.h"

namespace stratalog::index {

namespace {

using namespace word_break;

// One look-up a byte for ASCII: the state after `byte` in `state`.
struct AsciiSteps {
  std::array<std::array<uint8_t, 128>, kStateCount> next;
  AsciiSteps() {
    for (uint32_t state = 0; state < kStateCount; ++state) {
      for (uint32_t c = 0; c < 128; ++c) next[state][c] = kNext[state * kStride + class_of(c)];
    }
  }
};

const AsciiSteps& ascii_steps() {
  static const AsciiSteps steps;
  return steps;
}

struct Match {
  const char* end = nullptr;      // of the longest word; null if there is none
  const char* scanned = nullptr;  // first byte that was not read
  TokenType type = kNoToken;
  bool ascii = true;  // of all that was scanned
};

// The longest word of [at, end) that starts at `at`, by the automaton.
Match match_word(const AsciiSteps& steps, const char* at, const char* end) {
  Match match;
  uint8_t state = kStart;
  while (at != end) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte < 0x80) {
      state = steps.next[state][byte];
      ++at;
    } else {
      const char32_t c = decode_char(at, end);
      state = kNext[state * kStride + class_of(c)];
      match.ascii = false;
    }
    if (state == kDead) break;
    if (kAccept[state] != kNoToken) {
      match.end = at;
      match.type = kAccept[state];
    }
  }
  match.scanned = at;
  return match;
}

// What the rules say of ASCII alone, as bits of each byte. Letters, digits and underscores always
// join. A colon joins letters, a comma or a semicolon digits, a point or an apostrophe either two
// letters or two digits.
constexpr uint8_t kLetter = 1;
constexpr uint8_t kDigit = 2;
constexpr uint8_t kUnderscore = 4;
constexpr uint8_t kJoinsLetters = 8;
constexpr uint8_t kJoinsDigits = 16;
constexpr uint8_t kBeyondAscii = 32;
constexpr uint8_t kInRun = kLetter | kDigit | kUnderscore;
constexpr uint8_t kKeyCap = 64;  // with what may follow beyond ASCII: part of an emoji

constexpr std::array<uint8_t, 256> kAscii = [] {
  std::array<uint8_t, 256> bits{};
  for (size_t c = 'a'; c <= 'z'; ++c) bits[c] = bits[c - 'a' + 'A'] = kLetter;
  for (size_t c = '0'; c <= '9'; ++c) bits[c] = kDigit;
  for (size_t c = 0x80; c <= 0xFF; ++c) bits[c] = kBeyondAscii;
  bits['_'] = kUnderscore;
  bits[':'] = kJoinsLetters;
  bits[','] = bits[';'] = kJoinsDigits;
  bits['.'] = bits['\''] = kJoinsLetters | kJoinsDigits;
  bits['#'] = bits['*'] = kKeyCap;
  return bits;
}();

inline uint8_t ascii_bits(const char* at) { return kAscii[static_cast<unsigned char>(*at)]; }

// The end of the letters, digits and underscores that begin at `at`; which of them there are is
// added to `seen`.
inline const char* skip_run(const char* at, const char* end, uint8_t& seen) {
#if defined(__SSE2__)
  // Sixteen bytes at once: words have any length, and a loop would be predicted wrong at each end.
  const auto within = [](__m128i bytes, char first, char last) {  // as unsigned numbers
    const auto shift = static_cast<char>(-128 - first);
    return _mm_cmplt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8(shift)),
                          _mm_set1_epi8(static_cast<char>(-128 + (last - first) + 1)));
  };
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    const auto letters = static_cast<uint32_t>(_mm_movemask_epi8(within(lower, 'a', 'z')));
    const auto digits = static_cast<uint32_t>(_mm_movemask_epi8(within(bytes, '0', '9')));
    const auto underscores =
        static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'))));
    const int length = std::countr_one(letters | digits | underscores);
    const uint32_t run = (1u << length) - 1;
    if ((letters & run) != 0) seen |= kLetter;
    if ((digits & run) != 0) seen |= kDigit;
    at += length;
    if (length < 16) return at;
  }
#endif
  for (; at != end; ++at) {
    const uint8_t here = ascii_bits(at) & kInRun;
    if (here == 0) break;
    seen |= here;
  }
  return at;
}

// The same for a word of ASCII, by a plain scan. False: a byte beyond ASCII takes part, ask
// match_word.
inline bool match_ascii_word(const char* at, const char* end, Match& match) {
  const char* const start = at;
  uint8_t seen = 0;
  uint8_t here = 0;
  for (;;) {
    at = skip_run(at, end, seen);
    if (at == end) break;
    here = ascii_bits(at);
    if ((here & kBeyondAscii) != 0) return false;
    if ((here & (kJoinsLetters | kJoinsDigits)) == 0 || at == start || end - at < 2) break;
    const uint8_t before = ascii_bits(at - 1);
    const uint8_t after = ascii_bits(at + 1);
    if ((after & kBeyondAscii) != 0) return false;
    const uint8_t joined = before & after & (here >> 3);
    if (joined == 0) break;
    ++at;
  }
  if (at == start && at != end && (here & kKeyCap) != 0 && end - at > 1 &&
      (ascii_bits(at + 1) & kBeyondAscii) != 0) {
    return false;
  }
  match.scanned = at;
  if ((seen & (kLetter | kDigit)) != 0) {
    match.end = at;
    match.type = (seen & kLetter) != 0 ? TokenType::kAlphanum : TokenType::kNum;
  }
  return true;
}

// The end of the longest run of whole code points of at most `units_max` UTF-16 units.
const char* window_end(const char* at, const char* end, uint32_t units_max) {
  uint32_t units = 0;
  while (at != end) {
    const char* after = at;
    units += decode_char(after, end) > 0xFFFF ? 2 : 1;
    if (units > units_max) break;
    at = after;
  }
  return at;
}

// Where to look for the next word when none starts at `at`. A word may start with any number of
// underscores but not consist of them; so what failed for a run of them fails for each shorter run
// that ends at the same place, and lines of underscores cost no more than others. `cut`: the match
// failed for want of room, a later start may have enough.
const char* skip_non_word(const char* at, const char* end, uint32_t units_max, bool cut) {
  if (*at == '_') {
    const char* run = at;
    while (run != end && *run == '_') ++run;
    const auto length = static_cast<size_t>(run - at);
    if (length >= units_max) return at + (length - units_max + 1);
    return cut ? at + 1 : run;
  }
  decode_char(at, end);
  return at;
}

std::string_view lower_word(std::string_view word, TokenBuffer& out) {
  const size_t room = case_mapped_bytes_max(word.size());
  char* lowered = out.allocate(room);
  const size_t length = write_lower(word, lowered);
  out.give_back(room - length);
  return {lowered, length};
}

}  // namespace

void tokenize_standard(std::string_view text, TokenBuffer& out, Lowering lowering,
                       uint32_t token_units_max) {
  const AsciiSteps& steps = ascii_steps();
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  // The text with ASCII lower-cased, byte for byte in its place: words of ASCII are views of it.
  char* lowered = nullptr;
  if (lowering == Lowering::kYes) {
    lowered = out.allocate(text.size());
    write_ascii_lower(begin, text.size(), lowered);
  }
  // A unit takes at most 3 bytes: what is matched in this many bytes at least is enough to see
  // whether a word is too long.
  const size_t window_bytes = static_cast<size_t>(token_units_max) * 3;
  uint32_t position = 0;
  for (const char* at = begin; at != end;) {
    if ((ascii_bits(at) & (kInRun | kBeyondAscii | kKeyCap)) == 0) {  // most separators
      ++at;
      continue;
    }
    const char* const window =
        static_cast<size_t>(end - at) > window_bytes ? at + window_bytes : end;
    Match match;
    if (!match_ascii_word(at, window, match)) match = match_word(steps, at, window);
    bool cut = false;
    if (static_cast<size_t>(match.scanned - at) > token_units_max) {
      const char* const limit = window_end(at, end, token_units_max);
      match = match_word(steps, at, limit);
      cut = match.scanned == limit;
    }
    if (match.end == nullptr) {
      at = skip_non_word(at, end, token_units_max, cut);
      continue;
    }
    const auto start = static_cast<uint32_t>(at - begin);
    const auto length = static_cast<uint32_t>(match.end - at);
    std::string_view word(at, length);
    if (lowering == Lowering::kYes)
      word = match.ascii ? std::string_view(lowered + start, length) : lower_word(word, out);
    out.push({.text = word,
              .start = start,
              .end = start + length,
              .position = position++,
              .type = match.type});
    at = match.end;
  }
  out.set_position_count(position);
}

}  // namespace stratalog::index
