#include "index/security/name_pattern.h"

#include <catch2/catch.hpp>

using namespace stratalog;
using namespace stratalog::index::security;

namespace {

NamePattern pattern(std::string_view text) {
  auto parsed = NamePattern::parse(text);
  REQUIRE(parsed.ok());
  return *parsed;
}

}  // namespace

TEST_CASE("name patterns: wildcards and expressions") {
  struct Case {
    const char* pattern;
    const char* name;
    bool matches;
  };
  for (const Case& c : {
           Case{"*", "", true},
           Case{"*", "a", true},
           Case{"logs-*", "logs-", true},
           Case{"logs-*", "log", false},
           Case{"*-a-*", "x-a-b-a-", true},
           Case{"a?c", "abc", true},
           Case{"a?c", "ac", false},
           Case{"a\\*c", "a*c", true},
           Case{"a\\*c", "abc", false},
           Case{"a.c", "abc", false},
           Case{"/log[0-9]+/", "log12", true},
           Case{"/log[0-9]+/", "xlog12", false},
           Case{"/log[0-9]+/", "log12x", false},
           Case{"/~(([.]|ilm-history-).*)/", "logs", true},
           Case{"/~(([.]|ilm-history-).*)/", ".kibana", false},
           Case{"/~(([.]|ilm-history-).*)/", "ilm-history-1", false},
       }) {
    INFO(c.pattern << " " << c.name);
    CHECK(pattern(c.pattern).matches(c.name) == c.matches);
  }
}

TEST_CASE("name patterns: one may cover another") {
  CHECK(pattern("*").covers(pattern("/x/")));
  CHECK(pattern("a*").covers(pattern("ab*")));
  CHECK(pattern("a*").covers(pattern("abc")));
  CHECK(pattern("a*").covers(pattern("a*")));
  CHECK_FALSE(pattern("ab*").covers(pattern("a*")));
  CHECK_FALSE(pattern("a?").covers(pattern("a*")));
  CHECK_FALSE(pattern("a*").covers(pattern("*")));
  CHECK_FALSE(pattern("a*").covers(pattern("/ab/")));
  CHECK(pattern("/a.*/").covers(pattern("ab")));
  CHECK_FALSE(pattern("/a.*/").covers(pattern("ab*")));
}

TEST_CASE("name patterns: what is no expression, or one that is not supported, is refused") {
  for (const char* text : {"/", "/a", "/(/", "/a~b/", "/a&b/", "/<1-3>/", "/~(a)b/"}) {
    INFO(text);
    CHECK_FALSE(NamePattern::parse(text).ok());
  }
  CHECK_FALSE(NamePattern::parse(std::string(2000, 'a')).ok());
}
