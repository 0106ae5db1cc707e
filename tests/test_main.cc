#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "base/log.h"

int main(int argument_count, char* arguments[]) {
  // Tests provoke faults on purpose; what they log is noise here.
  stratalog::log::configure(stratalog::log::Level::kOff, stratalog::log::Format::kPretty, "test",
                            "test");
  return Catch::Session().run(argument_count, arguments);
}
