// The parts of an analyzer and the analyzer made of them.
//
// Threads parts are immutable; const methods from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index/analysis/analyzer.h"

namespace stratalog::index {

// Where a filtered text's bytes came from: pieces in rising order, each of which moves the offsets
// behind it.
class OffsetMap {
 public:
  void clear() { points_.clear(); }
  // From byte `filtered` of the output on, an offset x comes from x + shift of the input.
  void add(uint32_t filtered, int64_t shift) {
    if (!points_.empty() && points_.back().filtered == filtered) {
      points_.back().shift = shift;
    } else {
      points_.push_back({filtered, shift});
    }
  }
  bool empty() const { return points_.empty(); }
  uint32_t original(uint32_t filtered) const;

 private:
  struct Point {
    uint32_t filtered;
    int64_t shift;
  };
  std::vector<Point> points_;
};

// Rewrites the text before it is split.
class CharFilter {
 public:
  virtual ~CharFilter() = default;
  virtual void apply(std::string_view text, std::string& out,
                     OffsetMap& map) const = 0;  // replaces out and map
  virtual bool in_normalizers() const { return true; }
  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }

 private:
  std::string name_;
};

// Splits. Appends tokens to a cleared buffer and sets its position_count.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  virtual void tokenize(std::string_view text, TokenBuffer& out) const = 0;
  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }

 private:
  std::string name_;
};

// Changes, drops or adds tokens, all of a text at once.
class TokenFilter {
 public:
  virtual ~TokenFilter() = default;
  virtual void apply(TokenBuffer& tokens) const = 0;
  // Whether it makes one token of one, so that normalizers and normalize() may use it.
  virtual bool normalizes() const { return false; }
  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }

 private:
  std::string name_;
};

using CharFilters = std::vector<std::shared_ptr<const CharFilter>>;
using TokenFilters = std::vector<std::shared_ptr<const TokenFilter>>;

class ChainAnalyzer : public Analyzer {
 public:
  ChainAnalyzer(CharFilters char_filters, std::shared_ptr<const Tokenizer> tokenizer,
                TokenFilters filters);

  void analyze(std::string_view text, TokenBuffer& out) const override;
  std::string normalize(std::string_view text) const override;

  const CharFilters& char_filters() const { return char_filters_; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  const std::shared_ptr<const Tokenizer>& shared_tokenizer() const { return tokenizer_; }
  const TokenFilters& filters() const { return filters_; }

 private:
  CharFilters char_filters_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  TokenFilters filters_;
};

class ChainNormalizer : public Normalizer {
 public:
  ChainNormalizer(CharFilters char_filters, TokenFilters filters)
      : char_filters_(std::move(char_filters)), filters_(std::move(filters)) {}
  void normalize(std::string_view text, std::string& out) const override;

 private:
  CharFilters char_filters_;
  TokenFilters filters_;
};

}  // namespace stratalog::index
