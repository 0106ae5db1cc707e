// UTF-8 by code points.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace stratalog {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

// The code point at `at`, which moves past it. A malformed byte gives U+FFFD and moves by one. at <
// text.size().
char32_t decode_utf8(std::string_view text, size_t& at);

void append_utf8(std::string& out, char32_t c);

bool is_valid_utf8(std::string_view text);

// The text itself when it is UTF-8, else with U+FFFD for each malformed byte.
std::string repair_utf8(std::string text);

// The length in UTF-16 code units, as Java's String.length() counts (ignore_above, highlight
// offsets).
size_t utf16_length(std::string_view text);

}  // namespace stratalog
