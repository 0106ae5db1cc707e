#include "index/analysis/split_tokenizers.h"

#include <algorithm>

#include "base/unicode.h"
#include "index/analysis/chars.h"

namespace stratalog::index {

bool CharSet::contains(char32_t c) const {
  if ((classes & kLetterChars) != 0 && is_letter(c)) return true;
  if ((classes & kDigitChars) != 0 && is_digit(c)) return true;
  if ((classes & kWhitespaceChars) != 0 && is_whitespace(c)) return true;
  if ((classes & kPunctuationChars) != 0 && is_punctuation(c)) return true;
  if ((classes & kSymbolChars) != 0 && is_symbol(c)) return true;
  return chars.find(c) != std::u32string::npos;
}

uint32_t char_class(std::string_view name) {
  if (name == "letter") return kLetterChars;
  if (name == "digit") return kDigitChars;
  if (name == "whitespace") return kWhitespaceChars;
  if (name == "punctuation") return kPunctuationChars;
  if (name == "symbol") return kSymbolChars;
  return 0;
}

void NgramTokenizer::tokenize(std::string_view text, TokenBuffer& out) const {
  // Where code points start, and how many token characters follow from each on.
  std::vector<uint32_t> borders;
  std::vector<bool> in_token;
  for (size_t at = 0; at < text.size();) {
    borders.push_back(static_cast<uint32_t>(at));
    const char32_t c = decode_utf8(text, at);
    in_token.push_back(any_char_ || token_chars_.contains(c));
  }
  const size_t count = borders.size();
  borders.push_back(static_cast<uint32_t>(text.size()));
  uint32_t position = 0;
  for (size_t from = 0; from < count; ++from) {
    if (edge_ && from > 0 && (any_char_ || in_token[from - 1])) continue;
    for (size_t to = from + 1; to <= count && in_token[to - 1] && to - from <= length_max_; ++to) {
      if (to - from < length_min_) continue;
      out.push({.text = text.substr(borders[from], borders[to] - borders[from]),
                .start = borders[from],
                .end = borders[to],
                .position = position++});
    }
  }
  out.set_position_count(position);
}

void CharGroupTokenizer::tokenize(std::string_view text, TokenBuffer& out) const {
  uint32_t position = 0;
  size_t start = 0;
  uint32_t units = 0;
  const auto flush = [&](size_t end) {
    if (end > start) {
      out.push({.text = text.substr(start, end - start),
                .start = static_cast<uint32_t>(start),
                .end = static_cast<uint32_t>(end),
                .position = position++});
    }
    units = 0;
  };
  for (size_t at = 0; at < text.size();) {
    const size_t before = at;
    const char32_t c = decode_utf8(text, at);
    if (separators_.contains(c)) {
      flush(before);
      start = at;
      continue;
    }
    units += c > 0xFFFF ? 2 : 1;
    if (units >= token_units_max_) {
      flush(at);
      start = at;
    }
  }
  flush(text.size());
  out.set_position_count(position);
}

void PathHierarchyTokenizer::tokenize(std::string_view text, TokenBuffer& out) const {
  std::string_view path = text;
  if (replacement_ != delimiter_) {
    std::string replaced;
    for (size_t at = 0; at < text.size();) {
      const size_t found = std::min(text.find(delimiter_, at), text.size());
      replaced.append(text, at, found - at);
      if (found < text.size()) replaced += replacement_;
      at = found + delimiter_.size();
    }
    path = out.copy(replaced);
  }
  std::vector<size_t> cuts;  // of the path: where parts start (reverse) or end
  const auto push = [&](size_t start, size_t end) {
    if (end <= start) return;
    out.push({.text = path.substr(start, end - start),
              .start = static_cast<uint32_t>(std::min(start, text.size())),
              .end = static_cast<uint32_t>(std::min(end, text.size()))});
  };
  for (size_t at = path.find(replacement_); at != path.npos;
       at = path.find(replacement_, at + replacement_.size())) {
    cuts.push_back(at);
  }
  if (reverse_) {
    // Parts are left off from the front; the last `skip_` parts never show.
    size_t end = path.size();
    for (uint32_t i = 0; i < skip_ && !cuts.empty(); ++i, cuts.pop_back())
      end = cuts.back() + replacement_.size();
    push(0, end);
    for (const size_t cut : cuts) push(cut + replacement_.size(), end);
  } else {
    // A delimiter in front belongs to the first part.
    if (!cuts.empty() && cuts.front() == 0) cuts.erase(cuts.begin());
    cuts.push_back(path.size());
    size_t start = 0;
    for (size_t i = 0; i < cuts.size(); ++i) {
      if (i < skip_) {
        start = cuts[i];
      } else {
        push(start, cuts[i]);
      }
    }
  }
  out.set_position_count(out.tokens().empty() ? 0 : 1);
}

void PatternTokenizer::tokenize(std::string_view text, TokenBuffer& out) const {
  uint32_t position = 0;
  const auto push = [&](size_t start, size_t end) {
    if (end <= start) return;
    out.push({.text = text.substr(start, end - start),
              .start = static_cast<uint32_t>(start),
              .end = static_cast<uint32_t>(end),
              .position = position++});
  };
  size_t token_start = 0;
  for (size_t at = 0; at <= text.size();) {
    Regex::Span all, of_group;
    bool matched = false;
    if (!regex_.find(text, at, std::max(group_, 0), all, of_group, matched)) break;
    if (group_ < 0) {
      push(token_start, all.start);
      token_start = all.end;
    } else if (matched) {
      push(of_group.start, of_group.end);
    }
    at = all.end > all.start ? all.end : all.end + 1;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  if (group_ < 0) push(token_start, text.size());
  out.set_position_count(position);
}

}  // namespace stratalog::index
