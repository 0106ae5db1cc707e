#include "index/analysis/standard_analyzer.h"

#include "index/analysis/chars.h"
#include "index/analysis/simple_tokenizers.h"

namespace stratalog::index {

StandardAnalyzer::StandardAnalyzer(const WordSet& stop_words, uint32_t token_units_max)
    : token_units_max_(token_units_max) {
  if (!stop_words.empty())
    stop_filter_ = std::make_unique<StopFilter>(stop_words, /*ignore_case=*/false);
}

void StandardAnalyzer::analyze(std::string_view text, TokenBuffer& out) const {
  out.clear();
  tokenize_standard(text, out, Lowering::kYes, token_units_max_);
  if (stop_filter_) stop_filter_->apply(out);
}

std::string StandardAnalyzer::normalize(std::string_view text) const { return to_lower(text); }

const Analyzer& standard_analyzer() {
  static const StandardAnalyzer& analyzer = [&]() -> const StandardAnalyzer& {
    static StandardAnalyzer made;
    made.set_name("standard");
    return made;
  }();
  return analyzer;
}

const Analyzer& keyword_analyzer() {
  static const ChainAnalyzer& analyzer = [&]() -> const ChainAnalyzer& {
    static ChainAnalyzer made({}, std::make_shared<KeywordTokenizer>(), {});
    made.set_name("keyword");
    return made;
  }();
  return analyzer;
}

}  // namespace stratalog::index
