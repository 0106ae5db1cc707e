#include "query/dsl/min_should_match.h"

#include <catch2/catch.hpp>

namespace stratalog::query {

TEST_CASE("minimum_should_match: counts, shares and conditions") {
  struct Case {
    const char* spec;
    uint32_t clauses;
    uint32_t wanted;
  };
  for (const Case& c : std::initializer_list<Case>{{"2", 5, 2},
                                                   {"-1", 5, 4},
                                                   {"7", 5, 7},
                                                   {"-7", 5, 0},
                                                   {"75%", 4, 3},
                                                   {"75%", 5, 3},
                                                   {"-25%", 4, 3},
                                                   {"-25%", 5, 4},
                                                   {"100%", 3, 3},
                                                   {"0%", 3, 0},
                                                   {"3<90%", 3, 3},
                                                   {"3<90%", 10, 9},
                                                   {"2<-25% 9<-3", 2, 2},
                                                   {"2<-25% 9<-3", 8, 6},
                                                   {"2<-25% 9<-3", 12, 9},
                                                   {" 2 ", 3, 2}}) {
    CAPTURE(c.spec, c.clauses);
    const auto got = min_should_match(c.spec, c.clauses);
    REQUIRE(got.ok());
    CHECK(*got == c.wanted);
  }
}

TEST_CASE("minimum_should_match: what is no number is refused") {
  for (const char* spec : {"", "x", "x%", "2<", "<3", "1.5"}) {
    CAPTURE(spec);
    const auto got = min_should_match(spec, 4);
    REQUIRE_FALSE(got.ok());
    CHECK(got.error().type == error_types::kNumberFormat);
  }
}

}  // namespace stratalog::query
