#include "query/agg/tdigest.h"

#include <algorithm>
#include <cmath>

namespace stratalog::query {

namespace {
constexpr size_t kFreshMax = 2000;  // values gathered before they are put in order
}

void TDigest::add(double value) {
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  centroids_.push_back({value, 1});
  ++count_;
  if (++fresh_ >= kFreshMax) compress();
}

void TDigest::merge(TDigest& other) {
  if (other.count_ == 0) return;
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = count_ == 0 ? other.max_ : std::max(max_, other.max_);
  centroids_.insert(centroids_.end(), other.centroids_.begin(), other.centroids_.end());
  fresh_ += other.centroids_.size();
  count_ += other.count_;
  compress();
}

void TDigest::compress() {
  if (fresh_ == 0) return;
  fresh_ = 0;
  std::sort(centroids_.begin(), centroids_.end(),
            [](const Centroid& a, const Centroid& b) { return a.mean < b.mean; });
  const double total = static_cast<double>(count_);
  size_t out = 0;
  uint64_t before = 0;  // weight left of the centroid at `out`
  for (size_t i = 1; i < centroids_.size(); ++i) {
    Centroid& into = centroids_[out];
    const Centroid next = centroids_[i];
    const uint64_t joined = into.weight + next.weight;
    const double q = (static_cast<double>(before) + static_cast<double>(joined) / 2) / total;
    if (static_cast<double>(joined) <= 4 * total * q * (1 - q) / compression_) {
      into.mean +=
          (next.mean - into.mean) * static_cast<double>(next.weight) / static_cast<double>(joined);
      into.weight = joined;
    } else {
      before += into.weight;
      centroids_[++out] = next;
    }
  }
  if (!centroids_.empty()) centroids_.resize(out + 1);
}

double TDigest::quantile(double q) {
  compress();
  if (count_ == 0) return std::nan("");
  if (centroids_.size() == 1) return centroids_[0].mean;
  const double index = q * static_cast<double>(count_);
  double left_mean = min_, left_index = 0;  // the last known point left of the one looked for
  double so_far = 0;
  for (const Centroid& c : centroids_) {
    const double weight = static_cast<double>(c.weight);
    const double center = so_far + weight / 2;
    if (index <= center) {
      if (center == left_index) return c.mean;
      return left_mean + (c.mean - left_mean) * (index - left_index) / (center - left_index);
    }
    left_mean = c.mean;
    left_index = center;
    so_far += weight;
  }
  const double total = static_cast<double>(count_);
  if (total == left_index) return max_;
  return left_mean + (max_ - left_mean) * (index - left_index) / (total - left_index);
}

double TDigest::cdf(double value) {
  compress();
  if (count_ == 0) return std::nan("");
  if (value < min_) return 0;
  if (value > max_) return 1;
  if (min_ == max_) return 0.5;
  const double total = static_cast<double>(count_);
  double left_mean = min_, left_index = 0, so_far = 0;
  for (const Centroid& c : centroids_) {
    const double weight = static_cast<double>(c.weight);
    const double center = so_far + weight / 2;
    if (value <= c.mean) {
      if (c.mean == left_mean) return center / total;
      return (left_index + (center - left_index) * (value - left_mean) / (c.mean - left_mean)) /
             total;
    }
    left_mean = c.mean;
    left_index = center;
    so_far += weight;
  }
  if (max_ == left_mean) return 1;
  return (left_index + (total - left_index) * (value - left_mean) / (max_ - left_mean)) / total;
}

}  // namespace stratalog::query
