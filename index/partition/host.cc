#include "index/partition/host.h"

#include "base/log.h"
#include "storage/fs.h"

namespace stratalog::index {

namespace {
constexpr size_t kScratchesMax = 16;
constexpr size_t kScratchArenaBytesMax = 4 << 20;  // a larger one was for an unusual request
}  // namespace

std::unique_ptr<WriteScratch> ScratchPool::take() {
  {
    const std::lock_guard guard(mutex_);
    if (!free_.empty()) {
      auto scratch = std::move(free_.back());
      free_.pop_back();
      return scratch;
    }
  }
  return std::make_unique<WriteScratch>();
}

void ScratchPool::give_back(std::unique_ptr<WriteScratch> scratch) {
  scratch->arena.clear();
  if (scratch->arena.bytes() > kScratchArenaBytesMax ||
      scratch->sources.capacity() > kScratchArenaBytesMax)
    return;
  const std::lock_guard guard(mutex_);
  if (free_.size() < kScratchesMax) free_.push_back(std::move(scratch));
}

bool Health::worsen(State state, const Error& error) {
  const std::lock_guard guard(mutex_);
  if (state <= state_.load(std::memory_order_relaxed)) return false;
  log::error("engine",
             state == State::kDiskFull ? "the disk is full, writes are refused"
                                       : "storage has failed, writes are refused",
             {{"reason", error.reason}});
  error_ = error;
  state_.store(state, std::memory_order_release);
  return true;
}

bool Health::fail(const Error& error) {
  return worsen(storage::is_disk_full(error) ? State::kDiskFull : State::kFailed, error);
}

bool Health::fail_for_good(const Error& error) { return worsen(State::kFailedForGood, error); }

void Health::recover() {
  const std::lock_guard guard(mutex_);
  if (state_.load(std::memory_order_relaxed) == State::kFailedForGood) return;
  error_.reset();
  state_.store(State::kOk, std::memory_order_release);
  log::info("engine", "storage works again, writes are accepted");
}

Status Health::status() const {
  const std::lock_guard guard(mutex_);
  const State now = state_.load(std::memory_order_relaxed);
  if (now == State::kOk) return {};
  if (now == State::kDiskFull) {
    return Error({"cluster_block_exception", 429},
                 "blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, "
                 "writes wait for free space];");
  }
  return Error(error_types::kEngineFailed,
               now == State::kFailed ? "storage has failed, writes are refused until it works again"
                                     : "storage has failed, writes are refused until a new start")
      .because(*error_);
}

Error Health::refusal() const {
  const Status now = status();
  if (!now) return now.error();
  return Error(error_types::kEngineFailed, "storage had failed, the write may be tried again");
}

}  // namespace stratalog::index
