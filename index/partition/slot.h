// A partition's segments as its lock guards them: one live segment at most that takes rows, frozen
// ones that wait for being sealed, and sealed ones.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/live/live_segment.h"
#include "index/partition/deleted_rows.h"
#include "index/partition/lazy_segment.h"
#include "index/partition/partition_record.h"

namespace stratalog::index {

struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <typename T>
using StringMap = std::unordered_map<std::string, T, StringHash, std::equal_to<>>;

// A document's row and what version checks ask.
struct DocMeta {
  RowId row = 0;
  SeqNo seq_no = 0;
  int64_t primary_term = 0;
  int64_t version = 0;
};

// A live or frozen segment. Its deletes are in the translog; those that come after the snapshot for
// its seal are listed.
struct LiveSlot {
  std::shared_ptr<LiveSegment> segment;
  uint64_t lineage = 0;    // of the mapping that its rows were parsed under
  StringMap<DocMeta> ids;  // by key: documents with explicit ids that are not deleted
  std::unordered_map<RowId, std::string> routing;
  DeletedRows deleted;
  // Rows with consecutive sequence numbers of one term and prefix: which row has an automatic id.
  struct Run {
    RowId row;
    SeqNo seq_no;
    int64_t primary_term;
    uint64_t auto_id_prefix;
  };
  std::vector<Run> runs;
  int64_t counted_bytes = 0;  // as added to Host::live_bytes

  // Set when it is frozen.
  SeqNo frozen_seq_no = -1;  // every operation up to it is in here or in older segments
  storage::Lsn frozen_lsn = 0;
  bool sealing = false;
  std::vector<Delete> deletes_since_seal_began;
  std::shared_ptr<const SegmentReader> reader;  // of the frozen segment

  std::optional<DocMeta> find_auto(uint64_t prefix, SeqNo seq_no) const;
  void note_row(RowId row, SeqNo seq_no, int64_t primary_term, uint64_t prefix);
};

struct SealedSlot {
  std::shared_ptr<const LazySegment> segment;
  std::vector<Delete> deletes;  // of its rows, since it was made
  size_t resolved_deletes = 0;  // so many of them are in `deleted`
  size_t durable_deletes = 0;   // so many of them are in the catalog
  DeletedRows deleted;
  bool merging = false;

  uint32_t live_rows() const {
    return segment->row_count() -
           static_cast<uint32_t>(std::min<size_t>(deletes.size(), segment->row_count()));
  }
  // Finds the rows of deletes that are not in `deleted` yet. Reads the segment: may throw
  // SegmentFault.
  void resolve();
};

}  // namespace stratalog::index
