// What the calling thread has allocated and not freed, as the allocator counts it (jemalloc's
// thread.allocated and thread.deallocated): the difference between two calls is what the work
// between them holds, whatever containers it uses. What is freed by another thread stays counted
// here and makes that thread's number negative.
//
// Threads any, each its own number. Where the allocator doesn't count (sanitizers) always 0.
#pragma once

#include <cstdint>

namespace stratalog {

int64_t thread_bytes();

}  // namespace stratalog
