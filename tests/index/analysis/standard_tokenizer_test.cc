#include "index/analysis/standard_tokenizer.h"

#include <catch2/catch.hpp>
#include <random>

#include "index/analysis/analyzer.h"

using namespace stratalog::index;

namespace {

std::vector<std::string> words(std::string_view text, uint32_t max = kTokenUnitsMaxDefault) {
  TokenBuffer buffer;
  tokenize_standard(text, buffer, Lowering::kYes, max);
  std::vector<std::string> texts;
  for (const Token& token : buffer.tokens()) texts.emplace_back(token.text);
  return texts;
}
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("standard tokenizer: what joins and what splits in log lines") {
  CHECK(words("2026-11-22T19:31:49.929Z") == Words{"2026", "11", "22t19", "31", "49.929z"});
  CHECK(words("00:00.123") == Words{"00", "00.123"});
  CHECK(words("10.0.0.1:8080") == Words{"10.0.0.1", "8080"});
  CHECK(words("a:b k=v x/y p@q") == Words{"a:b", "k", "v", "x", "y", "p", "q"});
  CHECK(words("Can't _x_ __ snake_case 1,000;2") == Words{"can't", "_x_", "snake_case", "1,000;2"});
}

TEST_CASE("standard tokenizer: other scripts") {
  CHECK(words("日本語 ひら カタカナ") == Words{"日", "本", "語", "ひ", "ら", "カタカナ"});
  CHECK(words("สวัสดีชาวโลก") == Words{"สวัสดีชาวโลก"});
  CHECK(words("Ошибка ПОДКЛЮЧЕНИЯ") == Words{"ошибка", "подключения"});
}

TEST_CASE("standard tokenizer: emoji are words, joined ones are one") {
  CHECK(words("a👩‍👩‍👧b 👍🏽 🇩🇪 1️⃣") ==
        Words{"a", "👩‍👩‍👧", "b", "👍🏽", "🇩🇪", "1️⃣"});
}

TEST_CASE("standard tokenizer: long words are cut at the greatest length") {
  CHECK(words("abcdefg", 3) == Words{"abc", "def", "g"});
  CHECK(words(std::string(600, 'x')) ==
        Words{std::string(255, 'x'), std::string(255, 'x'), std::string(90, 'x')});
}

TEST_CASE("standard tokenizer: offsets are bytes and positions count words") {
  TokenBuffer buffer;
  standard_analyzer().analyze("Ёж, А1", buffer);
  REQUIRE(buffer.tokens().size() == 2);
  CHECK(buffer.tokens()[0].text == "ёж");
  CHECK(buffer.tokens()[0].end == 4);
  CHECK(buffer.tokens()[1].start == 6);
  CHECK(buffer.tokens()[1].end == 9);
  CHECK(buffer.tokens()[1].position == 1);
  CHECK(buffer.position_count() == 2);
}

TEST_CASE("standard tokenizer: where a text ends does not change the words before") {
  // What is far from the end is scanned in steps of many bytes, what is near by single ones.
  const std::vector<std::string> pieces = {"a", "Zb", "09",   "_", ".", ",", ":", ";",
                                           "'", "#",  "@[`{", " ", "/", "é", "日"};
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (size_t i = random() % 30; i > 0; --i)
      text += pieces[random() % (round % 2 == 0 ? 3 : pieces.size())];
    INFO(text);
    REQUIRE(words(text) == words(text + std::string(20, ' ')));
  }
}
