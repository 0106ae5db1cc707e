// What the whole process has of the machine's memory, as the kernel counts it: what a container's
// limit is held against.
//
// Threads any.
#pragma once

#include <cstdint>

namespace stratalog {

// Pages in memory (RSS), files' included. 0 where the kernel doesn't tell.
uint64_t process_resident_bytes();

// Gives the allocator's free pages back to the kernel now rather than after their decay.
void release_free_memory();

}  // namespace stratalog
