// Percent-decoding as Elasticsearch's RestUtils.decodeComponent does it, and encoding.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace stratalog::api {

// Fails with illegal_argument_exception in Elasticsearch's words. Decoded bytes that are no UTF-8
// become U+FFFD.
Result<std::string> decode_percent(std::string_view text, bool plus_is_space);

// Java's URLEncoder: letters, digits and .-*_ stay, a space is "+".
std::string encode_form(std::string_view text);

}  // namespace stratalog::api
