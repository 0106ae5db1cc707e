// Token filters that need no data but their settings.
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/analysis-tokenfilters.html
#pragma once

#include <cstdint>
#include <string>

#include "index/analysis/chain.h"
#include "index/analysis/stop_filter.h"

namespace stratalog::index {

// Lengths of all are UTF-16 units, as Java counts, unless said otherwise.

class TrimFilter : public TokenFilter {
 public:
  void apply(TokenBuffer& tokens) const override;
  bool normalizes() const override { return true; }
};

class LengthFilter : public TokenFilter {
 public:
  LengthFilter(uint32_t units_min, uint32_t units_max)
      : units_min_(units_min), units_max_(units_max) {}
  void apply(TokenBuffer& tokens) const override;

 private:
  uint32_t units_min_;
  uint32_t units_max_;
};

class TruncateFilter : public TokenFilter {
 public:
  explicit TruncateFilter(uint32_t units_max) : units_max_(units_max) {}
  void apply(TokenBuffer& tokens) const override;

 private:
  uint32_t units_max_;
};

class LimitFilter : public TokenFilter {
 public:
  explicit LimitFilter(uint32_t count_max) : count_max_(count_max) {}
  void apply(TokenBuffer& tokens) const override;

 private:
  uint32_t count_max_;
};

class ReverseFilter : public TokenFilter {
 public:
  void apply(TokenBuffer& tokens) const override;
};

// Drops a token whose text came before: anywhere in the text, or at the same position only.
class UniqueFilter : public TokenFilter {
 public:
  explicit UniqueFilter(bool same_position_only) : same_position_only_(same_position_only) {}
  void apply(TokenBuffer& tokens) const override;

 private:
  bool same_position_only_;
};

// Pieces of length_min to length_max code points of each token, at the token's position; from its
// start only (edge), or from everywhere. With keep_original a token of another length stays too.
class NgramFilter : public TokenFilter {
 public:
  NgramFilter(uint32_t length_min, uint32_t length_max, bool edge, bool keep_original)
      : length_min_(length_min),
        length_max_(length_max),
        edge_(edge),
        keep_original_(keep_original) {}
  void apply(TokenBuffer& tokens) const override;

 private:
  void add_pieces(const Token& token, std::vector<Token>& out) const;

  uint32_t length_min_;
  uint32_t length_max_;
  bool edge_;
  bool keep_original_;
};

// Marks words that stemming leaves alone.
class KeywordMarkerFilter : public TokenFilter {
 public:
  KeywordMarkerFilter(const WordSet& words, bool ignore_case);
  void apply(TokenBuffer& tokens) const override;

 private:
  WordSet words_;
  bool ignore_case_;
};

// Snowball's stemmer of a language, or the English possessive 's.
class StemmerFilter : public TokenFilter {
 public:
  // Null if libstemmer has no such algorithm.
  static std::shared_ptr<StemmerFilter> make(const std::string& algorithm);
  void apply(TokenBuffer& tokens) const override;

 private:
  explicit StemmerFilter(std::string algorithm) : algorithm_(std::move(algorithm)) {}
  std::string algorithm_;
};

class EnglishPossessiveFilter : public TokenFilter {
 public:
  void apply(TokenBuffer& tokens) const override;
};

// Letters with marks, ligatures, other forms of Latin letters, digits and signs to ASCII.
class AsciiFoldingFilter : public TokenFilter {
 public:
  explicit AsciiFoldingFilter(bool preserve_original) : preserve_original_(preserve_original) {}
  void apply(TokenBuffer& tokens) const override;
  bool normalizes() const override { return true; }

 private:
  bool preserve_original_;
};

}  // namespace stratalog::index
