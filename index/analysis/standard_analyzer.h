// The `standard` analyzer: the standard tokenizer, lower case, and stop words if any. One pass; the
// path that every log line takes.
#pragma once

#include <memory>

#include "index/analysis/chain.h"
#include "index/analysis/standard_tokenizer.h"
#include "index/analysis/stop_filter.h"

namespace stratalog::index {

class StandardAnalyzer : public Analyzer {
 public:
  explicit StandardAnalyzer(const WordSet& stop_words = {},
                            uint32_t token_units_max = kTokenUnitsMaxDefault);
  void analyze(std::string_view text, TokenBuffer& out) const override;
  std::string normalize(std::string_view text) const override;

 private:
  std::unique_ptr<const StopFilter> stop_filter_;  // null: no stop words
  uint32_t token_units_max_;
};

}  // namespace stratalog::index
