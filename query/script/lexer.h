// Tokens of Painless. https://www.elastic.co/guide/en/elasticsearch/painless/7.17/painless-lang-spec.html
//
// Errors  CompileFault.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stratalog::query::script {

struct Token {
  enum class Kind : uint8_t {
    kEnd,
    kName,
    kKeyword,
    kNumber,
    kText,
    kRegex,
    kSymbol
  } kind = Kind::kEnd;
  std::string text;   // of texts without quotes and escapes
  std::string flags;  // of regular expressions
  uint32_t at = 0;
  bool is(std::string_view symbol_or_keyword) const {
    return (kind == Kind::kSymbol || kind == Kind::kKeyword) && text == symbol_or_keyword;
  }
};

// Ends with one of kEnd.
std::vector<Token> read_tokens(std::string_view source);

}  // namespace stratalog::query::script
