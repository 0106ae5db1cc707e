// Which segments the store has, how many handles each has, and which are to go when the last
// handle dies.
//
// Threads any thread; its lock is never held over a call to others.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/store.h"

namespace stratalog::storage {

// What a handle knows of its segment.
struct SegmentFacts {
  SegmentUid uid;
  uint64_t file_bytes = 0;
  uint32_t block_count = 0;
};

class SegmentRegistry {
 public:
  void add(const SegmentFacts& facts);

  // Counts a handle more. None if the segment is not there or was dropped.
  std::optional<SegmentFacts> acquire(const SegmentUid& uid);
  // Counts a handle less. True: it was the last one of a dropped segment, whose file is to go now.
  bool give_back(const SegmentUid& uid);
  // No handle is given any more. True: there is none, the file is to go now.
  bool drop(const SegmentUid& uid);
  // The file of a dropped segment has gone.
  void erase(const SegmentUid& uid);

  // Takes over what the database has after it was opened. Handles and drops are kept; a segment
  // that is no longer there counts as dropped.
  void replace(const std::vector<SegmentFacts>& present);

  std::vector<SegmentUid> list() const;       // without the dropped ones
  std::vector<SegmentUid> to_remove() const;  // dropped, without handles
  struct Totals {
    uint64_t files = 0;
    uint64_t bytes = 0;
  };
  Totals totals() const;  // with the dropped ones whose file is still there

 private:
  struct Segment {
    SegmentFacts facts;
    uint32_t handles = 0;
    bool dropped = false;
    bool may_go() const { return dropped && handles == 0; }
  };

  mutable std::mutex mutex_;
  std::map<SegmentUid, Segment> segments_;
};

}  // namespace stratalog::storage
