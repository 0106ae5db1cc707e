// The engine and its disk (D6): a reserve that is freed when the disk is full, so that removals and
// system indices go on, and how the engine gets over what failed.
#include "base/clock.h"
#include "base/log.h"
#include "index/engine/engine_impl.h"

namespace stratalog::index {

namespace {

constexpr int64_t kIdleSealNs = 300'000'000'000;
constexpr int64_t kHousekeepingNs = 30'000'000'000;
constexpr int64_t kRepairNs = 2'000'000'000;  // between attempts

}  // namespace

// A process that a full disk ended must be able to start.
void EngineImpl::make_room_to_start() {
  const auto space = folder_->space();
  if (space && space->available_bytes < folder_->reserve().bytes()) release_reserve();
}

// Without the reserve the node starts with writes refused.
void EngineImpl::take_reserve() {
  const auto space = folder_->space();
  storage::DiskReserve& reserve = folder_->reserve();
  const uint64_t wanted = reserve.present() ? reserve.bytes() : 2 * reserve.bytes();
  if (space && space->available_bytes < wanted) {
    note_failure(storage::io_error("too little space is left for", folder_->path(), ENOSPC));
    return;
  }
  const std::lock_guard guard(reserve_mutex_);
  if (Status status = reserve.create(); !status)
    log::warn("engine", "no disk space is reserved", {{"reason", status.error().reason}});
}

void EngineImpl::release_reserve() {
  const std::lock_guard guard(reserve_mutex_);
  if (Status status = folder_->reserve().release(); !status)
    log::warn("engine", "the reserved disk space stays", {{"reason", status.error().reason}});
}

void EngineImpl::note_failure(const Error& error) {
  Status log_status = translog_ == nullptr ? Status() : translog_->status();
  const bool changed = log_status ? health_.fail(error) : health_.fail_for_good(log_status.error());
  if (changed && storage::is_disk_full(error)) release_reserve();
}

Status EngineImpl::room_for(uint64_t bytes) {
  const auto space = folder_->space();
  // What can't be asked is found out by writing.
  if (!space || space->available_bytes >= bytes) return {};
  return storage::io_error("too little space is left for a segment in", folder_->path(), ENOSPC);
}

// Writes end before the disk is full to the last byte: catalog and log need room to go on.
void EngineImpl::check_disk() {
  if (!health_.ok()) return;
  const auto space = folder_->space();
  if (space && space->available_bytes < folder_->reserve().bytes())
    note_failure(storage::io_error("too little space is left for", folder_->path(), ENOSPC));
}

// Brings the engine back to taking writes: the store is opened again, the log goes on, operations
// that were refused but are in memory become durable, and space is reserved anew.
Status EngineImpl::repair() {
  const std::lock_guard one_at_a_time(repair_mutex_);
  if (health_.ok() || health_.state() == Health::State::kFailedForGood) return health_.status();
  if (!store_->status()) RETURN_IF_ERROR(store_->reopen());
  ASSIGN_OR_RETURN(const storage::DiskSpace space, folder_->space());
  storage::DiskReserve& reserve = folder_->reserve();
  const uint64_t wanted = reserve.present() ? reserve.bytes() : 2 * reserve.bytes();
  if (space.available_bytes < wanted) return health_.status();
  RETURN_IF_ERROR(translog_->resume());
  for (const PartitionPtr& each : partitions()) {
    if (each->has_unlogged()) RETURN_IF_ERROR(each->seal());
  }
  {
    const std::lock_guard guard(reserve_mutex_);
    Status reserved = reserve.create();
    if (!reserved && storage::is_disk_full(reserved.error())) return reserved;
  }
  health_.recover();
  if (health_.ok()) {
    for (const PartitionPtr& each : partitions()) {
      if (each->seal_due()) request_seal(*each, SealScope::kFull);
    }
  }
  return health_.status();
}

Status EngineImpl::may_change() const {
  return health_.state() == Health::State::kDiskFull ? Status() : health_.status();
}

Status EngineImpl::may_remove() {
  if (health_.state() != Health::State::kDiskFull) return health_.status();
  // A removal may be what the repair waits for.
  return store_->status() ? Status() : store_->reopen();
}

int64_t EngineImpl::housekeeping() {
  const int64_t now_ns = steady_clock_ns();
  if (Status status = store_->status(); !status) note_failure(status.error());
  check_disk();
  if (!health_.ok()) {
    if (Status repaired = repair(); !repaired) {
      log::warn("engine", "writes are still refused", {{"reason", repaired.error().reason}});
      return kRepairNs;
    }
  }
  for (const PartitionPtr& each : partitions()) {
    request_merge(*each);  // what waited while it was busy
    const bool idle = now_ns - each->last_write_ns() > kIdleSealNs;
    if ((idle && each->has_unsealed()) || each->has_unlogged())
      request_seal(*each, SealScope::kAll);
  }
  bound_log();
  // Indices with index.translog.durability: async and no refresh.
  if (translog_->synced() < translog_->last()) {
    if (Status synced = translog_->sync(translog_->last()); !synced) note_failure(synced.error());
  }
  return health_.ok() ? kHousekeepingNs : kRepairNs;
}

}  // namespace stratalog::index
