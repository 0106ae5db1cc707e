// Makes single parts of analyzers from their settings, and those that exist by name without
// settings.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "index/analysis/chain.h"
#include "index/analysis/registry.h"
#include "index/analysis/stop_filter.h"

namespace stratalog::index {

// The settings of one part, read loosely: a list may be an array or a comma-separated string,
// numbers may be strings.
class PartSettings {
 public:
  PartSettings(std::string_view name, const json::Value& tree) : name_(name), tree_(tree) {}
  const std::string& name() const { return name_; }
  bool has(std::string_view key) const;
  std::string text(std::string_view key, std::string_view otherwise = {}) const;
  Result<int64_t> number(std::string_view key, int64_t otherwise) const;
  Result<bool> boolean(std::string_view key, bool otherwise) const;
  std::vector<std::string> list(std::string_view key) const;

 private:
  std::string name_;
  const json::Value& tree_;
};

// Of a type; illegal_argument_exception "Unknown tokenizer type [x] for [name]" and the errors of
// its settings.
Result<std::shared_ptr<const Tokenizer>> make_tokenizer(std::string_view type,
                                                        const PartSettings& settings,
                                                        const AnalysisLimits& limits);
Result<std::shared_ptr<const TokenFilter>> make_token_filter(std::string_view type,
                                                             const PartSettings& settings,
                                                             const AnalysisLimits& limits);
Result<std::shared_ptr<const CharFilter>> make_char_filter(std::string_view type,
                                                           const PartSettings& settings);
// Analyzer types but custom.
Result<std::shared_ptr<Analyzer>> make_analyzer(std::string_view type,
                                                const PartSettings& settings);

// By name, without settings; null if there is none.
std::shared_ptr<const Tokenizer> built_in_tokenizer(std::string_view name);
std::shared_ptr<const TokenFilter> built_in_token_filter(std::string_view name);
std::shared_ptr<const CharFilter> built_in_char_filter(std::string_view name);
std::shared_ptr<const Analyzer> built_in_analyzer(std::string_view name);

// "stopwords" of settings: names of sets and words. Empty settings give `otherwise`.
WordSet stop_words_of(const PartSettings& settings, std::string_view key,
                      std::string_view otherwise);

}  // namespace stratalog::index
