#include <libstemmer.h>

#include <map>
#include <memory>

#include "index/analysis/token_filters.h"

namespace stratalog::index {

namespace {

struct StemmerDeleter {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};
using StemmerHandle = std::unique_ptr<sb_stemmer, StemmerDeleter>;

// A stemmer keeps its word inside: one for each thread. Null if libstemmer has none of the name.
sb_stemmer* thread_stemmer(const std::string& algorithm) {
  thread_local std::map<std::string, StemmerHandle> stemmers;
  StemmerHandle& handle = stemmers[algorithm];
  if (!handle) handle.reset(sb_stemmer_new(algorithm.c_str(), nullptr));
  return handle.get();
}

}  // namespace

std::shared_ptr<StemmerFilter> StemmerFilter::make(const std::string& algorithm) {
  if (!StemmerHandle(sb_stemmer_new(algorithm.c_str(), nullptr))) return nullptr;
  return std::shared_ptr<StemmerFilter>(new StemmerFilter(algorithm));
}

void StemmerFilter::apply(TokenBuffer& tokens) const {
  sb_stemmer* const stemmer = thread_stemmer(algorithm_);
  for (Token& token : tokens.mutable_tokens()) {
    if (token.keyword) continue;
    const auto* word = reinterpret_cast<const sb_symbol*>(token.text.data());
    const sb_symbol* stem = sb_stemmer_stem(stemmer, word, static_cast<int>(token.text.size()));
    if (stem == nullptr) continue;  // out of memory: the word stays
    const std::string_view text(reinterpret_cast<const char*>(stem),
                                static_cast<size_t>(sb_stemmer_length(stemmer)));
    if (text != token.text) token.text = tokens.copy(text);
  }
}

}  // namespace stratalog::index
