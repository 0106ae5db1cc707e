// Scripts: compiled for every context and run on a few parameters; the first byte chooses the
// language.
#include "query/script/fault.h"
#include "query/script/script.h"

using namespace stratalog;
using namespace stratalog::query::script;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static const json::Value params =
      *json::parse(R"({"a": 1, "b": [1, 2.5, "x"], "c": {"d": null, "e": true}, "n": 12})");
  // Not a byte more than the source, so that a sanitizer sees who reads behind it.
  const std::vector<char> exact(data + 1, data + size);
  const std::string_view source(exact.data(), exact.size());
  const bool expression = data[0] % 8 == 0;
  for (const Context context : {Context::kTest, Context::kAggsCombine}) {
    const auto program = compile(expression ? "expression" : "painless", source, context);
    if (!program) continue;
    Heap heap(1 << 20);
    // A fuzzer wants many runs: none goes on for seconds.
    uint32_t asked = 0;
    heap.set_stop([&asked] { return ++asked > 50; });
    Run run(*program, heap);
    run.bind(0, from_json(heap, params));
    if (const auto result = run.execute()) {
      try {
        json::to_string(to_json(*result));
      } catch (const ScriptFault&) {
      }
    }
  }
  return 0;
}
