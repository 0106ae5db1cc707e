#include "index/analysis/stop_filter.h"

#include <algorithm>

#include "index/analysis/chars.h"

namespace stratalog::index {

StopFilter::StopFilter(const WordSet& words, bool ignore_case, bool remove_trailing)
    : ignore_case_(ignore_case), remove_trailing_(remove_trailing) {
  for (const std::string& word : words) {
    std::string key = ignore_case ? to_lower(word) : word;
    word_bytes_max_ = std::max(word_bytes_max_, key.size());
    words_.insert(std::move(key));
  }
}

bool StopFilter::is_stop_word(std::string_view word) const {
  if (ignore_case_) return words_.contains(to_lower(word));
  return word.size() <= word_bytes_max_ && words_.contains(word);
}

void StopFilter::apply(TokenBuffer& tokens) const {
  std::vector<Token>& all = tokens.mutable_tokens();
  if (!remove_trailing_ &&
      !all.empty()) {  // the last word of a text that is being typed may become another
    const Token last = all.back();
    all.pop_back();
    std::erase_if(all, [&](const Token& token) { return is_stop_word(token.text); });
    all.push_back(last);
    return;
  }
  std::erase_if(all, [&](const Token& token) { return is_stop_word(token.text); });
}

WordSet english_stop_words() {
  return {"a",   "an",    "and",  "are",   "as",    "at",   "be",   "but", "by",  "for",  "if",
          "in",  "into",  "is",   "it",    "no",    "not",  "of",   "on",  "or",  "such", "that",
          "the", "their", "then", "there", "these", "they", "this", "to",  "was", "will", "with"};
}

bool add_named_stop_words(std::string_view name, WordSet& words) {
  if (name == "_none_") return true;
  if (name == "_english_") {
    words.merge(english_stop_words());
    return true;
  }
  return false;
}

}  // namespace stratalog::index
