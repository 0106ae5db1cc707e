#include "query/highlight/boundaries.h"

#include <algorithm>

namespace stratalog::query {
namespace {

bool is_space(char16_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x202F || c == 0x205F || c == 0x3000;
}
bool is_digit(char16_t c) { return c >= '0' && c <= '9'; }
bool is_letter(char16_t c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') return true;
  if (c < 0xAA) return false;
  return !is_space(c) && !(c >= 0x2010 && c <= 0x2BFF) && !(c >= 0x3000 && c <= 0x303F) &&
         !(c >= 0xFF00 && c <= 0xFF0F) && c != 0xAB && c != 0xBB && c != 0xBF && c != 0xD7 &&
         c != 0xF7 && !(c >= 0xAC && c <= 0xB1);
}
// Scripts written without spaces: each character may be cut off.
bool is_ideograph(char16_t c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF);
}
bool is_lower(char16_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF && c != 0xF7) ||
         (c >= 0x430 && c <= 0x45F);
}
bool ends_always(char16_t c) {
  return c == '!' || c == '?' || c == 0x3002 || c == 0xFF01 || c == 0xFF1F;
}
bool closes(char16_t c) {
  return c == ')' || c == ']' || c == '}' || c == '"' || c == '\'' || c == 0x201D || c == 0x2019;
}
bool opens(char16_t c) {
  return c == '(' || c == '[' || c == '{' || c == '"' || c == '\'' || c == 0x201C || c == 0x2018;
}

// A sentence ends at `i`: behind its terminator, closing marks and spaces.
bool sentence_ends(std::u16string_view text, size_t i) {
  if (i == 0 || i >= text.size()) return false;
  const char16_t before = text[i - 1];
  // Nearly all characters: within a word.
  if ((before >= 'a' && before <= 'z') || (before >= '0' && before <= '9')) return false;
  if (before == 0x2029) return true;
  size_t at = i;
  if (is_space(text[i])) return false;
  while (at > 0 && is_space(text[at - 1])) --at;
  const bool spaced = at < i;
  while (at > 0 && closes(text[at - 1])) --at;
  if (at == 0) return false;
  const char16_t last = text[at - 1];
  if (ends_always(last))
    return !ends_always(text[i]) && (spaced || !closes(text[i])) && (spaced || last > 0x2FFF);
  if (last != '.' || !spaced) return false;
  // A full stop before a lower-case letter is an abbreviation's.
  size_t next = i;
  while (next < text.size() && opens(text[next])) ++next;
  return next >= text.size() || !is_lower(text[next]);
}

bool word_boundary(std::u16string_view text, size_t i) {
  if (i == 0 || i >= text.size()) return true;
  const char16_t a = text[i - 1], b = text[i];
  if (a >= 0xD800 && a < 0xDC00 && b >= 0xDC00 && b < 0xE000) return false;
  if (is_ideograph(a) || is_ideograph(b)) return true;
  const bool word_a = is_letter(a) || is_digit(a), word_b = is_letter(b) || is_digit(b);
  if (word_a && word_b) return false;
  // A mark between two letters or two digits holds them together.
  const auto joins = [&](size_t mark) {
    if (mark == 0 || mark + 1 >= text.size()) return false;
    const char16_t c = text[mark], before = text[mark - 1], behind = text[mark + 1];
    const bool letters = is_letter(before) && is_letter(behind);
    const bool digits = is_digit(before) && is_digit(behind);
    if (c == '.' || c == '\'' || c == 0x2019) return letters || digits;
    if (c == ',') return digits;
    return false;
  };
  if (word_a && !word_b) return !joins(i);
  if (!word_a && word_b) return !joins(i - 1);
  return true;
}

}  // namespace

size_t sentence_before(std::u16string_view text, size_t offset) {
  for (size_t i = std::min(offset, text.size()); i > 0;) {
    if (sentence_ends(text, --i)) return i;
  }
  return 0;
}
size_t sentence_after(std::u16string_view text, size_t offset) {
  for (size_t i = offset + 1; i < text.size(); ++i) {
    if (sentence_ends(text, i)) return i;
  }
  return text.size();
}
size_t word_before(std::u16string_view text, size_t offset) {
  for (size_t i = std::min(offset, text.size()); i > 0;) {
    if (word_boundary(text, --i)) return i;
  }
  return 0;
}
size_t word_after(std::u16string_view text, size_t offset) {
  for (size_t i = offset + 1; i < text.size(); ++i) {
    if (word_boundary(text, i)) return i;
  }
  return text.size();
}

PassageScanner::Span PassageScanner::around(size_t start) {
  switch (mode_) {
    case Mode::kWhole:
      return {0, text_.size()};
    case Mode::kSentence:
      return {sentence_before(text_, start + 1), sentence_after(text_, start)};
    case Mode::kWord:
      return {word_before(text_, start + 1), word_after(text_, start)};
    case Mode::kBoundedSentence:
      break;
  }
  return bounded(start + 1);
}

// BoundedBreakIteratorScanner.preceding and following: sentences until the length is used up; of a
// sentence that is longer, words around the match.
PassageScanner::Span PassageScanner::bounded(size_t offset) {
  size_t begin = 0;
  if (started_ && offset > window_begin_ && offset < window_end_) {
    begin = inner_end_;
    inner_end_ = window_end_;
  } else {
    started_ = true;
    window_begin_ = begin = sentence_before(text_, offset);
    if (text_.size() - begin <= length_max_) {
      window_end_ = inner_end_ = text_.size();  // all sentences that follow
      return {begin, inner_end_};
    }
    window_end_ = inner_end_ = sentence_after(text_, offset - 1);
    while (inner_end_ - begin < length_max_ && inner_end_ < text_.size()) {
      const size_t next = sentence_after(text_, inner_end_);
      if (next - begin > length_max_) break;
      window_end_ = inner_end_ = next;
    }
  }
  if (inner_end_ - begin > length_max_) {
    if (offset > length_max_ && offset - length_max_ > begin) {
      begin = std::max(begin, word_before(text_, offset - length_max_));
    }
    const size_t used = offset - begin;
    const size_t remaining = used < length_max_ ? length_max_ - used : 0;
    if (offset + remaining < window_end_)
      inner_end_ = std::min(window_end_, word_after(text_, offset + remaining));
  }
  return {begin, inner_end_};
}

}  // namespace stratalog::query
