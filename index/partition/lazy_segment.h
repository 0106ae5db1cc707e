// A sealed segment that is opened when something is first read from it. What the catalog knows
// (rows, bytes, ranges) is answered without: hundreds of indices cost little until they are
// searched.
//
// Threads any.
// Errors  reading a segment that can't be opened throws SegmentFault.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "index/partition/partition_record.h"
#include "index/segment/sealed_segment.h"
#include "index/segment/segment_reader.h"
#include "storage/store.h"

namespace stratalog::index {

class LazySegment final : public SegmentReader {
 public:
  LazySegment(storage::Store& store, SegmentEntry entry)
      : store_(store), entry_(std::move(entry)) {}
  LazySegment(storage::Store& store, SegmentEntry entry, std::shared_ptr<const SealedSegment> open);

  const SegmentEntry& entry() const { return entry_; }
  Result<std::shared_ptr<const SealedSegment>> open() const;
  bool is_open() const { return opened_.load(std::memory_order_acquire) != nullptr; }
  uint64_t resident_bytes() const { return is_open() ? opened_.load()->resident_bytes() : 0; }

  uint32_t row_count() const override { return entry_.rows; }
  SeqNo min_seq_no() const override { return entry_.min_seq_no; }
  SeqNo max_seq_no() const override { return entry_.max_seq_no; }
  uint64_t bytes() const override { return entry_.bytes; }
  bool live() const override { return false; }
  const std::string& name() const override { return entry_.name; }
  std::string_view identity() const override {
    return {reinterpret_cast<const char*>(entry_.uid.bytes.data()), entry_.uid.bytes.size()};
  }
  std::optional<Bounds> known_bounds(std::string_view path, Kind kind) const override;

  const std::vector<FieldKey>& fields() const override { return get().fields(); }
  const NumericColumn* numeric(std::string_view path, Kind kind) const override {
    return get().numeric(path, kind);
  }
  const OrdinalColumn* ordinals(std::string_view path, Kind kind) const override {
    return get().ordinals(path, kind);
  }
  const TermsIndex* terms(std::string_view path, Kind kind) const override {
    return get().terms(path, kind);
  }
  void row_data(std::span<const RowId> rows, std::vector<RowData>& out) const override {
    get().row_data(rows, out);
  }
  std::vector<RowId> rows_of_explicit_id(std::string_view id) const override {
    return get().rows_of_explicit_id(id);
  }
  std::optional<RowId> find_seq_no(SeqNo seq_no) const override {
    return get().find_seq_no(seq_no);
  }
  void read_sources(std::span<const RowId> rows, Reuse reuse,
                    const VisitSource& visit) const override {
    get().read_sources(rows, reuse, visit);
  }

 private:
  const SealedSegment& get() const;

  storage::Store& store_;
  const SegmentEntry entry_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const SealedSegment> segment_;       // under mutex_; never replaced
  mutable std::atomic<const SealedSegment*> opened_{nullptr};  // segment_.get() once open
};

// What the catalog says of a segment that was just written.
SegmentEntry describe(const SealedSegment& segment);

}  // namespace stratalog::index
