#include "query/fetch/source_filter.h"

#include <catch2/catch.hpp>

namespace stratalog::query {
namespace {

std::string filtered(std::string_view source, std::vector<std::string> includes,
                     std::vector<std::string> excludes) {
  SourceTree tree;
  REQUIRE(tree.parse(source));
  SourceFilter filter;
  filter.includes = std::move(includes);
  filter.excludes = std::move(excludes);
  std::string out;
  SourceFiltering(filter).append(out, tree);
  return out;
}

}  // namespace

TEST_CASE("source filter: what is included and excluded, as XContentMapValues.filter") {
  const char* source =
      R"({"a":1,"b":{"c":"x\"y","d":[1,2],"e":{}},"f":[{"g":1,"h":2},3,[4]],"i.j":5})";
  struct Case {
    std::vector<std::string> includes;
    std::vector<std::string> excludes;
    const char* out;
  };
  for (const Case& c : std::initializer_list<Case>{
           {{"a"}, {}, R"({"a":1})"},
           {{"b"}, {}, R"({"b":{"c":"x\"y","d":[1,2],"e":{}}})"},
           {{"b.c"}, {}, R"({"b":{"c":"x\"y"}})"},
           {{"b.*"}, {}, R"({"b":{"c":"x\"y","d":[1,2],"e":{}}})"},
           {{"b.x"}, {}, "{}"},
           {{"f.g"}, {}, R"({"f":[{"g":1}]})"},
           {{"i.j"}, {}, R"({"i.j":5})"},
           {{"*.c", "a"}, {}, R"({"a":1,"b":{"c":"x\"y"}})"},
           {{}, {"b", "f"}, R"({"a":1,"i.j":5})"},
           {{}, {"b.*"}, R"({"a":1,"b":{},"f":[{"g":1,"h":2},3,[4]],"i.j":5})"},
           {{},
            {"f.h"},
            R"({"a":1,"b":{"c":"x\"y","d":[1,2],"e":{}},"f":[{"g":1},3,[4]],"i.j":5})"},
           {{"b"}, {"b.d"}, R"({"b":{"c":"x\"y","e":{}}})"},
           {{"nope"}, {}, "{}"},
       }) {
    CAPTURE(c.includes, c.excludes);
    CHECK(filtered(source, c.includes, c.excludes) == c.out);
  }
}

TEST_CASE("source filter: of arrays only what holds something stays, scalars if they are meant") {
  const char* source =
      R"({"f":[[{"c":1,"g":2},{"g":3}],[[{"c":4}]],[],5,null,{}],"p":[],"r":[{}]})";
  struct Case {
    std::vector<std::string> includes;
    std::vector<std::string> excludes;
    const char* out;
  };
  for (const Case& c : std::initializer_list<Case>{
           {{"*.c"}, {}, R"({"f":[[{"c":1}],[[{"c":4}]]]})"},
           {{}, {"*.c"}, R"({"f":[[{"g":2},{"g":3}],5,null],"p":[],"r":[]})"},
           {{"f"}, {"f.*"}, R"({"f":[5,null]})"},
           {{"f.*"}, {"f.g"}, R"({"f":[[{"c":1}],[[{"c":4}]]]})"},
           {{"r", "p"}, {}, R"({"p":[],"r":[{}]})"},
           {{"r.*", "p.*"}, {}, "{}"},
       }) {
    CAPTURE(c.includes, c.excludes);
    CHECK(filtered(source, c.includes, c.excludes) == c.out);
  }
}

TEST_CASE("source filter: a pattern takes what is below it in keys with dots too") {
  const char* source = R"({"a":{"b":{"c":1,"d":2},"b.c":3},"a.b":{"c":4},"a.b.c":5,"ab":6})";
  struct Case {
    std::vector<std::string> includes;
    std::vector<std::string> excludes;
    const char* out;
  };
  for (const Case& c : std::initializer_list<Case>{
           {{"a.b"}, {}, R"({"a":{"b":{"c":1,"d":2},"b.c":3},"a.b":{"c":4},"a.b.c":5})"},
           {{"a.*.c"}, {}, R"({"a":{"b":{"c":1},"b.c":3},"a.b":{"c":4},"a.b.c":5})"},
           {{}, {"a.b"}, R"({"a":{},"ab":6})"},
           {{}, {"a"}, R"({"ab":6})"},
           {{"a"}, {"*.c"}, R"({"a":{"b":{"d":2}},"a.b":{}})"},
       }) {
    CAPTURE(c.includes, c.excludes);
    CHECK(filtered(source, c.includes, c.excludes) == c.out);
  }
}

TEST_CASE("source filter: whatever the bytes are, the tree is whole") {
  SourceTree tree;
  for (const char* bad : {"", "{", "{\"a\"", "{\"a\":", "[1]", "{\"a\":\"", "{\"a\":1",
                          "{\"a\":[1,", "{\"a\":\"\\u12", "x"}) {
    CAPTURE(bad);
    CHECK_FALSE(tree.parse(bad));
    CHECK(tree.root().type == SourceTree::Type::kObject);
  }
  CHECK(tree.parse("{\"a\\u00e4\":\"\\ud83d\\ude00\\n\"}"));
  CHECK(tree.at(tree.root().first).key == "a\xC3\xA4");
  CHECK(tree.at(tree.root().first).text == "\xF0\x9F\x98\x80\n");
}

}  // namespace stratalog::query
