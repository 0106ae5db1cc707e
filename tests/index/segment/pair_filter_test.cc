#include "index/segment/pair_filter.h"

#include <catch2/catch.hpp>
#include <string>

using stratalog::ByteReader;
using stratalog::index::PairCollector;
using stratalog::index::PairFilter;

namespace {

PairFilter of(std::initializer_list<const char*> texts) {
  PairCollector pairs;
  for (const char* text : texts) pairs.add(text);
  return pairs.filter();
}

}  // namespace

TEST_CASE("pair filter: whatever is in a text is covered by it") {
  const std::string text = "connection-timeout_7f3a\xc3\xa9z";
  const PairFilter whole = of({text.c_str()});
  for (size_t begin = 0; begin < text.size(); ++begin) {
    for (size_t size = 0; begin + size <= text.size(); ++size) {
      const std::string part = text.substr(begin, size);
      INFO(part);
      REQUIRE(whole.covers(of({part.c_str()})));
    }
  }
}

TEST_CASE("pair filter: ids leave no trace, words do") {
  CHECK(of({"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "a", ""}).empty());
  const PairFilter ids = of({"4bf92f3577b34da6a3ce929d0e0e4736"});
  CHECK_FALSE(ids.covers(of({"imeout"})));
  CHECK(ids.covers(of({"dead"})));  // can't be told from ids: must be looked for
}

TEST_CASE("pair filter: any byte anywhere in an id leaves what its two pairs leave") {
  for (int byte = 0; byte < 256; ++byte) {
    for (size_t at = 0; at < 20; ++at) {
      std::string text = "0123456789abcdef09af";
      text[at] = static_cast<char>(byte);
      PairCollector whole, by_pairs;
      whole.add(text);
      for (size_t i = 0; i + 1 < text.size(); ++i) by_pairs.add(text.substr(i, 2));
      INFO(byte << " at " << at);
      REQUIRE(whole.filter().covers(by_pairs.filter()));
      REQUIRE(by_pairs.filter().covers(whole.filter()));
    }
  }
}

TEST_CASE("pair filter: of much text it tells nothing, and never a lie") {
  PairCollector few, many;
  std::string text;
  for (int i = 0; i < 100; ++i) few.add("connection timeout");  // many bytes, few pairs
  for (int a = 'g'; a <= 'z'; ++a) {
    for (int b = 'g'; b <= 'z'; ++b) text += {static_cast<char>(a), static_cast<char>(b)};
  }
  for (int i = 0; i < 4; ++i) many.add(text);
  many.add("\x01\x02");
  CHECK_FALSE(few.filter().covers(of({"Q!"})));
  for (const char* other : {"connection", "\x01\x02", "Q!", "never seen"})
    CHECK(many.filter().covers(of({other})));
}

TEST_CASE("pair filter: bytes give back what was put") {
  const PairFilter filter = of({"connection", "timeout"});
  std::string bytes;
  filter.put(bytes);
  REQUIRE(bytes.size() == PairFilter::kBytes);
  ByteReader reader(bytes);
  const PairFilter back = PairFilter::get(reader);
  CHECK(back.covers(filter));
  CHECK(filter.covers(back));
}
