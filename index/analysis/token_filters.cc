#include "index/analysis/token_filters.h"

#include <algorithm>
#include <unordered_set>

#include "base/unicode.h"
#include "index/analysis/chars.h"

namespace stratalog::index {

namespace {

// The bytes of the longest prefix of whole code points of at most `units_max` UTF-16 units.
size_t prefix_bytes(std::string_view text, uint32_t units_max) {
  uint32_t units = 0;
  size_t at = 0;
  while (at < text.size()) {
    size_t after = at;
    units += decode_utf8(text, after) > 0xFFFF ? 2 : 1;
    if (units > units_max) break;
    at = after;
  }
  return at;
}

}  // namespace

void TrimFilter::apply(TokenBuffer& tokens) const {
  for (Token& token : tokens.mutable_tokens()) {
    std::string_view text = token.text;
    while (!text.empty()) {
      size_t after = 0;
      if (!is_whitespace(decode_utf8(text, after))) break;
      text.remove_prefix(after);
    }
    while (!text.empty()) {
      size_t last = text.size() - 1;
      while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
      size_t after = last;
      if (!is_whitespace(decode_utf8(text, after))) break;
      text = text.substr(0, last);
    }
    token.text = text;
  }
}

void LengthFilter::apply(TokenBuffer& tokens) const {
  std::erase_if(tokens.mutable_tokens(), [&](const Token& token) {
    const size_t units = utf16_length(token.text);
    return units < units_min_ || units > units_max_;
  });
}

void TruncateFilter::apply(TokenBuffer& tokens) const {
  for (Token& token : tokens.mutable_tokens())
    token.text = token.text.substr(0, prefix_bytes(token.text, units_max_));
}

void LimitFilter::apply(TokenBuffer& tokens) const {
  std::vector<Token>& all = tokens.mutable_tokens();
  if (all.size() > count_max_) all.resize(count_max_);
}

void ReverseFilter::apply(TokenBuffer& tokens) const {
  for (Token& token : tokens.mutable_tokens()) {
    const size_t size = token.text.size();
    char* const reversed = tokens.allocate(size);
    for (size_t at = 0; at < size;) {
      size_t after = at;
      decode_utf8(token.text, after);
      std::copy_n(token.text.data() + at, after - at, reversed + (size - after));
      at = after;
    }
    token.text = {reversed, size};
  }
}

void UniqueFilter::apply(TokenBuffer& tokens) const {
  std::unordered_set<std::string_view> seen;
  uint32_t position = 0;
  std::erase_if(tokens.mutable_tokens(), [&](const Token& token) {
    if (same_position_only_ && token.position != position) seen.clear();
    position = token.position;
    return !seen.insert(token.text).second;
  });
}

void NgramFilter::add_pieces(const Token& token, std::vector<Token>& out) const {
  std::vector<uint32_t> borders;  // bytes at which code points start, and the end
  for (size_t at = 0; at < token.text.size();) {
    borders.push_back(static_cast<uint32_t>(at));
    decode_utf8(token.text, at);
  }
  const auto length = static_cast<uint32_t>(borders.size());
  borders.push_back(static_cast<uint32_t>(token.text.size()));
  const auto add = [&](uint32_t from, uint32_t to) {
    Token piece = token;
    piece.text = token.text.substr(borders[from], borders[to] - borders[from]);
    out.push_back(piece);
  };
  const uint32_t starts = edge_ ? std::min<uint32_t>(length, 1) : length;
  for (uint32_t from = 0; from < starts; ++from) {
    for (uint32_t size = length_min_; size <= length_max_ && from + size <= length; ++size)
      add(from, from + size);
  }
  if (keep_original_ && (length < length_min_ || length > length_max_)) out.push_back(token);
}

void NgramFilter::apply(TokenBuffer& tokens) const {
  std::vector<Token> pieces;
  for (const Token& token : tokens.tokens()) add_pieces(token, pieces);
  tokens.mutable_tokens().swap(pieces);
}

KeywordMarkerFilter::KeywordMarkerFilter(const WordSet& words, bool ignore_case)
    : ignore_case_(ignore_case) {
  for (const std::string& word : words) words_.insert(ignore_case ? to_lower(word) : word);
}

void KeywordMarkerFilter::apply(TokenBuffer& tokens) const {
  for (Token& token : tokens.mutable_tokens()) {
    if (ignore_case_ ? words_.contains(to_lower(token.text)) : words_.contains(token.text))
      token.keyword = true;
  }
}

void EnglishPossessiveFilter::apply(TokenBuffer& tokens) const {
  for (Token& token : tokens.mutable_tokens()) {
    const std::string_view text = token.text;
    if (text.empty() || (text.back() != 's' && text.back() != 'S')) continue;
    // An apostrophe, a typographic one or a full-width one.
    for (const std::string_view mark : {"'", "\u2019", "\uFF07"}) {
      if (text.substr(0, text.size() - 1).ends_with(mark)) {
        token.text = text.substr(0, text.size() - 1 - mark.size());
        break;
      }
    }
  }
}

}  // namespace stratalog::index
