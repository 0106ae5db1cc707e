// Log lines as programs write them, one function a style. Numbers, addresses and ids are random
// with realistic cardinalities; the words repeat as they do in real logs.
#pragma once

#include <string>

#include "bench/random.h"

namespace stratalog::bench {

enum class LogStyle {
  kNginx,
  kSpring,  // with Java stack traces now and then
  kKlog,
  kLogfmt,
  kPython,
  kJson,
  kProse,
  kRussian,
  kJapanese,
};
inline constexpr int kLogStyles = 9;

struct LogLine {
  std::string text;  // UTF-8, ends with a newline
  bool error;        // goes to stderr
};

// `epoch_ms` is the time that the line itself may mention.
LogLine make_line(LogStyle style, int64_t epoch_ms, Random& random);

// 2024-05-01T00:00:00.123Z
std::string iso_time(int64_t epoch_ms);

}  // namespace stratalog::bench
