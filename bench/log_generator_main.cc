// log_generator: writes bulk bodies of made-up Kubernetes logs to standard output.
//   --docs N --seed S --order chunked|shuffled --days D --start YYYY-MM-DD | --start-ms MS
//   --index NAME | --prefix logstash
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

#include "bench/log_generator.h"

namespace {

using stratalog::bench::ArrivalOrder;
using stratalog::bench::GeneratorOptions;

int64_t day_ms(const char* text) {
  std::tm parts = {};
  if (strptime(text, "%Y-%m-%d", &parts) == nullptr) {
    std::fprintf(stderr, "not a day: %s\n", text);
    std::exit(2);
  }
  return static_cast<int64_t>(timegm(&parts)) * 1000;
}

GeneratorOptions parse(int argc, char** argv) {
  GeneratorOptions options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--docs") {
      options.docs = std::strtoull(value, nullptr, 10);
    } else if (name == "--seed") {
      options.seed = std::strtoull(value, nullptr, 10);
    } else if (name == "--order") {
      options.order =
          std::string_view(value) == "shuffled" ? ArrivalOrder::kShuffled : ArrivalOrder::kChunked;
    } else if (name == "--days") {
      options.span_ms = static_cast<int64_t>(std::strtod(value, nullptr) * 86'400'000);
    } else if (name == "--start") {
      options.start_ms = day_ms(value);
    } else if (name == "--start-ms") {
      options.start_ms = std::strtoll(value, nullptr, 10);
    } else if (name == "--index") {
      options.index = value;
    } else if (name == "--prefix") {
      options.prefix = value;
    } else {
      std::fprintf(stderr, "unknown option %s\n", argv[i]);
      std::exit(2);
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  stratalog::bench::LogGenerator generator(parse(argc, argv));
  std::string block;
  while (!generator.done()) {
    block.clear();
    while (block.size() < (1 << 20) && !generator.done()) generator.append_next(block);
    if (std::fwrite(block.data(), 1, block.size(), stdout) != block.size()) {
      std::perror("log_generator");
      return 1;
    }
  }
  return 0;
}
