// Base64 of binary fields (RFC 4648, section 4; padding demanded, line ends allowed between groups
// of four).
#pragma once

#include <string>
#include <string_view>

namespace stratalog::index {

// Replaces `out`; false if the text is not that.
bool decode_base64(std::string_view text, std::string& out);

}  // namespace stratalog::index
