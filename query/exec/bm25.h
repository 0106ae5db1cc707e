// BM25 as Elasticsearch 7.17 scores (its LegacyBM25Similarity over Lucene 8.11's BM25Similarity),
// equal to the last bit: k1 1.2, b 0.75, float arithmetic in Lucene's order, field lengths as bytes
// (SmallFloat.byte4ToInt).
//
// Shape   statistics are those of the whole index: live and sealed rows, deleted ones until merged
// (D22).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "query/exec/context.h"

namespace stratalog::query {

struct FieldStats {
  uint64_t doc_count = 0;  // rows with the field
  uint64_t sum_total_term_freq =
      0;  // the sum of lengths; of fields without frequencies the sum of doc_freqs
};
// Of the index, or of all of the request, where the path may be of another kind. (For scores only.)
FieldStats field_stats(const IndexContext& index, std::string_view path, index::Kind kind);
// Rows with a term, likewise.
uint64_t doc_frequency(const IndexContext& index, std::string_view path, index::Kind kind,
                       std::string_view term);
// The segments that these count.
std::vector<const index::SegmentReader*> scored_segments(const IndexContext& index);

// The inverse document frequency of one term.
float bm25_idf(uint64_t doc_freq, uint64_t doc_count);

class Bm25Scorer {
 public:
  // `idf` is the term's, or a phrase's sum. `boost` is the query's, all levels multiplied.
  Bm25Scorer(float idf, float boost, const FieldStats& stats);
  float score(float freq, uint8_t norm) const {
    return weight_ - weight_ / (1.0F + freq * cache_[norm]);
  }
  // No row scores more.
  float max_score() const { return weight_; }

 private:
  float weight_;
  std::array<float, 256>
      cache_;  // by byte-coded length: 1 / (k1 * ((1 - b) + b * length / average))
};

// Lucene's SmallFloat.byte4ToInt.
uint32_t field_length_of(uint8_t norm);

}  // namespace stratalog::query
