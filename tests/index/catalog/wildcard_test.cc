#include "index/catalog/wildcard.h"

#include <catch2/catch.hpp>

using stratalog::index::wildcard_match;
using stratalog::index::wildcards_overlap;

TEST_CASE("wildcards match as Elasticsearch's simple patterns") {
  struct {
    const char* pattern;
    const char* text;
    bool match;
  } const cases[] = {
      {"*", "", true},
      {"a*", "a", true},
      {"a*", "ba", false},
      {"*a", "cba", true},
      {"a*c", "abc", true},
      {"a*c", "ac", true},
      {"a*c", "acd", false},
      {"a**c", "abc", true},
      {"a", "a", true},
      {"a", "b", false},
      {"a?", "ab", false},
      {"*ab*ab*", "xabxab", true},
      {"*ab*ab*", "xabx", false},
      {"", "", true},
      {"", "a", false},
  };
  for (const auto& c : cases) {
    INFO(c.pattern << " " << c.text);
    CHECK(wildcard_match(c.pattern, c.text) == c.match);
  }
}

TEST_CASE("patterns overlap when some name matches both") {
  struct {
    const char* a;
    const char* b;
    bool overlap;
  } const cases[] = {
      {"*", "x", true},
      {"a*", "*b", true},
      {"a*", "b*", false},
      {"ab*", "a*", true},
      {"a*c", "ab*", true},
      {"a", "a", true},
      {"a", "b", false},
      {"a*b", "a*c", false},
      {"*a*", "*b*", true},
      {"", "*", true},
      {"logs-*", "logstash-*", false},
  };
  for (const auto& c : cases) {
    INFO(c.a << " " << c.b);
    CHECK(wildcards_overlap(c.a, c.b) == c.overlap);
    CHECK(wildcards_overlap(c.b, c.a) == c.overlap);
  }
}
