#include "base/unicode.h"
#include "index/analysis/parts.h"
#include "index/analysis/simple_tokenizers.h"
#include "index/analysis/split_tokenizers.h"
#include "index/analysis/standard_tokenizer.h"

namespace stratalog::index {

namespace {

using TokenizerPtr = std::shared_ptr<const Tokenizer>;
constexpr int64_t kTokenUnitsLimit = 1 << 20;  // Lucene's greatest max_token_length

template <typename T, typename... Args>
Result<TokenizerPtr> made(Args&&... args) {
  return TokenizerPtr(std::make_shared<T>(std::forward<Args>(args)...));
}

Result<uint32_t> token_units(const PartSettings& settings) {
  ASSIGN_OR_RETURN(const int64_t units, settings.number("max_token_length", kTokenUnitsMaxDefault));
  if (units < 1)
    return Error(error_types::kIllegalArgument, "maxTokenLength must be greater than zero");
  if (units > kTokenUnitsLimit) {
    return Error(error_types::kIllegalArgument,
                 "maxTokenLength may not exceed " + std::to_string(kTokenUnitsLimit));
  }
  return static_cast<uint32_t>(units);
}

Result<CharSet> token_chars(const PartSettings& settings) {
  CharSet set;
  for (const std::string& name : settings.list("token_chars")) {
    const uint32_t chars = char_class(name);
    if (chars == 0 && name != "custom") {
      return Error(
          error_types::kIllegalArgument,
          "Unknown token type: '" + name +
              "', must be one of [letter, digit, whitespace, punctuation, symbol, custom]");
    }
    set.classes |= chars;
  }
  const std::string custom = settings.text("custom_token_chars");
  for (size_t at = 0; at < custom.size();) set.chars.push_back(decode_utf8(custom, at));
  return set;
}

Result<TokenizerPtr> make_ngram(const PartSettings& settings, bool edge,
                                const AnalysisLimits& limits) {
  ASSIGN_OR_RETURN(const int64_t length_min, settings.number("min_gram", 1));
  ASSIGN_OR_RETURN(const int64_t length_max, settings.number("max_gram", 2));
  if (length_min < 1)
    return Error(error_types::kIllegalArgument, "minGram must be greater than zero");
  if (length_min > length_max)
    return Error(error_types::kIllegalArgument, "minGram must not be greater than maxGram");
  if (!edge && length_max - length_min > limits.ngram_diff_max) {
    return Error(
        error_types::kIllegalArgument,
        "The difference between max_gram and min_gram in NGram Tokenizer must be less than or "
        "equal to: [" +
            std::to_string(limits.ngram_diff_max) + "] but was [" +
            std::to_string(length_max - length_min) +
            "]. This limit can be set by changing the [index.max_ngram_diff] index level setting.");
  }
  ASSIGN_OR_RETURN(CharSet chars, token_chars(settings));
  const bool any = chars.classes == 0 && chars.chars.empty();
  return made<NgramTokenizer>(static_cast<uint32_t>(length_min), static_cast<uint32_t>(length_max),
                              edge, std::move(chars), any);
}

Result<TokenizerPtr> make_char_group(const PartSettings& settings) {
  CharSet separators;
  for (const std::string& item : settings.list("tokenize_on_chars")) {
    if (const uint32_t chars = char_class(item)) {
      separators.classes |= chars;
    } else if (item == "\\n") {
      separators.chars.push_back('\n');
    } else if (item == "\\t") {
      separators.chars.push_back('\t');
    } else if (item == "\\r") {
      separators.chars.push_back('\r');
    } else {
      size_t at = 0;
      if (!item.empty()) separators.chars.push_back(decode_utf8(item, at));
      if (item.empty() || at != item.size()) {
        return Error(error_types::kIllegalArgument, "Invalid escaped char in [" + item + "]");
      }
    }
  }
  ASSIGN_OR_RETURN(const uint32_t units, token_units(settings));
  return made<CharGroupTokenizer>(std::move(separators), units);
}

Result<TokenizerPtr> make_path(const PartSettings& settings) {
  const std::string delimiter = settings.text("delimiter", "/");
  const std::string replacement = settings.text("replacement", delimiter);
  for (const auto& [name, value] :
       {std::pair("delimiter", &delimiter), std::pair("replacement", &replacement)}) {
    size_t at = 0;
    if (!value->empty()) decode_utf8(*value, at);
    if (value->empty() || at != value->size()) {
      return Error(error_types::kIllegalArgument, std::string(name) + " must be a one char value");
    }
  }
  ASSIGN_OR_RETURN(const int64_t skip, settings.number("skip", 0));
  if (skip < 0) return Error(error_types::kIllegalArgument, "skip cannot be negative");
  ASSIGN_OR_RETURN(const bool reverse, settings.boolean("reverse", false));
  return made<PathHierarchyTokenizer>(delimiter, replacement, static_cast<uint32_t>(skip), reverse);
}

Result<TokenizerPtr> make_pattern(const PartSettings& settings) {
  ASSIGN_OR_RETURN(Regex regex,
                   Regex::compile(settings.text("pattern", "\\W+"), settings.text("flags")));
  ASSIGN_OR_RETURN(const int64_t group, settings.number("group", -1));
  if (group > regex.group_count()) {
    return Error(error_types::kIllegalArgument, "invalid group specified: pattern only has: " +
                                                    std::to_string(regex.group_count()) +
                                                    " capturing groups");
  }
  return made<PatternTokenizer>(std::move(regex), static_cast<int>(group));
}

}  // namespace

Result<TokenizerPtr> make_tokenizer(std::string_view type, const PartSettings& settings,
                                    const AnalysisLimits& limits) {
  if (type == "standard") {
    ASSIGN_OR_RETURN(const uint32_t units, token_units(settings));
    return made<StandardTokenizer>(units);
  }
  if (type == "keyword") return made<KeywordTokenizer>();
  if (type == "whitespace" || type == "letter" || type == "lowercase") {
    ASSIGN_OR_RETURN(const uint32_t units, token_units(settings));
    return made<CharRunTokenizer>(type == "whitespace" ? in_whitespace_token : in_letter_token,
                                  type == "lowercase", units);
  }
  if (type == "ngram" || type == "nGram") return make_ngram(settings, false, limits);
  if (type == "edge_ngram" || type == "edgeNGram") return make_ngram(settings, true, limits);
  if (type == "char_group") return make_char_group(settings);
  if (type == "path_hierarchy" || type == "PathHierarchy") return make_path(settings);
  if (type == "pattern") return make_pattern(settings);
  return Error(error_types::kIllegalArgument,
               "Unknown tokenizer type [" + std::string(type) + "] for [" + settings.name() + "]");
}

TokenizerPtr built_in_tokenizer(std::string_view name) {
  static const json::Value none = json::Value::object();
  auto tokenizer = make_tokenizer(name, PartSettings(name, none), {});
  if (!tokenizer || name == "char_group") return nullptr;
  std::const_pointer_cast<Tokenizer>(*tokenizer)->set_name(std::string(name));
  return *tokenizer;
}

}  // namespace stratalog::index
