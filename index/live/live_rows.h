// The row columns of a live segment: sequence numbers, versions, terms, ids, routing, times.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "index/live/growing_array.h"
#include "index/live/live_numeric.h"
#include "index/live/live_ordinals.h"
#include "index/live/live_segment.h"

namespace stratalog::index {

class LiveRows {
 public:
  explicit LiveRows(Arena& arena) : arena_(arena), ids_(arena), routing_(arena) {}

  RowId add(const RowMeta& meta, int64_t timestamp_ms);

  uint32_t count() const { return static_cast<uint32_t>(versions_.size()); }
  SeqNo seq_no(RowId row) const { return seq_nos_.entries().value(row); }
  int64_t version(RowId row) const { return versions_[row]; }
  int64_t primary_term(RowId row) const { return primary_terms_[row]; }
  int64_t timestamp_ms(RowId row) const { return timestamps_[row]; }
  uint64_t auto_id_prefix(RowId row) const { return prefixes_[row]; }
  const LiveNumeric& seq_nos() const { return seq_nos_; }
  const LiveOrdinals& ids() const { return ids_; }
  const LiveOrdinals& routing() const { return routing_; }

  // As of a moment, for readers.
  struct Snapshot {
    EntrySnapshot<int64_t> seq_nos;
    EntrySnapshot<uint32_t> ids;
    uint32_t id_count;
    EntrySnapshot<uint32_t> routing;
  };
  Snapshot snapshot() const {
    return {seq_nos_.entries(), ids_.entries(), ids_.term_count(), routing_.entries()};
  }
  size_t bytes() const {
    return seq_nos_.bytes() + versions_.bytes() + primary_terms_.bytes() + timestamps_.bytes() +
           prefixes_.bytes() + ids_.bytes() + routing_.bytes();
  }

 private:
  Arena& arena_;
  LiveNumeric seq_nos_;
  GrowingArray<int64_t> versions_;
  GrowingArray<int64_t> primary_terms_;
  GrowingArray<int64_t> timestamps_;
  GrowingArray<uint64_t> prefixes_;
  LiveOrdinals ids_;
  LiveOrdinals routing_;
};

// The value of the row's only entry, if it has one.
template <typename T>
std::optional<T> only_value(const EntrySnapshot<T>& entries, RowId row) {
  const uint32_t at = entries.lower(row);
  if (at >= entries.count || entries.row(at) != row) return std::nullopt;
  return entries.value(at);
}

}  // namespace stratalog::index
