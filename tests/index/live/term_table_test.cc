#include "index/live/term_table.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "index/live/live_ordinals.h"

using namespace stratalog;
using namespace stratalog::index;

TEST_CASE("term table: terms get numbers in order of first sight, and are found again") {
  Arena arena;
  TermTable table(arena);
  std::vector<std::string> terms = {"",
                                    "a",
                                    "b",
                                    std::string(0xfffe, 'x'),
                                    std::string(0xffff, 'x'),
                                    std::string(200'000, 'x'),
                                    std::string("a\0", 2)};
  for (size_t length = 2; length < 40; ++length) {
    terms.emplace_back(length, 'y');  // in its entry up to some length
    for (size_t at = 0; at < length; ++at) {
      std::string other(length, 'y');
      other[at] = 'z';
      terms.push_back(other);
    }
  }
  for (int i = 0; i < 5000; ++i) terms.push_back("term-" + std::to_string(i));
  for (uint32_t id = 0; id < terms.size(); ++id) REQUIRE(table.find_or_add(terms[id]) == id);
  REQUIRE(table.size() == terms.size());
  for (uint32_t id = 0; id < terms.size(); ++id) {
    REQUIRE(table.find_or_add(terms[id]) == id);
    REQUIRE(table.term(id) == terms[id]);
    REQUIRE(table.find(terms[id], table.size()) == id);
    REQUIRE_FALSE(table.find(terms[id], id));  // of a reader from before
  }
  CHECK_FALSE(table.find("missing", table.size()));
}

TEST_CASE("term table: bytes that stay are not copied, but those of outsize terms") {
  Arena arena;
  TermTable table(arena);
  const std::string stays = "stays where it is";
  const std::string outsize(0x10000, 'o');
  table.find_or_add(std::string(stays), stays);
  table.find_or_add(outsize, outsize);
  table.find_or_add("copied");
  CHECK(table.term(0).data() == stays.data());
  CHECK(table.term(1) == outsize);
  CHECK(table.term(1).data() != outsize.data());
  CHECK(table.term(2) == "copied");
}

TEST_CASE("term table: readers find what was published while it grows") {
  Arena arena;
  TermTable table(arena);
  for (int i = 0; i < 100; ++i) table.find_or_add("old-" + std::to_string(i));
  std::jthread reader([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (uint32_t i = 0; i < 100; ++i) {
        if (table.find("old-" + std::to_string(i), 100) != i) std::abort();
      }
    }
  });
  for (int i = 0; i < 100'000; ++i) table.find_or_add("new-" + std::to_string(i));
  CHECK(table.size() == 100'100);
}

TEST_CASE("terms are sorted as bytes, however much they share") {
  Arena arena;
  TermTable table(arena);
  std::set<std::string> expected;
  const std::string shared(40, 's');
  for (const char* tail :
       {"", "a", "ab", "abcdefgh", "abcdefghi", "abcdefgh\x01", "\xff", "\x7f"}) {
    for (const std::string& head : {std::string(), shared, shared.substr(0, 8)}) {
      for (const size_t zeros : {0u, 1u, 8u, 9u}) {
        expected.insert(head + tail);
        expected.insert(head + tail + std::string(zeros, '\0'));
        expected.insert(head + std::string(zeros, '\0') + tail);
      }
    }
  }
  std::vector<uint32_t> ids;
  for (auto term = expected.rbegin(); term != expected.rend(); ++term)
    ids.push_back(table.find_or_add(*term));
  sort_by_term(table, ids);
  std::vector<std::string> sorted;
  for (const uint32_t id : ids) sorted.emplace_back(table.term(id));
  CHECK(sorted == std::vector<std::string>(expected.begin(), expected.end()));
}
