// Quantiles of many numbers in little memory: T. Dunning, O. Ertl, "Computing Extremely Accurate
// Quantiles Using t-Digests" (2019). Centroids hold at most 4 n q (1 - q) / compression values, as
// in the AVL digest that Elasticsearch uses, and quantiles are interpolated between centroids as it
// does: below some hundred values the answers are the same to the digit.
//
// Threads one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stratalog::query {

class TDigest {
 public:
  explicit TDigest(double compression = 100) : compression_(compression) {}

  void add(double value);
  void merge(TDigest& other);
  uint64_t count() const { return count_; }
  double quantile(double q);  // 0 <= q <= 1; NaN without values
  double cdf(double value);   // the part of values below, as AVLTreeDigest.cdf has it

 private:
  struct Centroid {
    double mean;
    uint64_t weight;
  };
  void compress();

  double compression_;
  std::vector<Centroid> centroids_;  // sorted once compressed
  size_t fresh_ = 0;                 // at the end, not yet in order
  uint64_t count_ = 0;
  double min_ = 0;
  double max_ = 0;
};

}  // namespace stratalog::query
