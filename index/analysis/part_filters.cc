#include <array>

#include "index/analysis/case_filters.h"
#include "index/analysis/char_filters.h"
#include "index/analysis/parts.h"
#include "index/analysis/token_filters.h"

namespace stratalog::index {

namespace {

using FilterPtr = std::shared_ptr<const TokenFilter>;
using CharFilterPtr = std::shared_ptr<const CharFilter>;

template <typename T, typename... Args>
Result<FilterPtr> made(Args&&... args) {
  return FilterPtr(std::make_shared<T>(std::forward<Args>(args)...));
}

Result<FilterPtr> make_ngram(const PartSettings& settings, bool edge,
                             const AnalysisLimits& limits) {
  ASSIGN_OR_RETURN(const int64_t length_min, settings.number("min_gram", 1));
  ASSIGN_OR_RETURN(const int64_t length_max, settings.number("max_gram", 2));
  ASSIGN_OR_RETURN(const bool keep, settings.boolean("preserve_original", false));
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
  return made<NgramFilter>(static_cast<uint32_t>(length_min), static_cast<uint32_t>(length_max),
                           edge, keep);
}

// Elasticsearch's language names to libstemmer's algorithms.
std::string stemmer_algorithm(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  if (name == "english" || name == "porter") return "porter";
  if (name == "porter2") return "english";
  if (name == "german2") return "german";
  return name;
}

Result<FilterPtr> make_stemmer(const PartSettings& settings, const std::string& algorithm) {
  if (auto filter = StemmerFilter::make(algorithm)) return FilterPtr(std::move(filter));
  return Error(error_types::kIllegalArgument,
               "Invalid stemmer class specified: " + algorithm + " for [" + settings.name() + "]");
}

Result<FilterPtr> make_language_stemmer(const PartSettings& settings) {
  const std::string language = settings.text("language", settings.text("name", "porter"));
  if (language == "possessive_english") return made<EnglishPossessiveFilter>();
  return make_stemmer(settings, stemmer_algorithm(language));
}

Result<FilterPtr> make_snowball(const PartSettings& settings) {
  std::string language = settings.text("language", settings.text("name", "English"));
  for (char& c : language) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return make_stemmer(settings, language == "german2" ? "german" : language);
}

Result<FilterPtr> make_stop(const PartSettings& settings) {
  ASSIGN_OR_RETURN(const bool ignore_case, settings.boolean("ignore_case", false));
  ASSIGN_OR_RETURN(const bool remove_trailing, settings.boolean("remove_trailing", true));
  return made<StopFilter>(stop_words_of(settings, "stopwords", "_english_"), ignore_case,
                          remove_trailing);
}

Result<FilterPtr> make_length(const PartSettings& settings) {
  ASSIGN_OR_RETURN(const int64_t least, settings.number("min", 0));
  ASSIGN_OR_RETURN(const int64_t most, settings.number("max", INT32_MAX));
  if (least < 0)
    return Error(error_types::kIllegalArgument,
                 "minimum length must be greater than or equal to zero");
  if (least > most)
    return Error(error_types::kIllegalArgument,
                 "maximum length must not be greater than minimum length");
  return made<LengthFilter>(static_cast<uint32_t>(least), static_cast<uint32_t>(most));
}

Result<FilterPtr> make_keyword_marker(const PartSettings& settings) {
  ASSIGN_OR_RETURN(const bool ignore_case, settings.boolean("ignore_case", false));
  const std::vector<std::string> words = settings.list("keywords");
  if (words.empty()) {
    return Error(error_types::kIllegalArgument,
                 "keyword filter requires either `keywords`, `keywords_path`, or "
                 "`keywords_pattern` to be configured");
  }
  return made<KeywordMarkerFilter>(WordSet(words.begin(), words.end()), ignore_case);
}

// "a => b" of a mapping filter, backslash escapes resolved.
Result<std::pair<std::string, std::string>> mapping_rule(const std::string& rule) {
  const size_t arrow = rule.rfind("=>");
  if (arrow == rule.npos)
    return Error(error_types::kIllegalArgument, "Invalid Mapping Rule : [" + rule + "]");
  const auto side = [](std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\' || i + 1 == text.size()) {
        out.push_back(text[i]);
        continue;
      }
      switch (text[++i]) {
        case 'n':
          out.push_back('\n');
          break;
        case 't':
          out.push_back('\t');
          break;
        case 'r':
          out.push_back('\r');
          break;
        case 'b':
          out.push_back('\b');
          break;
        case 'f':
          out.push_back('\f');
          break;
        default:
          out.push_back(text[i]);
          break;
      }
    }
    return out;
  };
  std::string from = side(std::string_view(rule).substr(0, arrow));
  if (from.empty())
    return Error(error_types::kIllegalArgument, "Invalid Mapping Rule : [" + rule + "]");
  return std::pair(std::move(from), side(std::string_view(rule).substr(arrow + 2)));
}

}  // namespace

Result<FilterPtr> make_token_filter(std::string_view type, const PartSettings& settings,
                                    const AnalysisLimits& limits) {
  if (type == "lowercase") {
    if (settings.has("language")) {
      return Error(error_types::kIllegalArgument,
                   "language [" + settings.text("language") + "] not support for lower case");
    }
    return made<LowercaseFilter>();
  }
  if (type == "uppercase") return made<UppercaseFilter>();
  if (type == "asciifolding") {
    ASSIGN_OR_RETURN(const bool preserve, settings.boolean("preserve_original", false));
    return made<AsciiFoldingFilter>(preserve);
  }
  if (type == "stop") return make_stop(settings);
  if (type == "stemmer") return make_language_stemmer(settings);
  if (type == "snowball") return make_snowball(settings);
  if (type == "porter_stem" || type == "porterStem") return make_stemmer(settings, "porter");
  if (type == "keyword_marker") return make_keyword_marker(settings);
  if (type == "trim") return made<TrimFilter>();
  if (type == "reverse") return made<ReverseFilter>();
  if (type == "length") return make_length(settings);
  if (type == "unique") {
    ASSIGN_OR_RETURN(const bool same_position, settings.boolean("only_on_same_position", false));
    return made<UniqueFilter>(same_position);
  }
  if (type == "truncate") {
    ASSIGN_OR_RETURN(const int64_t length, settings.number("length", -1));
    if (length < 1)
      return Error(error_types::kIllegalArgument, "length parameter must be provided");
    return made<TruncateFilter>(static_cast<uint32_t>(length));
  }
  if (type == "limit") {
    ASSIGN_OR_RETURN(const int64_t count, settings.number("max_token_count", 1));
    if (count < 1)
      return Error(error_types::kIllegalArgument, "maxTokenCount must be greater than zero");
    return made<LimitFilter>(static_cast<uint32_t>(count));
  }
  if (type == "ngram" || type == "nGram") return make_ngram(settings, false, limits);
  if (type == "edge_ngram" || type == "edgeNGram") return make_ngram(settings, true, limits);
  return Error(error_types::kIllegalArgument,
               "Unknown filter type [" + std::string(type) + "] for [" + settings.name() + "]");
}

Result<CharFilterPtr> make_char_filter(std::string_view type, const PartSettings& settings) {
  if (type == "html_strip")
    return CharFilterPtr(std::make_shared<HtmlStripCharFilter>(settings.list("escaped_tags")));
  if (type == "mapping") {
    const std::vector<std::string> texts = settings.list("mappings");
    if (texts.empty()) {
      return Error(error_types::kIllegalArgument,
                   "mapping requires either `mappings` or `mappings_path` to be configured");
    }
    std::vector<std::pair<std::string, std::string>> rules;
    for (const std::string& text : texts) {
      ASSIGN_OR_RETURN(auto rule, mapping_rule(text));
      rules.push_back(std::move(rule));
    }
    return CharFilterPtr(std::make_shared<MappingCharFilter>(std::move(rules)));
  }
  if (type == "pattern_replace") {
    if (!settings.has("pattern")) {
      return Error(error_types::kIllegalArgument, "pattern is missing for [" + settings.name() +
                                                      "] char filter of type 'pattern_replace'");
    }
    ASSIGN_OR_RETURN(Regex regex, Regex::compile(settings.text("pattern"), settings.text("flags")));
    return CharFilterPtr(
        std::make_shared<PatternReplaceCharFilter>(std::move(regex), settings.text("replacement")));
  }
  return Error(error_types::kIllegalArgument, "Unknown char_filter type [" + std::string(type) +
                                                  "] for [" + settings.name() + "]");
}

FilterPtr built_in_token_filter(std::string_view name) {
  static const json::Value none = json::Value::object();
  static constexpr std::array<std::string_view, 2> kOnlyConfigured = {"keyword_marker", "truncate"};
  for (const std::string_view each : kOnlyConfigured) {
    if (name == each) return nullptr;
  }
  auto filter = make_token_filter(name, PartSettings(name, none), {});
  if (!filter) return nullptr;
  std::const_pointer_cast<TokenFilter>(*filter)->set_name(std::string(name));
  return *filter;
}

CharFilterPtr built_in_char_filter(std::string_view name) {
  if (name != "html_strip") return nullptr;
  auto filter = std::make_shared<HtmlStripCharFilter>(std::vector<std::string>{});
  filter->set_name(std::string(name));
  return filter;
}

}  // namespace stratalog::index
