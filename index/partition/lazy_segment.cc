#include "index/partition/lazy_segment.h"

#include <algorithm>
#include <limits>

#include "base/thread_memory.h"
#include "index/fault.h"

namespace stratalog::index {

namespace {
constexpr std::string_view kTimePath = "@timestamp";
}

LazySegment::LazySegment(storage::Store& store, SegmentEntry entry,
                         std::shared_ptr<const SealedSegment> open)
    : store_(store), entry_(std::move(entry)), segment_(std::move(open)), opened_(segment_.get()) {}

Result<std::shared_ptr<const SealedSegment>> LazySegment::open() const {
  const std::lock_guard guard(mutex_);
  if (segment_ == nullptr) {
    const CacheFill fill;  // it stays open when the search that wants it has ended
    ASSIGN_OR_RETURN(auto handle, store_.open_segment(entry_.uid));
    ASSIGN_OR_RETURN(segment_, SealedSegment::open(std::move(handle)));
    opened_.store(segment_.get(), std::memory_order_release);
  }
  return segment_;
}

const SealedSegment& LazySegment::get() const {
  if (const SealedSegment* segment = opened_.load(std::memory_order_acquire)) return *segment;
  auto segment = open();
  if (!segment) throw SegmentFault(segment.error());
  return **segment;
}

std::optional<SegmentReader::Bounds> LazySegment::known_bounds(std::string_view path,
                                                               Kind kind) const {
  if (path != kTimePath || kind != Kind::kI64) return std::nullopt;
  return Bounds{entry_.min_time_ms, entry_.max_time_ms};
}

SegmentEntry describe(const SealedSegment& segment) {
  SegmentEntry entry;
  entry.uid = segment.uid();
  entry.name = segment.name();
  entry.rows = segment.row_count();
  entry.bytes = segment.bytes();
  entry.min_seq_no = segment.min_seq_no();
  entry.max_seq_no = segment.max_seq_no();
  entry.min_time_ms = std::numeric_limits<int64_t>::max();
  entry.max_time_ms = std::numeric_limits<int64_t>::min();
  for (const FieldKey& field : segment.fields()) {
    if (field.path != kTimePath) continue;
    const NumericColumn* times =
        field.kind == Kind::kI64 ? segment.numeric(kTimePath, Kind::kI64) : nullptr;
    if (times == nullptr) {
      // Values of another kind: nothing can be said.
      entry.min_time_ms = std::numeric_limits<int64_t>::min();
      entry.max_time_ms = std::numeric_limits<int64_t>::max();
      break;
    }
    if (times->value_count() > 0) {
      entry.min_time_ms = std::min(entry.min_time_ms, times->min());
      entry.max_time_ms = std::max(entry.max_time_ms, times->max());
    }
  }
  return entry;
}

}  // namespace stratalog::index
