#include "index/analysis/chain.h"

#include <algorithm>

namespace stratalog::index {

namespace {

// The text behind all char filters, and the maps back, the last filter's first.
struct FilteredText {
  std::string text;
  std::vector<OffsetMap> maps;
};

FilteredText filter_chars(const CharFilters& filters, std::string_view text) {
  FilteredText filtered{std::string(text), {}};
  for (const auto& filter : filters) {
    std::string out;
    OffsetMap map;
    filter->apply(filtered.text, out, map);
    filtered.text = std::move(out);
    filtered.maps.insert(filtered.maps.begin(), std::move(map));
  }
  return filtered;
}

uint32_t original_offset(const std::vector<OffsetMap>& maps, uint32_t offset) {
  for (const OffsetMap& map : maps) offset = map.original(offset);
  return offset;
}

// `text` as one token through those filters that keep it one.
void normalize_token(const CharFilters& char_filters, const TokenFilters& filters,
                     std::string_view text, std::string& out) {
  std::string filtered(text);
  for (const auto& filter : char_filters) {
    if (!filter->in_normalizers()) continue;
    OffsetMap map;
    filter->apply(filtered, out, map);
    filtered.swap(out);
  }
  TokenBuffer buffer;
  buffer.push({.text = filtered, .end = static_cast<uint32_t>(filtered.size())});
  for (const auto& filter : filters) {
    if (filter->normalizes()) filter->apply(buffer);
  }
  out = buffer.tokens().empty() ? std::string() : std::string(buffer.tokens().front().text);
}

}  // namespace

uint32_t OffsetMap::original(uint32_t filtered) const {
  const auto after =
      std::upper_bound(points_.begin(), points_.end(), filtered,
                       [](uint32_t at, const Point& point) { return at < point.filtered; });
  return after == points_.begin() ? filtered
                                  : static_cast<uint32_t>(filtered + std::prev(after)->shift);
}

ChainAnalyzer::ChainAnalyzer(CharFilters char_filters, std::shared_ptr<const Tokenizer> tokenizer,
                             TokenFilters filters)
    : char_filters_(std::move(char_filters)),
      tokenizer_(std::move(tokenizer)),
      filters_(std::move(filters)) {}

void ChainAnalyzer::analyze(std::string_view text, TokenBuffer& out) const {
  out.clear();
  if (char_filters_.empty()) {
    tokenizer_->tokenize(text, out);
  } else {
    const FilteredText filtered = filter_chars(char_filters_, text);
    tokenizer_->tokenize(out.copy(filtered.text), out);
    for (Token& token : out.mutable_tokens()) {
      token.start = original_offset(filtered.maps, token.start);
      token.end = original_offset(filtered.maps, token.end);
    }
  }
  for (const auto& filter : filters_) filter->apply(out);
}

std::string ChainAnalyzer::normalize(std::string_view text) const {
  std::string out;
  normalize_token(char_filters_, filters_, text, out);
  return out;
}

void ChainNormalizer::normalize(std::string_view text, std::string& out) const {
  normalize_token(char_filters_, filters_, text, out);
}

}  // namespace stratalog::index
