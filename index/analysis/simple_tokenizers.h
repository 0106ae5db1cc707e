// Tokenizers that split by a property of single characters, and the one that does not split.
#pragma once

#include <string_view>

#include "index/analysis/chain.h"

namespace stratalog::index {

using CharTest = bool (*)(char32_t);

// Runs of characters for which `in_token` holds, cut into pieces of `token_units_max` UTF-16 units.
class CharRunTokenizer : public Tokenizer {
 public:
  explicit CharRunTokenizer(CharTest in_token, bool lowers = false, uint32_t token_units_max = 255)
      : in_token_(in_token), lowers_(lowers), token_units_max_(token_units_max) {}
  void tokenize(std::string_view text, TokenBuffer& out) const override;

 private:
  CharTest in_token_;
  bool lowers_;
  uint32_t token_units_max_;
};

class KeywordTokenizer : public Tokenizer {
 public:
  void tokenize(std::string_view text, TokenBuffer& out) const override;
};

class StandardTokenizer : public Tokenizer {
 public:
  explicit StandardTokenizer(uint32_t token_units_max) : token_units_max_(token_units_max) {}
  void tokenize(std::string_view text, TokenBuffer& out) const override;

 private:
  uint32_t token_units_max_;
};

bool in_whitespace_token(char32_t c);
bool in_letter_token(char32_t c);

}  // namespace stratalog::index
