#include "index/analysis/chain.h"
#include "index/analysis/registry.h"

namespace stratalog::index {

namespace {

// Tokens with their texts in `buffer`, which is not cleared again.
std::vector<Token> kept(std::span<const Token> tokens, TokenBuffer& buffer) {
  std::vector<Token> copies(tokens.begin(), tokens.end());
  for (Token& token : copies) token.text = buffer.copy(token.text);
  return copies;
}

}  // namespace

AnalysisExplanation explain(const Analyzer& analyzer, std::string_view text, TokenBuffer& buffer) {
  AnalysisExplanation explanation;
  buffer.clear();
  TokenBuffer work;
  const auto* chain = dynamic_cast<const ChainAnalyzer*>(&analyzer);
  if (chain == nullptr || !chain->name().empty()) {
    analyzer.analyze(text, work);
    explanation.analyzer = {analyzer.name(), kept(work.tokens(), buffer)};
    return explanation;
  }
  explanation.custom = true;
  std::string filtered(text);
  for (const auto& filter : chain->char_filters()) {
    std::string out;
    OffsetMap map;
    filter->apply(filtered, out, map);
    filtered = std::move(out);
    explanation.char_filters.push_back({filter->name(), filtered});
  }
  // Each step again from the text on: explanations are rare, and offsets come out as in the whole
  // chain.
  TokenFilters filters;
  const auto run = [&] {
    ChainAnalyzer(chain->char_filters(), chain->shared_tokenizer(), filters).analyze(text, work);
    return kept(work.tokens(), buffer);
  };
  explanation.tokenizer = {chain->tokenizer().name(), run()};
  for (const auto& filter : chain->filters()) {
    filters.push_back(filter);
    explanation.filters.push_back({filter->name(), run()});
  }
  return explanation;
}

}  // namespace stratalog::index
