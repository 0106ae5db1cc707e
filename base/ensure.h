// ENSURE: what must hold unless the program has a bug. On in release. Never reachable by input.
//   ENSURE(row < row_count_);
//   ENSURE(ok, "segment " + name);     the message is built only on failure
#pragma once

#include <string_view>

namespace stratalog {
// Writes the message to standard error and aborts.
[[noreturn]] void ensure_failed(const char* condition, const char* file, int line,
                                std::string_view message = {});
}  // namespace stratalog

#define ENSURE(condition, ...)                                                               \
  do {                                                                                       \
    if (!(condition)) [[unlikely]] {                                                         \
      ::stratalog::ensure_failed(#condition, __FILE__, __LINE__ __VA_OPT__(, ) __VA_ARGS__); \
    }                                                                                        \
  } while (false)
