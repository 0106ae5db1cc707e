#include "base/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace stratalog {

void ensure_failed(const char* condition, const char* file, int line, std::string_view message) {
  std::fprintf(stderr, "%s:%d: ENSURE failed: %s %.*s\n", file, line, condition,
               static_cast<int>(message.size()), message.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace stratalog
