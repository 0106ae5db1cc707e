#include "base/process_memory.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstring>

// jemalloc's, where the program has it.
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old_value, size_t* old_size,
                                     void* new_value, size_t new_size);

namespace stratalog {

uint64_t process_resident_bytes() {
  // "size resident shared ...", in pages (proc(5), /proc/pid/statm).
  static const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  static const auto page_bytes = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  char text[128];
  const ssize_t length = file < 0 ? -1 : ::pread(file, text, sizeof(text), 0);
  if (length <= 0) return 0;
  const char* const end = text + length;
  const auto* resident = static_cast<const char*>(std::memchr(text, ' ', length));
  uint64_t pages = 0;
  if (resident == nullptr || std::from_chars(resident + 1, end, pages).ec != std::errc()) return 0;
  return pages * page_bytes;
}

void release_free_memory() {
  // MALLCTL_ARENAS_ALL of jemalloc's manual.
  if (mallctl != nullptr) (void)mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
}

}  // namespace stratalog
