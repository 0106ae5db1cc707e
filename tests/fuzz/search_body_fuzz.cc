// Bodies of _search, run on an index with fields of every family: the answer is JSON.
#include "tests/query/search_fixture.h"

using namespace stratalog;

namespace {

constexpr const char* kIndex = R"({"mappings": {"properties": {
    "title": {"type": "text"}, "tag": {"type": "keyword"}, "number": {"type": "long"},
    "ratio": {"type": "double"}, "flag": {"type": "boolean"}, "address": {"type": "ip"},
    "date": {"type": "date"}, "labels": {"type": "flattened"}}}})";

query::MemoryIndices& some_index() {
  static query::MemoryIndices indices;
  static const bool made = [] {
    indices.create("i", *json::parse(kIndex));
    for (int i = 0; i < 12; ++i) {
      const std::string n = std::to_string(i);
      if (i == 7) indices.cut("i");
      indices.add("i", n,
                  R"({"title": "some words and word)" + n + R"(", "tag": ["t)" + n +
                      R"(", "all"], "number": )" + n + R"(, "ratio": )" + n +
                      R"(.5, "flag": true, "address": "10.0.0.)" + n + R"(", "date": "2024-01-)" +
                      std::to_string(10 + i) + R"(T00:00:00Z", "labels": {"app": "a)" + n +
                      R"("}})");
    }
    indices.remove("i", "3");
    return true;
  }();
  static_cast<void>(made);
  return indices;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Not a byte more than the body, so that a sanitizer sees who reads behind it.
  const std::vector<char> exact(data, data + size);
  query::run_search(some_index(), {"i"}, {exact.data(), exact.size()});
  return 0;
}
