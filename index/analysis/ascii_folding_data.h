// What characters become in ASCII, by code point. Made by scripts/ascii_folding.py.
#pragma once

#include <cstddef>

namespace stratalog::index {

struct AsciiFolding {
  char32_t from;
  char to[6];
};

extern const AsciiFolding kAsciiFoldings[];  // rising
extern const size_t kAsciiFoldingCount;

}  // namespace stratalog::index
