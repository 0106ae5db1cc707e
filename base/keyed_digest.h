// A digest under a secret key. Who doesn't know the key can't make two inputs of one digest but by
// luck, and the digests themselves are never shown: a universal hash is enough.
//
// Threads any.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace stratalog {

class KeyedDigest {
 public:
  virtual ~KeyedDigest() = default;
  // Of the parts with their lengths, so that no part can pass for another's end.
  virtual std::array<uint8_t, 16> of(std::initializer_list<std::string_view> parts) const = 0;
};

}  // namespace stratalog
