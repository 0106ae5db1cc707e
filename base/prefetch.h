// Memory that will be read soon.
//
// GCC takes a function that does nothing but prefetch for one without effects, and drops calls of
// it that were not inlined before: whatever is made of this is [[gnu::always_inline]] as well.
#pragma once

namespace stratalog {

[[gnu::always_inline]] inline void prefetch(const void* address) { __builtin_prefetch(address); }

}  // namespace stratalog
