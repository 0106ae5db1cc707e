#include "base/thread_memory.h"

#include <cstddef>

// jemalloc's, where the program has it.
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old_value, size_t* old_size,
                                     void* new_value, size_t new_size);

namespace stratalog {

namespace {

thread_local int64_t disowned = 0;

const uint64_t* counter(const char* name) {
  static constexpr uint64_t kNone = 0;
  const uint64_t* at = nullptr;
  size_t size = sizeof(at);
  if (mallctl == nullptr || mallctl(name, static_cast<void*>(&at), &size, nullptr, 0) != 0)
    return &kNone;
  return at;
}

}  // namespace

int64_t thread_bytes() {
  thread_local const uint64_t* const allocated = counter("thread.allocatedp");
  thread_local const uint64_t* const freed = counter("thread.deallocatedp");
  return static_cast<int64_t>(*allocated - *freed) - disowned;
}

void disown_thread_bytes(int64_t bytes) { disowned += bytes; }

}  // namespace stratalog
