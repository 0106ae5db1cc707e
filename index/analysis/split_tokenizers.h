// Tokenizers with rules of their own.
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/analysis-tokenizers.html
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/analysis/chain.h"

namespace stratalog::index {

// Classes of characters as token_chars of ngram and char_group's tokenize_on_chars name them; bits
// of a set.
enum CharClass : uint32_t {
  kLetterChars = 1,
  kDigitChars = 2,
  kWhitespaceChars = 4,
  kPunctuationChars = 8,
  kSymbolChars = 16,
};
struct CharSet {
  uint32_t classes = 0;
  std::u32string chars;
  bool contains(char32_t c) const;
};
// The class of a name such as "letter", or 0.
uint32_t char_class(std::string_view name);

// Pieces of every token's length_min to length_max code points; a token is a run of `token_chars`,
// or everything if there are none. With `edge` only pieces from the start of a run. Each piece
// takes a position.
class NgramTokenizer : public Tokenizer {
 public:
  NgramTokenizer(uint32_t length_min, uint32_t length_max, bool edge, CharSet token_chars,
                 bool any_char)
      : length_min_(length_min),
        length_max_(length_max),
        edge_(edge),
        token_chars_(std::move(token_chars)),
        any_char_(any_char) {}
  void tokenize(std::string_view text, TokenBuffer& out) const override;

 private:
  uint32_t length_min_;
  uint32_t length_max_;
  bool edge_;
  CharSet token_chars_;
  bool any_char_;
};

// Runs of characters that are not in the set.
class CharGroupTokenizer : public Tokenizer {
 public:
  CharGroupTokenizer(CharSet separators, uint32_t token_units_max)
      : separators_(std::move(separators)), token_units_max_(token_units_max) {}
  void tokenize(std::string_view text, TokenBuffer& out) const override;

 private:
  CharSet separators_;
  uint32_t token_units_max_;
};

// "/a/b" as "/a", "/a/b", all at one position; `reverse` from the end.
class PathHierarchyTokenizer : public Tokenizer {
 public:
  PathHierarchyTokenizer(std::string delimiter, std::string replacement, uint32_t skip,
                         bool reverse)
      : delimiter_(std::move(delimiter)),
        replacement_(std::move(replacement)),
        skip_(skip),
        reverse_(reverse) {}
  void tokenize(std::string_view text, TokenBuffer& out) const override;

 private:
  std::string delimiter_;
  std::string replacement_;
  uint32_t skip_;
  bool reverse_;
};

// A regular expression of settings: RE2's syntax, which is Java's but for look-around and back
// references; linear time.
class Regex {
 public:
  // `flags` as Java's names joined by "|": CASE_INSENSITIVE, MULTILINE, DOTALL, LITERAL, COMMENTS,
  // UNICODE_CASE. Fails with illegal_argument_exception.
  static Result<Regex> compile(std::string_view pattern, std::string_view flags);
  struct Span {
    size_t start = 0;
    size_t end = 0;
  };
  int group_count() const;
  // The first match in text from `at` on, of a group (0: all); false if there is none. An unmatched
  // group gives false in `matched`.
  bool find(std::string_view text, size_t at, int group, Span& all, Span& of_group,
            bool& matched) const;
  // Appends `replacement` with $1 put in for the match that find() gave at `at`.
  void append_replacement(std::string_view text, size_t at, std::string_view replacement,
                          std::string& out) const;

 private:
  class Impl;
  std::shared_ptr<const Impl> impl_;
};

// Splits at matches (group -1), or takes a group of each match as a token.
class PatternTokenizer : public Tokenizer {
 public:
  PatternTokenizer(Regex regex, int group) : regex_(std::move(regex)), group_(group) {}
  void tokenize(std::string_view text, TokenBuffer& out) const override;

 private:
  Regex regex_;
  int group_;
};

}  // namespace stratalog::index
