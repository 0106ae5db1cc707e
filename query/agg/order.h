// The order of buckets: by key, by count, by a sub-aggregation's number, or several of these. Ties
// go by key ascending.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/agg/aggregation.h"

namespace stratalog::query {

struct SortableBucket {
  int64_t id;  // the caller's
  uint64_t count;
  const ChildResults* children;
};

class BucketOrder {
 public:
  static BucketOrder key(bool ascending) {
    return BucketOrder({{Part::Kind::kKey, "", ascending}});
  }
  static BucketOrder count(bool ascending) {
    return BucketOrder({{Part::Kind::kCount, "", ascending}});
  }
  // {"_count": "desc"} or a list of such.
  static Result<BucketOrder> parse(const Node& order);

  bool is_key_ascending() const {
    return parts_.size() == 1 && parts_[0].kind == Part::Kind::kKey && parts_[0].ascending;
  }
  bool is_count_descending() const {
    return parts_.size() == 1 && parts_[0].kind == Part::Kind::kCount && !parts_[0].ascending;
  }
  bool needs_children() const {
    for (const Part& part : parts_) {
      if (part.kind == Part::Kind::kPath) return true;
    }
    return false;
  }
  // Fails when a path leads to no number. `key_less` orders by key.
  Status sort(const AggSpec& spec, std::vector<SortableBucket>& buckets,
              const std::function<bool(int64_t, int64_t)>& key_less) const;

 private:
  struct Part {
    enum class Kind : uint8_t { kKey, kCount, kPath } kind;
    std::string path;
    bool ascending;
  };
  explicit BucketOrder(std::vector<Part> parts) : parts_(std::move(parts)) {}
  static Result<double> number(const AggSpec& spec, const SortableBucket& bucket,
                               std::string_view path);
  std::vector<Part> parts_;
};

}  // namespace stratalog::query
