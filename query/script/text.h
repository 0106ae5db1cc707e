// Java's view of UTF-8 text: positions and lengths in UTF-16 units.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "query/script/value.h"

namespace stratalog::query::script {

std::u16string to_utf16(std::string_view text);
// Halves of a pair that stand alone become U+FFFD.
std::string from_utf16(std::u16string_view units);

int64_t units(const String& text);
// string_index_out_of_bounds_exception in Java's words.
uint16_t unit_at(const String& text, int64_t at);
std::string unit_range(const String& text, int64_t begin, int64_t end);
int64_t index_of(const String& text, std::string_view part, int64_t from);
int64_t last_index_of(const String& text, std::string_view part);
// The byte at which a unit starts; of an end: all bytes.
size_t byte_of_unit(std::string_view text, int64_t unit);
int64_t unit_of_byte(std::string_view text, size_t byte);
int compare_text(std::string_view a, std::string_view b);  // String.compareTo
std::string lower(std::string_view text);
std::string upper(std::string_view text);
std::string trim(std::string_view text);
std::string encode_base64(std::string_view bytes);
// Integer.parseInt and the like: number_format_exception.
int64_t parse_whole(const std::string& text, int64_t radix, bool is_long);
double parse_real(const std::string& text);

}  // namespace stratalog::query::script
