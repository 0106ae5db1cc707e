// Time as the rest asks for it.
#pragma once

#include <cstdint>

namespace stratalog {

int64_t wall_clock_ms();    // since 1970-01-01 UTC
int64_t steady_clock_ns();  // monotonic, arbitrary start

}  // namespace stratalog
