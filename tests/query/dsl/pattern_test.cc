#include "query/dsl/pattern.h"

#include <catch2/catch.hpp>

namespace stratalog::query {

TEST_CASE("patterns: wildcards") {
  struct Case {
    const char* pattern;
    const char* text;
    bool takes;
  };
  for (const Case& c : std::initializer_list<Case>{{"*", "", true},
                                                   {"*", "abc", true},
                                                   {"a*", "abc", true},
                                                   {"a*", "ba", false},
                                                   {"*c", "abc", true},
                                                   {"*b*", "abc", true},
                                                   {"a?c", "abc", true},
                                                   {"a?c", "ac", false},
                                                   {"a?c",
                                                    "a\xC3\xA4"
                                                    "c",
                                                    true},
                                                   {"a\\*c", "a*c", true},
                                                   {"a\\*c", "abc", false},
                                                   {"*ab*ab*", "xabyabz", true},
                                                   {"*ab*ab*", "xaby", false},
                                                   {"", "", true},
                                                   {"", "a", false},
                                                   {"a**b", "ab", true},
                                                   {"abc", "abc", true},
                                                   {"abc", "abcd", false},
                                                   {"ABC", "abc", false},
                                                   {"a*b", "axxb", true},
                                                   {"?*", "", false},
                                                   {"?*", "x", true}}) {
    CAPTURE(c.pattern, c.text);
    CHECK(wildcard_pattern(c.pattern).takes(c.text) == c.takes);
  }
  CHECK(wildcard_pattern("A*c", true).takes("abC"));
  CHECK(prefix_pattern("Ab", true).takes("aBc"));
}

TEST_CASE("patterns: the literal parts of a wildcard narrow the terms") {
  const TermPattern pattern = wildcard_pattern("ab*cd?ef*");
  CHECK(pattern.prefix == "ab");
  CHECK(pattern.parts == std::vector<std::string>{"cd", "ef"});
  CHECK(wildcard_pattern("ab*").prefix_only());
  CHECK_FALSE(wildcard_pattern("ab*c").prefix_only());
}

TEST_CASE("patterns: regular expressions of Lucene") {
  struct Case {
    const char* pattern;
    const char* text;
    bool takes;
  };
  for (const Case& c : std::initializer_list<Case>{{"ab.*", "abcd", true},
                                                   {"ab.*", "xab", false},
                                                   {"a|b", "b", true},
                                                   {"ab?c", "ac", true},
                                                   {"a{2,3}", "aaa", true},
                                                   {"[a-c]+", "abc", true},
                                                   {"[^a]b", "cb", true},
                                                   {"\"a.b\"", "a.b", true},
                                                   {"\"a.b\"", "axb", false},
                                                   {"a@", "abc", true},
                                                   {"a$", "a$", true},
                                                   {"^a", "^a", true},
                                                   {"a\\.b", "a.b", true},
                                                   {"\\d+", "123", true},
                                                   {"warn|err.*", "error", true}}) {
    CAPTURE(c.pattern, c.text);
    const auto pattern = regexp_pattern(c.pattern, false);
    REQUIRE(pattern.ok());
    CHECK(pattern->takes(c.text) == c.takes);
  }
  for (const char* bad : {"(a", "[a", "~a", "a&b", "<1-5>", "\"a", "a\\"}) {
    CAPTURE(bad);
    CHECK_FALSE(regexp_pattern(bad, false).ok());
  }
}

TEST_CASE("patterns: edits between words") {
  const auto edits = [](const char* a, const char* b, bool transpositions = true) {
    return edit_distance(code_points(a), code_points(b), 2, transpositions);
  };
  CHECK(edits("error", "error") == 0);
  CHECK(edits("error", "eror") == 1);
  CHECK(edits("error", "errors") == 1);
  CHECK(edits("error", "reror") == 1);
  CHECK(edits("error", "reror", false) == 2);
  CHECK(edits("error", "warn") == 3);
  CHECK(edits("\xC3\xA4", "a") == 1);
  CHECK(Fuzziness().edits_for("ab") == 0);
  CHECK(Fuzziness().edits_for("abcd") == 1);
  CHECK(Fuzziness().edits_for("abcdef") == 2);
  CHECK(Fuzziness::parse("AUTO:1,2")->edits_for("ab") == 2);
  CHECK_FALSE(Fuzziness::parse("x").ok());
}

}  // namespace stratalog::query
