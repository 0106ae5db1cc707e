#include "storage/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/ensure.h"

namespace stratalog::storage {

void fill_random(void* out, size_t bytes) {
  char* at = static_cast<char*>(out);
  while (bytes > 0) {
    const ssize_t n = ::getrandom(at, bytes, 0);
    ENSURE(n > 0 || errno == EINTR, "the system gives no random bytes");
    if (n <= 0) continue;
    at += n;
    bytes -= static_cast<size_t>(n);
  }
}

}  // namespace stratalog::storage
