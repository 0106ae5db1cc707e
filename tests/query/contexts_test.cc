#include "query/contexts.h"

#include <catch2/catch.hpp>

#include "query/search.h"
#include "tests/query/search_fixture.h"

namespace stratalog::query {

TEST_CASE("contexts: live until their time, no more than the limit") {
  ContextStore store;
  store.set_limit(2);
  const auto first = store.open(std::make_shared<SearchContext>(), 1000, 0);
  REQUIRE(first.ok());
  REQUIRE(store.open(std::make_shared<SearchContext>(), 5000, 0).ok());
  CHECK_FALSE(store.open(std::make_shared<SearchContext>(), 1000, 0).ok());
  REQUIRE(store.find(*first, std::nullopt, 900).ok());  // from here 1000 more
  CHECK(store.find(*first, 100, 1800).ok());
  CHECK_FALSE(store.find(*first, std::nullopt, 1901).ok());
  CHECK(store.size(1901) == 1);
  CHECK_FALSE(store.close(*first));
  CHECK_FALSE(store.open(std::make_shared<SearchContext>(), kKeepAliveMaxMs + 1, 0).ok());
}

namespace {

// All ids that a scroll gives, page after page.
std::vector<std::string> scroll_all(MemoryIndices& indices, const std::vector<std::string>& names,
                                    std::string_view body) {
  ContextStore store;
  SearchOptions options;
  options.now_ms = 1000;
  options.contexts = &store;
  auto request = parse_search(body, {});
  REQUIRE(request.ok());
  request->scroll_ms = 60000;
  std::vector<std::string> ids;
  auto page = search(indices.engine(), indices.targets(names), *request, options);
  while (true) {
    REQUIRE(page.ok());
    CHECK(page->total == 10);
    if (page->hit_count == 0) return ids;
    auto hits = json::parse("[" + page->hits + "]");
    for (const json::Value& hit : hits->as_array()) ids.push_back(hit.find("_id")->as_string());
    // What is written meanwhile is not seen.
    indices.add(names[0], "later" + std::to_string(ids.size()), R"({"n":1})");
    page = scroll(indices.engine(), page->scroll_id, std::nullopt, false, options);
  }
}

}  // namespace

TEST_CASE("scroll: every document once, in order, as of the first page") {
  for (const char* body :
       {R"({"size":3,"sort":["_doc"]})", R"({"size":3,"sort":[{"n":"desc"}]})", R"({"size":3})",
        R"({"size":4,"sort":[{"tag":"asc"}]})", R"({"size":100,"sort":["_doc"]})"}) {
    CAPTURE(body);
    MemoryIndices indices;
    indices.create("a", {});
    indices.create("b", {});
    for (int i = 0; i < 10; ++i) {
      const std::string name = i % 3 == 0 ? "b" : "a";
      indices.add(name, "d" + std::to_string(i), R"({"n":)" + std::to_string(i) + R"(,"tag":"t"})");
      if (i % 4 == 3) indices.cut(name);
    }
    auto body_text = std::string(body);
    if (const size_t tag = body_text.find("\"tag\""); tag != std::string::npos)
      body_text.replace(tag, 5, "\"tag.keyword\"");
    std::vector<std::string> ids = scroll_all(indices, {"a", "b"}, body_text);
    if (body_text.find("desc") != std::string::npos) {
      CHECK(ids ==
            std::vector<std::string>{"d9", "d8", "d7", "d6", "d5", "d4", "d3", "d2", "d1", "d0"});
    }
    std::sort(ids.begin(), ids.end());
    CHECK(ids ==
          std::vector<std::string>{"d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9"});
  }
}

}  // namespace stratalog::query
