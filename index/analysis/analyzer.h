// Text to tokens. An analyzer is a chain: char filters, one tokenizer, token filters.
//
// Threads const methods from any thread; all state is in the TokenBuffer.
// Life    the analysed text must outlive the use of the buffer's tokens.
// Errors  none: any bytes are analysed; malformed UTF-8 reads as U+FFFD, which separates words.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "index/analysis/token.h"

namespace stratalog::index {

// As Elasticsearch's position_increment_gap of a text field without the setting.
inline constexpr uint32_t kPositionIncrementGap = 100;
// Words behind it have this position (Lucene's MAX_POSITION, where it refuses the document).
inline constexpr uint32_t kPositionMax = INT32_MAX - 128;

class Analyzer {
 public:
  virtual ~Analyzer() = default;
  // Clears `out` and fills it.
  virtual void analyze(std::string_view text, TokenBuffer& out) const = 0;
  // What becomes of a term that is not tokenised: of prefix, wildcard, regexp and fuzzy queries
  // (Lucene's Analyzer.normalize): lower-casing and folding, no stop words, no stemming.
  virtual std::string normalize(std::string_view text) const = 0;
  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }
  uint32_t position_increment_gap() const { return position_increment_gap_; }
  void set_position_increment_gap(uint32_t gap) { position_increment_gap_ = gap; }

 private:
  std::string name_;
  uint32_t position_increment_gap_ = kPositionIncrementGap;
};

// A keyword field's normalizer: one value to one value.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void normalize(std::string_view text, std::string& out) const = 0;  // replaces out
  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }

 private:
  std::string name_;
};

// The analyzer of text fields by default, the same for every index: never null, lives for ever.
const Analyzer& standard_analyzer();
// One token, unchanged: what keyword fields and `analyzer: keyword` use.
const Analyzer& keyword_analyzer();

}  // namespace stratalog::index
