// Random bytes of the system: for names that must never meet again and for salts.
#pragma once

#include <cstddef>

namespace stratalog::storage {

void fill_random(void* out, size_t bytes);

}  // namespace stratalog::storage
