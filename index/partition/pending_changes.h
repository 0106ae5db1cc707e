// What was written since the last refresh, by virtual shard: a refresh that a write asks for shows
// the shards that it wrote to and no others, as in Elasticsearch. Kept only for indices of several
// shards without a refresh interval; with one, all is shown soon anyway, and earlier is allowed.
//
// Threads the partition's lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "index/types.h"
#include "index/view.h"

namespace stratalog::index {

class PendingChanges {
 public:
  // One operation: the row that it added and the one that it deleted or replaced.
  void add(uint32_t shard, std::optional<SeqNo> added, std::optional<SeqNo> removed);
  // All is shown.
  void clear();
  bool empty() const { return changes_.empty(); }
  // False: too many to know them all, everything is to be shown.
  bool complete() const { return complete_; }

  // Makes `view`, which shows everything, as if operations on shards other than `shards` had not
  // been; those on `shards` are forgotten. complete() only. Errors: SegmentFault.
  void hold_back(const std::set<uint32_t>& shards, View& view);

 private:
  struct Change {
    uint32_t shard;
    std::optional<SeqNo> added;
    std::optional<SeqNo> removed;
  };
  std::vector<Change> changes_;
  bool complete_ = true;
};

}  // namespace stratalog::index
