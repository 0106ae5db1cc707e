// libFuzzer inside a test case, so that targets may use the fixtures of the tests: what a fixture
// REQUIREs ends the run as a crash does. Arguments are libFuzzer's.
#define CATCH_CONFIG_RUNNER
#define CATCH_CONFIG_NO_POSIX_SIGNALS
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "index/fault.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                   int (*target)(const uint8_t* data, size_t size));

namespace {

int argument_count = 0;
char** arguments = nullptr;

// libFuzzer keeps the input only of what ends the process.
int run(const uint8_t* data, size_t size) {
  try {
    return LLVMFuzzerTestOneInput(data, size);
  } catch (const std::exception& thrown) {
    std::cerr << "thrown: " << thrown.what() << '\n';
  } catch (...) {
    std::cerr << "a requirement of a fixture does not hold\n";
  }
  std::abort();
}

}  // namespace

TEST_CASE("fuzz") { REQUIRE(LLVMFuzzerRunDriver(&argument_count, &arguments, run) == 0); }

int main(int argc, char** argv) {
  argument_count = argc;
  arguments = argv;
  return Catch::Session().run();
}
