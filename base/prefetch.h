// Memory that will be read soon.
#pragma once

namespace stratalog {

// GCC takes a function that does nothing but __builtin_prefetch for one without effects and drops
// calls of it, unless it was inlined before it is looked at: this, and what is made of it, is always
// inlined.
#define STRATALOG_PREFETCHES [[gnu::always_inline]] inline

STRATALOG_PREFETCHES void prefetch(const void* address) { __builtin_prefetch(address); }

}  // namespace stratalog
