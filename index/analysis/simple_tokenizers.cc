#include "index/analysis/simple_tokenizers.h"

#include "base/unicode.h"
#include "index/analysis/chars.h"
#include "index/analysis/standard_tokenizer.h"

namespace stratalog::index {

namespace {

// The end of the token that starts at `at`: the run's end or the greatest length.
size_t run_end(std::string_view text, size_t at, CharTest in_token, uint32_t units_max) {
  uint32_t units = 0;
  while (at < text.size()) {
    size_t after = at;
    const char32_t c = decode_utf8(text, after);
    if (!in_token(c)) break;
    at = after;
    units += c > 0xFFFF ? 2 : 1;
    if (units >= units_max) break;
  }
  return at;
}

}  // namespace

bool in_whitespace_token(char32_t c) { return !is_whitespace(c); }
bool in_letter_token(char32_t c) { return is_letter(c); }

void CharRunTokenizer::tokenize(std::string_view text, TokenBuffer& out) const {
  uint32_t position = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = run_end(text, at, in_token_, token_units_max_);
    if (end == at) {
      decode_utf8(text, at);
      continue;
    }
    std::string_view word = text.substr(at, end - at);
    if (lowers_) {
      const size_t room = case_mapped_bytes_max(word.size());
      char* lowered = out.allocate(room);
      const size_t length = write_lower(word, lowered);
      out.give_back(room - length);
      word = {lowered, length};
    }
    out.push({.text = word,
              .start = static_cast<uint32_t>(at),
              .end = static_cast<uint32_t>(end),
              .position = position++});
    at = end;
  }
  out.set_position_count(position);
}

void KeywordTokenizer::tokenize(std::string_view text, TokenBuffer& out) const {
  out.push({.text = text, .end = static_cast<uint32_t>(text.size())});
  out.set_position_count(1);
}

void StandardTokenizer::tokenize(std::string_view text, TokenBuffer& out) const {
  tokenize_standard(text, out, Lowering::kNo, token_units_max_);
}

}  // namespace stratalog::index
