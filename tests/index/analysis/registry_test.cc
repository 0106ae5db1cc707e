#include "index/analysis/registry.h"

#include <catch2/catch.hpp>

using namespace stratalog;
using namespace stratalog::index;

namespace {

using Words = std::vector<std::string>;

Words words(const Analyzer& analyzer, std::string_view text) {
  TokenBuffer buffer;
  analyzer.analyze(text, buffer);
  Words texts;
  for (const Token& token : buffer.tokens()) texts.emplace_back(token.text);
  return texts;
}

std::shared_ptr<const AnalysisRegistry> registry(std::string_view settings) {
  auto made = AnalysisRegistry::make(*json::parse(settings));
  INFO((made ? std::string() : made.error().reason));
  REQUIRE(made);
  return *made;
}

Words custom(std::string_view definition, std::string_view text) {
  const auto made = AnalysisRegistry::built_in()->for_request(*json::parse(definition), "");
  INFO((made ? std::string() : made.error().reason));
  REQUIRE(made);
  return words(**made, text);
}

std::string request_error(std::string_view definition, std::string_view index = "") {
  const auto made = AnalysisRegistry::built_in()->for_request(*json::parse(definition), index);
  return made ? "" : made.error().reason;
}

std::string settings_error(std::string_view settings) {
  auto made = AnalysisRegistry::make(*json::parse(settings));
  return made ? "" : made.error().reason;
}

}  // namespace

TEST_CASE("registry: the built-in analyzers") {
  const auto built_in = AnalysisRegistry::built_in();
  const std::string_view text = "The Quick-brown fox's R2D2 foxes";
  CHECK(words(*built_in->analyzer("standard"), text) ==
        Words{"the", "quick", "brown", "fox's", "r2d2", "foxes"});
  CHECK(words(*built_in->analyzer("simple"), text) ==
        Words{"the", "quick", "brown", "fox", "s", "r", "d", "foxes"});
  CHECK(words(*built_in->analyzer("stop"), text) ==
        Words{"quick", "brown", "fox", "s", "r", "d", "foxes"});
  CHECK(words(*built_in->analyzer("whitespace"), text) ==
        Words{"The", "Quick-brown", "fox's", "R2D2", "foxes"});
  CHECK(words(*built_in->analyzer("keyword"), text) == Words{std::string(text)});
  CHECK(words(*built_in->analyzer("english"), text) ==
        Words{"quick", "brown", "fox", "r2d2", "fox"});
  CHECK(words(*built_in->analyzer("pattern"), text) ==
        Words{"the", "quick", "brown", "fox", "s", "r2d2", "foxes"});
  CHECK(built_in->analyzer("nope") == nullptr);
  CHECK(words(*built_in->analyzer("default"), "A b") == Words{"a", "b"});
}

TEST_CASE("registry: a custom analyzer goes through its chain in order") {
  const auto own =
      registry(R"({"char_filter": {"amp": {"type": "mapping", "mappings": ["& => and"]}},
    "filter": {"cut": {"type": "truncate", "length": "3"}},
    "analyzer": {"mine": {"tokenizer": "standard", "char_filter": "amp", "filter": ["lowercase", "cut"]},
                 "default": {"type": "whitespace"}}})");
  CHECK(words(*own->analyzer("mine"), "Rock & Rolling") == Words{"roc", "and", "rol"});
  CHECK(words(own->default_analyzer(), "A b") == Words{"A", "b"});
  CHECK(own->default_search_analyzer().name() == "default");
}

TEST_CASE("registry: stop words leave holes in the positions") {
  TokenBuffer buffer;
  const auto own =
      registry(R"({"analyzer": {"s": {"type": "standard", "stopwords": ["the", "of"]}}})");
  own->analyzer("s")->analyze("the house of cards of", buffer);
  REQUIRE(buffer.tokens().size() == 2);
  CHECK(buffer.tokens()[0].position == 1);
  CHECK(buffer.tokens()[1].position == 3);
  CHECK(buffer.position_count() == 5);
}

TEST_CASE("registry: normalizers") {
  const auto own = registry(
      R"({"normalizer": {"fold": {"type": "custom", "filter": ["lowercase", "asciifolding"]}}})");
  std::string out;
  own->normalizer("fold")->normalize("Ärger mit Çaγ", out);
  CHECK(out == "arger mit caγ");
  own->normalizer("lowercase")->normalize("ÀB", out);
  CHECK(out == "àb");
  CHECK(own->normalizer("nope") == nullptr);
}

TEST_CASE("registry: tokenizers of requests") {
  CHECK(custom(R"({"tokenizer": "letter"})", "ab1cd") == Words{"ab", "cd"});
  CHECK(custom(R"({"tokenizer": {"type": "pattern", "pattern": ","}})", "a,b,,c") ==
        Words{"a", "b", "c"});
  CHECK(custom(R"({"tokenizer": {"type": "pattern", "pattern": "'([^']+)'", "group": 1}})",
               "'x' 'y z'") == Words{"x", "y z"});
  CHECK(custom(R"({"tokenizer": "path_hierarchy"})", "/a/bc/d") == Words{"/a", "/a/bc", "/a/bc/d"});
  CHECK(custom(R"({"tokenizer": {"type": "path_hierarchy", "reverse": true, "delimiter": "."}})",
               "a.b.c") == Words{"a.b.c", "b.c", "c"});
  CHECK(
      custom(
          R"({"tokenizer": {"type": "ngram", "min_gram": 2, "max_gram": 3, "token_chars": ["letter"]}})",
          "abc 1") == Words{"ab", "abc", "bc"});
  CHECK(
      custom(
          R"({"tokenizer": {"type": "edge_ngram", "min_gram": 1, "max_gram": 5, "token_chars": ["letter"]}})",
          "ab cd") == Words{"a", "ab", "c", "cd"});
  CHECK(custom(R"({"tokenizer": {"type": "char_group", "tokenize_on_chars": ["-", "whitespace"]}})",
               "a-b c_d") == Words{"a", "b", "c_d"});
  CHECK(custom(R"({"tokenizer": {"type": "standard", "max_token_length": 2}})", "abc") ==
        Words{"ab", "c"});
}

TEST_CASE("registry: token filters of requests") {
  const auto filtered = [](std::string_view filter, std::string_view text) {
    return custom(R"({"tokenizer": "whitespace", "filter": [)" + std::string(filter) + "]}", text);
  };
  CHECK(filtered(R"("uppercase")", "straße ǆ") == Words{"STRAßE", "Ǆ"});
  CHECK(filtered(R"("reverse")", "aб😀") == Words{"😀бa"});
  CHECK(filtered(R"("unique")", "a b a") == Words{"a", "b"});
  CHECK(filtered(R"({"type": "length", "min": 2, "max": 3})", "a bb ccc dddd") ==
        Words{"bb", "ccc"});
  CHECK(filtered(R"({"type": "limit", "max_token_count": 2})", "a b c") == Words{"a", "b"});
  CHECK(filtered(R"({"type": "edge_ngram", "min_gram": 1, "max_gram": 2})", "abc") ==
        Words{"a", "ab"});
  CHECK(filtered(R"({"type": "ngram", "min_gram": 2, "max_gram": 2, "preserve_original": true})",
                 "abc") == Words{"ab", "bc", "abc"});
  CHECK(filtered(R"({"type": "stemmer", "language": "russian"})", "ошибками") == Words{"ошибк"});
  CHECK(filtered(R"({"type": "asciifolding", "preserve_original": true})", "Øre") ==
        Words{"Ore", "Øre"});
  CHECK(filtered(R"({"type": "keyword_marker", "keywords": ["running"]}, "porter_stem")",
                 "running jumping") == Words{"running", "jump"});
}

TEST_CASE("registry: char filters keep the offsets of the text that came in") {
  const auto made = AnalysisRegistry::built_in()->for_request(
      *json::parse(R"({"tokenizer": "standard", "char_filter": ["html_strip"]})"), "");
  REQUIRE(made);
  TokenBuffer buffer;
  (*made)->analyze("<p>I&apos;m so <b>happy</b>!</p>", buffer);
  REQUIRE(buffer.tokens().size() == 3);
  CHECK(buffer.tokens()[0].text == "I'm");
  CHECK(buffer.tokens()[0].start == 3);
  CHECK(buffer.tokens()[0].end == 11);
  CHECK(buffer.tokens()[2].text == "happy");
  CHECK(buffer.tokens()[2].start == 18);
}

TEST_CASE("registry: errors in Elasticsearch's words") {
  CHECK(request_error(R"({"analyzer": "foo"})") == "failed to find global analyzer [foo]");
  CHECK(request_error(R"({"analyzer": "foo"})", "i") == "failed to find analyzer [foo]");
  CHECK(request_error(R"({"tokenizer": "foo"})") == "failed to find global tokenizer under [foo]");
  CHECK(settings_error(R"({"analyzer": {"a": {"type": "foo"}}})") ==
        "Unknown analyzer type [foo] for [a]");
  CHECK(settings_error(R"({"tokenizer": {"a": {"type": "foo"}}})") ==
        "Unknown tokenizer type [foo] for [a]");
  CHECK(settings_error(R"({"analyzer": {"a": {}}})") ==
        "analyzer [a] must specify either an analyzer type, or a tokenizer");
  CHECK(settings_error(R"({"analyzer": {"a": {"tokenizer": "x"}}})") ==
        "Custom Analyzer [a] failed to find tokenizer under name [x]");
  CHECK(settings_error(R"({"analyzer": {"a": {"tokenizer": "standard", "filter": ["x"]}}})") ==
        "Custom Analyzer [a] failed to find filter under name [x]");
}
