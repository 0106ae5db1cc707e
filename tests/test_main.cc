#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "base/log.h"

// RocksDB's library is compiled without the sanitizer, which then does not see the atomics by which
// its threads hand memory to each other: references to versions of its file list, batches of those
// who write together.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() { return "race:rocksdb::"; }

int main(int argument_count, char* arguments[]) {
  // Tests provoke faults on purpose; what they log is noise here.
  stratalog::log::configure(stratalog::log::Level::kOff, stratalog::log::Format::kPretty, "test",
                            "test");
  return Catch::Session().run(argument_count, arguments);
}
