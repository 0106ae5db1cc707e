#include "index/analysis/registry.h"

#include <algorithm>

#include "index/analysis/case_filters.h"
#include "index/analysis/parts.h"
#include "index/analysis/simple_tokenizers.h"
#include "index/analysis/standard_analyzer.h"

namespace stratalog::index {

namespace {

template <typename T>
using Named = std::map<std::string, std::shared_ptr<const T>, std::less<>>;

template <typename T>
const T* find(const Named<T>& parts, std::string_view name) {
  const auto found = parts.find(name);
  return found == parts.end() ? nullptr : found->second.get();
}

Error illegal(std::string reason) { return {error_types::kIllegalArgument, std::move(reason)}; }

std::string brackets(std::string_view text) { return "[" + std::string(text) + "]"; }

// The members of settings.<group>, or nothing.
const json::Object& group(const json::Value& settings, std::string_view name) {
  static const json::Object none;
  const json::Value* found = settings.find(name);
  return found != nullptr && found->is_object() ? found->as_object() : none;
}

Result<std::string> type_of(const PartSettings& settings, std::string_view component) {
  if (settings.has("type")) return settings.text("type");
  return illegal(std::string(component) + " " + brackets(settings.name()) +
                 " must specify either an analyzer type, or a tokenizer");
}

// Which analyzers there are without settings: made once, shared by all registries.
const Named<Analyzer>& built_in_analyzers() {
  static const Named<Analyzer> analyzers = [] {
    Named<Analyzer> made;
    for (const std::string_view name :
         {"standard", "simple", "whitespace", "keyword", "stop", "pattern", "english"}) {
      made.emplace(std::string(name), built_in_analyzer(name));
    }
    return made;
  }();
  return analyzers;
}

}  // namespace

class AnalysisParts {
 public:
  Status build(const json::Value& settings, const AnalysisLimits& limits);

  std::shared_ptr<const Tokenizer> tokenizer(std::string_view name) const {
    const auto own = tokenizers.find(name);
    return own != tokenizers.end() ? own->second : built_in_tokenizer(name);
  }
  std::shared_ptr<const TokenFilter> filter(std::string_view name) const {
    const auto own = filters.find(name);
    return own != filters.end() ? own->second : built_in_token_filter(name);
  }
  std::shared_ptr<const CharFilter> char_filter(std::string_view name) const {
    const auto own = char_filters.find(name);
    return own != char_filters.end() ? own->second : built_in_char_filter(name);
  }

  Named<Tokenizer> tokenizers;
  Named<TokenFilter> filters;
  Named<CharFilter> char_filters;
  Named<Analyzer> analyzers;  // of the settings and built in
  Named<Normalizer> normalizers;
  AnalysisLimits limits_of_request;

 private:
  Result<CharFilters> char_filters_of(const PartSettings& settings, std::string_view what) const;
  Result<TokenFilters> filters_of(const PartSettings& settings, std::string_view what) const;
  Result<std::shared_ptr<Analyzer>> custom_analyzer(const PartSettings& settings) const;
  Result<std::shared_ptr<Normalizer>> normalizer(const PartSettings& settings) const;
};

Result<CharFilters> AnalysisParts::char_filters_of(const PartSettings& settings,
                                                   std::string_view what) const {
  CharFilters chain;
  for (const std::string& name : settings.list("char_filter")) {
    auto part = char_filter(name);
    if (!part)
      return illegal(std::string(what) + " " + brackets(settings.name()) +
                     " failed to find char_filter under name " + brackets(name));
    chain.push_back(std::move(part));
  }
  return chain;
}

Result<TokenFilters> AnalysisParts::filters_of(const PartSettings& settings,
                                               std::string_view what) const {
  TokenFilters chain;
  for (const std::string& name : settings.list("filter")) {
    auto part = filter(name);
    if (!part)
      return illegal(std::string(what) + " " + brackets(settings.name()) +
                     " failed to find filter under name " + brackets(name));
    chain.push_back(std::move(part));
  }
  return chain;
}

Result<std::shared_ptr<Analyzer>> AnalysisParts::custom_analyzer(
    const PartSettings& settings) const {
  if (!settings.has("tokenizer")) {
    return illegal("Custom Analyzer " + brackets(settings.name()) +
                   " must be configured with a tokenizer");
  }
  auto split = tokenizer(settings.text("tokenizer"));
  if (!split) {
    return illegal("Custom Analyzer " + brackets(settings.name()) +
                   " failed to find tokenizer under name " + brackets(settings.text("tokenizer")));
  }
  ASSIGN_OR_RETURN(CharFilters before, char_filters_of(settings, "Custom Analyzer"));
  ASSIGN_OR_RETURN(TokenFilters after, filters_of(settings, "Custom Analyzer"));
  return std::shared_ptr<Analyzer>(
      std::make_shared<ChainAnalyzer>(std::move(before), std::move(split), std::move(after)));
}

Result<std::shared_ptr<Normalizer>> AnalysisParts::normalizer(const PartSettings& settings) const {
  if (settings.has("tokenizer")) {
    return illegal("Custom normalizer " + brackets(settings.name()) +
                   " cannot configure a tokenizer");
  }
  ASSIGN_OR_RETURN(CharFilters before, char_filters_of(settings, "Custom normalizer"));
  ASSIGN_OR_RETURN(TokenFilters after, filters_of(settings, "Custom normalizer"));
  for (const auto& part : before) {
    if (!part->in_normalizers()) {
      return illegal("Custom normalizer " + brackets(settings.name()) +
                     " may not use char filter " + brackets(part->name()));
    }
  }
  for (const auto& part : after) {
    if (!part->normalizes()) {
      return illegal("Custom normalizer " + brackets(settings.name()) + " may not use filter " +
                     brackets(part->name()));
    }
  }
  return std::shared_ptr<Normalizer>(
      std::make_shared<ChainNormalizer>(std::move(before), std::move(after)));
}

Status AnalysisParts::build(const json::Value& settings, const AnalysisLimits& limits) {
  limits_of_request = limits;
  for (const json::Member& member : group(settings, "char_filter")) {
    const PartSettings part(member.key, member.value);
    ASSIGN_OR_RETURN(const std::string type, type_of(part, "char_filter"));
    ASSIGN_OR_RETURN(const auto made, make_char_filter(type, part));
    std::const_pointer_cast<CharFilter>(made)->set_name(member.key);
    char_filters[member.key] = made;
  }
  for (const json::Member& member : group(settings, "tokenizer")) {
    const PartSettings part(member.key, member.value);
    ASSIGN_OR_RETURN(const std::string type, type_of(part, "tokenizer"));
    ASSIGN_OR_RETURN(const auto made, make_tokenizer(type, part, limits));
    std::const_pointer_cast<Tokenizer>(made)->set_name(member.key);
    tokenizers[member.key] = made;
  }
  for (const json::Member& member : group(settings, "filter")) {
    const PartSettings part(member.key, member.value);
    ASSIGN_OR_RETURN(const std::string type, type_of(part, "filter"));
    ASSIGN_OR_RETURN(const auto made, make_token_filter(type, part, limits));
    std::const_pointer_cast<TokenFilter>(made)->set_name(member.key);
    filters[member.key] = made;
  }
  analyzers = built_in_analyzers();
  for (const json::Member& member : group(settings, "analyzer")) {
    const PartSettings part(member.key, member.value);
    if (member.key.starts_with('_'))
      return illegal("analyzer name must not start with '_'. got \"" + member.key + "\"");
    if (!part.has("type") && !part.has("tokenizer")) {
      return illegal("analyzer " + brackets(member.key) +
                     " must specify either an analyzer type, or a tokenizer");
    }
    const std::string type = part.text("type", "custom");
    auto made = type == "custom" ? custom_analyzer(part) : make_analyzer(type, part);
    if (!made) return made.error();
    (*made)->set_name(member.key);
    if (type == "custom") {  // the others have the usual gap, whatever is said
      ASSIGN_OR_RETURN(const int64_t gap,
                       part.number("position_increment_gap", kPositionIncrementGap));
      (*made)->set_position_increment_gap(
          static_cast<uint32_t>(std::clamp<int64_t>(gap, 0, kPositionMax)));
    }
    analyzers[member.key] = *made;
  }
  auto lowercase = std::make_shared<ChainNormalizer>(
      CharFilters{}, TokenFilters{std::make_shared<LowercaseFilter>()});
  lowercase->set_name("lowercase");
  normalizers["lowercase"] = lowercase;
  for (const json::Member& member : group(settings, "normalizer")) {
    const PartSettings part(member.key, member.value);
    const std::string type = part.text("type", "custom");
    if (type != "custom" && type != "lowercase") {
      return illegal("Unknown normalizer type " + brackets(type) + " for " + brackets(member.key));
    }
    if (type == "lowercase") {
      normalizers[member.key] = lowercase;
      continue;
    }
    ASSIGN_OR_RETURN(const auto made, normalizer(part));
    made->set_name(member.key);
    normalizers[member.key] = made;
  }
  return {};
}

AnalysisRegistry::AnalysisRegistry() : parts_(std::make_unique<AnalysisParts>()) {}
AnalysisRegistry::~AnalysisRegistry() = default;

Result<std::shared_ptr<const AnalysisRegistry>> AnalysisRegistry::make(
    const json::Value& settings, const AnalysisLimits& limits) {
  std::shared_ptr<AnalysisRegistry> registry(new AnalysisRegistry);
  RETURN_IF_ERROR(registry->parts_->build(settings, limits));
  return std::shared_ptr<const AnalysisRegistry>(std::move(registry));
}

std::shared_ptr<const AnalysisRegistry> AnalysisRegistry::built_in() {
  static const std::shared_ptr<const AnalysisRegistry>& registry =
      *new std::shared_ptr<const AnalysisRegistry>(*make(json::Value::object()));
  return registry;
}

const Analyzer* AnalysisRegistry::analyzer(std::string_view name) const {
  if (name == "default") return &default_analyzer();
  return find(parts_->analyzers, name);
}
const Normalizer* AnalysisRegistry::normalizer(std::string_view name) const {
  return find(parts_->normalizers, name);
}

const Analyzer& AnalysisRegistry::default_analyzer() const {
  const Analyzer* own = find(parts_->analyzers, "default");
  return own != nullptr ? *own : standard_analyzer();
}
const Analyzer& AnalysisRegistry::default_search_analyzer() const {
  const Analyzer* own = find(parts_->analyzers, "default_search");
  return own != nullptr ? *own : default_analyzer();
}
const Analyzer& AnalysisRegistry::default_search_quote_analyzer() const {
  const Analyzer* own = find(parts_->analyzers, "default_search_quoted");
  return own != nullptr ? *own : default_search_analyzer();
}

namespace {

// "failed to find global tokenizer under [x]", without "global" where an index was named.
Error not_found(std::string_view component, std::string_view name, std::string_view index,
                std::string_view under) {
  return illegal(std::string(index.empty() ? "failed to find global " : "failed to find ") +
                 std::string(component) + std::string(under) + brackets(name));
}

// A part of an _analyze request: a name, or settings of a part without one.
template <typename Part, typename ByName, typename BySettings>
Result<std::shared_ptr<const Part>> request_part(const json::Value& value,
                                                 std::string_view component, std::string_view index,
                                                 ByName by_name, BySettings by_settings) {
  if (!value.is_object()) {
    std::shared_ptr<const Part> part = by_name(value.to_text());
    if (part) return part;
    return not_found(component, value.to_text(), index, " under ");
  }
  const std::string anonymous =
      "__anonymous__" + (value.find("type") != nullptr ? value.find("type")->to_text() : "");
  const PartSettings settings(anonymous, value);
  if (!settings.has("type")) {
    return illegal("Missing [type] setting for anonymous " + std::string(component) + ": " +
                   json::to_string(value));
  }
  auto part = by_settings(settings.text("type"), settings);
  if (!part) {
    if (part.error().reason.starts_with("Unknown "))
      return not_found(component, settings.text("type"), {}, " under ");
    return part.error();
  }
  std::const_pointer_cast<Part>(*part)->set_name(anonymous);
  return *part;
}

std::vector<const json::Value*> items_of(const json::Value& request, std::string_view key) {
  std::vector<const json::Value*> items;
  const json::Value* value = request.find(key);
  if (value == nullptr || value->is_null()) return items;
  if (!value->is_array()) return {value};
  for (const json::Value& item : value->as_array()) items.push_back(&item);
  return items;
}

// A normalizer as an analyzer of one token.
class NormalizingAnalyzer : public Analyzer {
 public:
  NormalizingAnalyzer(const Normalizer& normalizer, std::shared_ptr<const AnalysisRegistry> owner)
      : normalizer_(normalizer), owner_(std::move(owner)) {}
  void analyze(std::string_view text, TokenBuffer& out) const override {
    out.clear();
    std::string normalized;
    normalizer_.normalize(text, normalized);
    out.push({.text = out.copy(normalized), .end = static_cast<uint32_t>(text.size())});
    out.set_position_count(1);
  }
  std::string normalize(std::string_view text) const override {
    std::string normalized;
    normalizer_.normalize(text, normalized);
    return normalized;
  }

 private:
  const Normalizer& normalizer_;
  std::shared_ptr<const AnalysisRegistry> owner_;
};

}  // namespace

Result<std::shared_ptr<const Analyzer>> AnalysisRegistry::for_request(
    const json::Value& request, std::string_view index) const {
  const json::Value* by_analyzer = request.find("analyzer");
  if (by_analyzer != nullptr && !by_analyzer->is_null()) {
    const std::string name = by_analyzer->to_text();
    const auto own = parts_->analyzers.find(name);
    if (own != parts_->analyzers.end()) return own->second;
    return not_found("analyzer", name, index, " ");
  }
  const json::Value* by_normalizer = request.find("normalizer");
  if (by_normalizer != nullptr && !by_normalizer->is_null()) {
    const auto own = parts_->normalizers.find(by_normalizer->to_text());
    if (own == parts_->normalizers.end())
      return not_found("normalizer", by_normalizer->to_text(), index, " under ");
    return std::shared_ptr<const Analyzer>(
        std::make_shared<NormalizingAnalyzer>(*own->second, nullptr));
  }
  const json::Value* by_tokenizer = request.find("tokenizer");
  const bool has_tokenizer = by_tokenizer != nullptr && !by_tokenizer->is_null();
  CharFilters before;
  for (const json::Value* item : items_of(request, "char_filter")) {
    ASSIGN_OR_RETURN(auto part, request_part<CharFilter>(
                                    *item, "char_filter", index,
                                    [&](const std::string& n) { return parts_->char_filter(n); },
                                    [&](const std::string& t, const PartSettings& s) {
                                      return make_char_filter(t, s);
                                    }));
    before.push_back(std::move(part));
  }
  std::shared_ptr<const Tokenizer> split = std::make_shared<KeywordTokenizer>();
  if (has_tokenizer) {
    ASSIGN_OR_RETURN(split, request_part<Tokenizer>(
                                *by_tokenizer, "tokenizer", index,
                                [&](const std::string& n) { return parts_->tokenizer(n); },
                                [&](const std::string& t, const PartSettings& s) {
                                  return make_tokenizer(t, s, parts_->limits_of_request);
                                }));
  }
  TokenFilters after;
  for (const json::Value* item : items_of(request, "filter")) {
    ASSIGN_OR_RETURN(auto part, request_part<TokenFilter>(
                                    *item, "filter", index,
                                    [&](const std::string& n) { return parts_->filter(n); },
                                    [&](const std::string& t, const PartSettings& s) {
                                      return make_token_filter(t, s, parts_->limits_of_request);
                                    }));
    if (!has_tokenizer && !part->normalizes()) {
      return illegal("Custom normalizer may not use filter " + brackets(part->name()));
    }
    after.push_back(std::move(part));
  }
  return std::shared_ptr<const Analyzer>(
      std::make_shared<ChainAnalyzer>(std::move(before), std::move(split), std::move(after)));
}

}  // namespace stratalog::index
