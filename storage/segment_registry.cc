#include "storage/segment_registry.h"

#include "base/ensure.h"

namespace stratalog::storage {

void SegmentRegistry::add(const SegmentFacts& facts) {
  const std::lock_guard lock(mutex_);
  segments_.emplace(facts.uid, Segment{facts, 0, false});
}

std::optional<SegmentFacts> SegmentRegistry::acquire(const SegmentUid& uid) {
  const std::lock_guard lock(mutex_);
  const auto found = segments_.find(uid);
  if (found == segments_.end() || found->second.dropped) return std::nullopt;
  ++found->second.handles;
  return found->second.facts;
}

bool SegmentRegistry::give_back(const SegmentUid& uid) {
  const std::lock_guard lock(mutex_);
  const auto found = segments_.find(uid);
  ENSURE(found != segments_.end());
  ENSURE(found->second.handles > 0);
  --found->second.handles;
  return found->second.may_go();
}

bool SegmentRegistry::drop(const SegmentUid& uid) {
  const std::lock_guard lock(mutex_);
  const auto found = segments_.find(uid);
  if (found == segments_.end()) return false;
  found->second.dropped = true;
  return found->second.may_go();
}

void SegmentRegistry::erase(const SegmentUid& uid) {
  const std::lock_guard lock(mutex_);
  segments_.erase(uid);
}

void SegmentRegistry::replace(const std::vector<SegmentFacts>& present) {
  const std::lock_guard lock(mutex_);
  std::map<SegmentUid, Segment> segments;
  for (const SegmentFacts& facts : present) segments.emplace(facts.uid, Segment{facts, 0, false});
  for (const auto& [uid, known] : segments_) {
    const auto [segment, missing] = segments.emplace(uid, known);
    segment->second.handles = known.handles;
    segment->second.dropped = known.dropped || missing;
  }
  segments_ = std::move(segments);
}

std::vector<SegmentUid> SegmentRegistry::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<SegmentUid> uids;
  for (const auto& [uid, segment] : segments_) {
    if (!segment.dropped) uids.push_back(uid);
  }
  return uids;
}

std::vector<SegmentUid> SegmentRegistry::to_remove() const {
  const std::lock_guard lock(mutex_);
  std::vector<SegmentUid> uids;
  for (const auto& [uid, segment] : segments_) {
    if (segment.may_go()) uids.push_back(uid);
  }
  return uids;
}

SegmentRegistry::Totals SegmentRegistry::totals() const {
  const std::lock_guard lock(mutex_);
  Totals totals;
  for (const auto& [uid, segment] : segments_) {
    ++totals.files;
    totals.bytes += segment.facts.file_bytes;
  }
  return totals;
}

}  // namespace stratalog::storage
