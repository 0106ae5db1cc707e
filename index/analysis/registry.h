// The analyzers and normalizers of one index: Elasticsearch's built-in ones and those of its
// `index.analysis` settings.
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/analysis.html
//
// Shape   `settings` is the tree under index.analysis, nested: {"analyzer": {"my": {"type":
// "custom", ...}},
//         "tokenizer": {...}, "filter": {...}, "char_filter": {...}, "normalizer": {...}}. Values
//         may be strings, as settings are kept ("max_token_length": "5").
// Threads immutable after make(); any thread.
// Life    pointers live as long as the registry; hold the shared_ptr.
// Errors  make: illegal_argument_exception in Elasticsearch's words, as index creation answers.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "index/analysis/analyzer.h"

namespace stratalog::index {

// Bounds that index settings may widen.
struct AnalysisLimits {
  uint32_t ngram_diff_max = 1;    // index.max_ngram_diff
  uint32_t shingle_diff_max = 3;  // index.max_shingle_diff
};

class AnalysisParts;

// One step's output of _analyze with explain.
struct AnalysisStep {
  std::string name;
  std::vector<Token> tokens;  // texts live in the buffer given to explain()
};
struct AnalysisExplanation {
  struct CharFilter {
    std::string name;
    std::string text;
  };
  std::vector<CharFilter> char_filters;
  bool custom = false;  // else only `analyzer` is filled, as Elasticsearch shows it
  AnalysisStep analyzer;
  AnalysisStep tokenizer;
  std::vector<AnalysisStep> filters;
};

class AnalysisRegistry {
 public:
  static Result<std::shared_ptr<const AnalysisRegistry>> make(const json::Value& settings,
                                                              const AnalysisLimits& limits = {});
  // Of indices without analysis settings, and of _analyze without an index: shared by all.
  static std::shared_ptr<const AnalysisRegistry> built_in();
  ~AnalysisRegistry();

  // Null if there is none of the name; the caller's error differs by place ("analyzer [x] has not
  // been configured in mappings", "failed to find global analyzer [x]", ...).
  const Analyzer* analyzer(std::string_view name) const;
  const Normalizer* normalizer(std::string_view name) const;

  // "default" of the settings, else standard; "default_search", else default;
  // "default_search_quoted", else default_search.
  const Analyzer& default_analyzer() const;
  const Analyzer& default_search_analyzer() const;
  const Analyzer& default_search_quote_analyzer() const;

  // The analyzer or normalizer of an _analyze request: {"analyzer": "x"} or {"tokenizer": "x" |
  // {...}, "filter": [...], "char_filter": [...]} or {"normalizer": "x"} or {"filter": [...]}.
  // Other members are not looked at. `index` names the index in errors; empty for a request without
  // an index.
  Result<std::shared_ptr<const Analyzer>> for_request(const json::Value& request,
                                                      std::string_view index) const;

 private:
  AnalysisRegistry();
  std::unique_ptr<AnalysisParts> parts_;
};

// What each step of `analyzer` makes of a text: _analyze with explain. `buffer` keeps the tokens'
// texts.
AnalysisExplanation explain(const Analyzer& analyzer, std::string_view text, TokenBuffer& buffer);

}  // namespace stratalog::index
