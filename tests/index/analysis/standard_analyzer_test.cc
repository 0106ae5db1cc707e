#include "index/analysis/standard_analyzer.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/json.h"

using namespace stratalog;
using namespace stratalog::index;

namespace {

// Tokens as the fixture has them: text, UTF-16 offsets, type, position.
json::Value tokens_of(const Analyzer& analyzer, const std::string& text) {
  TokenBuffer buffer;
  analyzer.analyze(text, buffer);
  Utf16Offsets starts(text);
  Utf16Offsets ends(text);
  json::Value tokens = json::Value::array();
  for (const Token& token : buffer.tokens()) {
    tokens.push_back(json::Array{token.text, starts.at(token.start), ends.at(token.end),
                                 token_type_name(token.type), token.position});
  }
  return tokens;
}

}  // namespace

TEST_CASE("standard analyzer: the tokens that Elasticsearch 7.17.3 makes") {
  std::ifstream file(TEST_DATA "/analysis/standard_tokenizer.jsonl");
  size_t texts = 0;
  for (std::string line; std::getline(file, line); ++texts) {
    const auto answer = json::parse(line);
    REQUIRE(answer);
    const std::string& text = answer->find("text")->as_string();
    INFO(text);
    CHECK(json::to_string(tokens_of(standard_analyzer(), text)) ==
          json::to_string(*answer->find("tokens")));
  }
  CHECK(texts > 300);
}

TEST_CASE("standard analyzer: lower case is Java's, code point by code point") {
  struct Case {
    std::string_view text, lower;
  };
  for (const Case& each : {Case{"ABZ[", "abz["},
                           {"ÀÉß", "àéß"},
                           {"İI", "ii"},
                           {"ΑΣ", "ασ"},
                           {"ǅ", "ǆ"},
                           {"Ⱥ", "ⱥ"},
                           {"\u212A", "k"},
                           {"𐐀", "𐐨"},
                           {"Ж\xFFЖ", "ж\uFFFDж"}}) {
    INFO(each.text);
    CHECK(standard_analyzer().normalize(each.text) == each.lower);
  }
}

TEST_CASE("standard analyzer: a reused buffer gives what a new one gives") {
  TokenBuffer reused;
  for (const std::string& text :
       {std::string(9000, 'A') + " Б", std::string("ÀB c"), std::string(), std::string("x Ⱥ")}) {
    TokenBuffer fresh;
    standard_analyzer().analyze(text, reused);
    standard_analyzer().analyze(text, fresh);
    REQUIRE(reused.tokens().size() == fresh.tokens().size());
    for (size_t i = 0; i < fresh.tokens().size(); ++i)
      CHECK(reused.tokens()[i].text == fresh.tokens()[i].text);
  }
}

TEST_CASE("standard analyzer: malformed UTF-8 separates words and nothing else") {
  TokenBuffer buffer;
  const std::string text = "ab\xC3 cd\xE2\x82 e\xF0\x9F\x98";
  standard_analyzer().analyze(text, buffer);
  REQUIRE(buffer.tokens().size() == 3);
  CHECK(buffer.tokens()[1].text == "cd");
  CHECK(buffer.tokens()[2].text == "e");
}
