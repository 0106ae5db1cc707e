// Automatic document ids (D11): 20 URL-safe characters made of an 8-byte random prefix and the
// sequence number, so that a row needs no stored id. base64url (RFC 4648 section 5) of prefix (big
// endian) and the low 56 bits of the number (big endian).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "index/types.h"

namespace stratalog::index {

struct AutoId {
  uint64_t prefix = 0;
  SeqNo seq_no = 0;
};

std::string encode_auto_id(const AutoId& id);
// The parts, if `text` has the form; whether the prefix is one of ours is the partition's to say.
std::optional<AutoId> decode_auto_id(std::string_view text);

}  // namespace stratalog::index
