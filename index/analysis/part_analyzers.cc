#include <array>

#include "index/analysis/case_filters.h"
#include "index/analysis/parts.h"
#include "index/analysis/simple_tokenizers.h"
#include "index/analysis/split_tokenizers.h"
#include "index/analysis/standard_analyzer.h"
#include "index/analysis/token_filters.h"

namespace stratalog::index {

namespace {

using AnalyzerPtr = std::shared_ptr<Analyzer>;

AnalyzerPtr chain(std::shared_ptr<const Tokenizer> tokenizer, TokenFilters filters) {
  return std::make_shared<ChainAnalyzer>(CharFilters{}, std::move(tokenizer), std::move(filters));
}

std::shared_ptr<const TokenFilter> stop_filter(const WordSet& words) {
  return std::make_shared<StopFilter>(words, false);
}

Result<AnalyzerPtr> make_english(const PartSettings& settings) {
  TokenFilters filters = {std::make_shared<EnglishPossessiveFilter>(),
                          std::make_shared<LowercaseFilter>(),
                          stop_filter(stop_words_of(settings, "stopwords", "_english_"))};
  const std::vector<std::string> excluded = settings.list("stem_exclusion");
  if (!excluded.empty()) {
    filters.push_back(
        std::make_shared<KeywordMarkerFilter>(WordSet(excluded.begin(), excluded.end()), false));
  }
  filters.push_back(StemmerFilter::make("porter"));
  return chain(std::make_shared<StandardTokenizer>(kTokenUnitsMaxDefault), std::move(filters));
}

Result<AnalyzerPtr> make_pattern(const PartSettings& settings) {
  ASSIGN_OR_RETURN(Regex regex,
                   Regex::compile(settings.text("pattern", "\\W+"), settings.text("flags")));
  ASSIGN_OR_RETURN(const bool lowers, settings.boolean("lowercase", true));
  TokenFilters filters;
  if (lowers) filters.push_back(std::make_shared<LowercaseFilter>());
  const WordSet stop_words = stop_words_of(settings, "stopwords", "_none_");
  if (!stop_words.empty()) filters.push_back(stop_filter(stop_words));
  return chain(std::make_shared<PatternTokenizer>(std::move(regex), -1), std::move(filters));
}

}  // namespace

Result<AnalyzerPtr> make_analyzer(std::string_view type, const PartSettings& settings) {
  if (type == "standard") {
    ASSIGN_OR_RETURN(const int64_t units,
                     settings.number("max_token_length", kTokenUnitsMaxDefault));
    if (units < 1)
      return Error(error_types::kIllegalArgument, "maxTokenLength must be greater than zero");
    return AnalyzerPtr(std::make_shared<StandardAnalyzer>(
        stop_words_of(settings, "stopwords", "_none_"), static_cast<uint32_t>(units)));
  }
  const auto letters = std::make_shared<CharRunTokenizer>(in_letter_token, /*lowers=*/true);
  // The lower-casing tokenizer does it, and normalize() needs the filter.
  const auto lowercase = std::make_shared<LowercaseFilter>();
  if (type == "simple") return chain(letters, {lowercase});
  if (type == "stop")
    return chain(letters,
                 {lowercase, stop_filter(stop_words_of(settings, "stopwords", "_english_"))});
  if (type == "whitespace")
    return chain(std::make_shared<CharRunTokenizer>(in_whitespace_token), {});
  if (type == "keyword") return chain(std::make_shared<KeywordTokenizer>(), {});
  if (type == "pattern") return make_pattern(settings);
  if (type == "english") return make_english(settings);
  return Error(error_types::kIllegalArgument,
               "Unknown analyzer type [" + std::string(type) + "] for [" + settings.name() + "]");
}

std::shared_ptr<const Analyzer> built_in_analyzer(std::string_view name) {
  static const json::Value none = json::Value::object();
  auto analyzer = make_analyzer(name == "default" ? "standard" : name, PartSettings(name, none));
  if (!analyzer) return nullptr;
  (*analyzer)->set_name(std::string(name));
  return *analyzer;
}

}  // namespace stratalog::index
