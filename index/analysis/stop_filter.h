// Removes words of a list; positions keep the holes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "index/analysis/chain.h"

namespace stratalog::index {

struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using WordSet = std::unordered_set<std::string, StringHash, std::equal_to<>>;

class StopFilter : public TokenFilter {
 public:
  StopFilter(const WordSet& words, bool ignore_case, bool remove_trailing = true);
  void apply(TokenBuffer& tokens) const override;

 private:
  bool is_stop_word(std::string_view word) const;

  WordSet words_;
  size_t word_bytes_max_ = 0;
  bool ignore_case_;
  bool remove_trailing_;
};

// The words of a set by Elasticsearch's name: "_english_", "_none_", ...; false if there is none of
// the name.
bool add_named_stop_words(std::string_view name, WordSet& words);
WordSet english_stop_words();  // Lucene's 33

}  // namespace stratalog::index
