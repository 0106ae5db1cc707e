#include "query/fetch/granted_source.h"

#include <catch2/catch.hpp>

using namespace stratalog;

namespace {

std::string seen(std::vector<std::string> granted, std::vector<std::string> denied,
                 std::string_view source) {
  index::AccessRules rules;
  rules.fields.push_back({{std::move(granted), std::move(denied), false}});
  return query::granted_source(rules, source);
}

}  // namespace

TEST_CASE("granted source: leaves that are granted stay, by their whole path") {
  constexpr const char* kSource =
      R"({"a":1,"b":{"c":[1,{"d":"x"}],"e":null},"f":[{"g":1},{"h":2}],"i":{}})";
  CHECK(seen({"a"}, {}, kSource) == R"({"a":1})");
  CHECK(seen({"b"}, {}, kSource) == "{}");
  CHECK(seen({"b.*"}, {}, kSource) == R"({"b":{"c":[1,{"d":"x"}],"e":null}})");
  CHECK(seen({"b.*"}, {"b.c*"}, kSource) == R"({"b":{"e":null}})");
  CHECK(seen({"b.c"}, {}, kSource) == R"({"b":{"c":[1]}})");
  CHECK(seen({"f.h", "a"}, {}, kSource) == R"({"a":1,"f":[{"h":2}]})");
  CHECK(seen({}, {}, kSource) == "{}");
  CHECK(seen({"a"}, {}, "no json") == "{}");
}

TEST_CASE("granted source: keys with dots are the paths that they spell") {
  CHECK(seen({"a.b"}, {}, R"({"a.b":1,"a":{"b":2,"c":3}})") == R"({"a.b":1,"a":{"b":2}})");
  CHECK(seen({"*"}, {"a.b"}, R"({"a.b":1,"c\"d":2})") == R"({"c\"d":2})");
}

TEST_CASE("granted source: what any part of any layer denies is gone") {
  index::AccessRules rules;
  rules.fields.push_back({{{"a"}, {}, false}, {{"b"}, {}, false}});
  rules.fields.push_back({{{"b", "c"}, {}, false}});
  CHECK(query::granted_source(rules, R"({"a":1,"b":2,"c":3})") == R"({"b":2})");
}
