#include "query/exec/bm25.h"

#include <bit>
#include <cmath>
#include <span>

namespace stratalog::query {
namespace {

constexpr float kK1 = 1.2F;
constexpr float kB = 0.75F;

// Lucene's SmallFloat: a mantissa of 3 bits behind the highest one, a shift above it.
constexpr uint64_t long_of_int4(uint32_t i) {
  const uint64_t bits = i & 7;
  const int shift = static_cast<int>(i >> 3) - 1;
  if (shift == -1) return bits;
  return (bits | 8) << shift;
}
constexpr int int4_of_long(uint64_t i) {
  const int bits = 64 - std::countl_zero(i);
  if (bits < 4) return static_cast<int>(i);
  const int shift = bits - 4;
  int encoded = static_cast<int>(i >> shift);
  encoded &= 7;
  return encoded | ((shift + 1) << 3);
}
constexpr int kFreeValues = 255 - int4_of_long(INT32_MAX);

}  // namespace

uint32_t field_length_of(uint8_t norm) {
  if (norm < kFreeValues) return norm;
  return static_cast<uint32_t>(kFreeValues +
                               long_of_int4(norm - static_cast<uint32_t>(kFreeValues)));
}

std::vector<const index::SegmentReader*> scored_segments(const IndexContext& index) {
  std::vector<const index::SegmentReader*> out;
  const auto add = [&](const index::View& view) {
    for (const index::SegmentView& segment : view.segments) out.push_back(segment.segment.get());
  };
  if (index.request.statistics.empty()) add(index.view);
  for (const index::View* view : index.request.statistics) add(*view);
  return out;
}

namespace {

template <typename Visit>
void each_terms_index(const IndexContext& index, std::string_view path, index::Kind kind,
                      Visit&& visit) {
  constexpr index::Kind kTextual[] = {index::Kind::kTerms, index::Kind::kOrdinals};
  const bool all = !index.request.statistics.empty();
  const auto kinds = all ? std::span<const index::Kind>(kTextual) : std::span(&kind, 1);
  for (const index::SegmentReader* segment : scored_segments(index)) {
    for (const index::Kind one : kinds) {
      if (const index::TermsIndex* terms = segment->terms(path, one)) visit(*terms, one);
    }
  }
}

}  // namespace

FieldStats field_stats(const IndexContext& index, std::string_view path, index::Kind kind) {
  FieldStats stats;
  each_terms_index(index, path, kind, [&](const index::TermsIndex& terms, index::Kind of) {
    stats.doc_count += terms.doc_count();
    stats.sum_total_term_freq +=
        of == index::Kind::kTerms ? terms.sum_total_term_freq() : terms.sum_doc_freq();
  });
  return stats;
}

uint64_t doc_frequency(const IndexContext& index, std::string_view path, index::Kind kind,
                       std::string_view term) {
  uint64_t count = 0;
  each_terms_index(index, path, kind, [&](const index::TermsIndex& terms, index::Kind) {
    if (const auto info = terms.find(term)) count += info->doc_freq;
  });
  return count;
}

float bm25_idf(uint64_t doc_freq, uint64_t doc_count) {
  return static_cast<float>(
      std::log(1 + (static_cast<double>(doc_count) - static_cast<double>(doc_freq) + 0.5) /
                       (static_cast<double>(doc_freq) + 0.5)));
}

Bm25Scorer::Bm25Scorer(float idf, float boost, const FieldStats& stats) {
  const float average =
      static_cast<float>(static_cast<double>(stats.sum_total_term_freq) /
                         static_cast<double>(stats.doc_count == 0 ? 1 : stats.doc_count));
  weight_ = boost * (1.0F + kK1) * idf;
  for (uint32_t norm = 0; norm < cache_.size(); ++norm) {
    const float length = static_cast<float>(field_length_of(static_cast<uint8_t>(norm)));
    cache_[norm] = 1.0F / (kK1 * ((1.0F - kB) + kB * length / average));
  }
}

}  // namespace stratalog::query
