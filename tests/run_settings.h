// What the environment says about a run of the tests: STRATALOG_TEST_SEED repeats the random input
// of a run that failed, STRATALOG_TEST_ROUNDS is how often a test of random input tries, and
// STRATALOG_TEST_LONG asks for the thorough form of tests that have a quick one.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>

namespace stratalog {

inline uint64_t test_setting(const char* name, uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}
inline uint64_t test_seed(uint64_t fallback) {
  return test_setting("STRATALOG_TEST_SEED", fallback);
}
// Another one each time.
inline uint64_t test_seed() { return test_seed(std::random_device()()); }
inline uint64_t test_rounds(uint64_t fallback) {
  return test_setting("STRATALOG_TEST_ROUNDS", fallback);
}
inline bool test_long() { return std::getenv("STRATALOG_TEST_LONG") != nullptr; }

}  // namespace stratalog
