#include "index/partition/host.h"

#include "base/log.h"

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

void Health::fail(const Error& error) {
  const std::lock_guard guard(mutex_);
  if (!error_)
    log::error("engine", "storage has failed, writes are refused", {{"reason", error.reason}});
  error_ = error;
  failed_.store(true, std::memory_order_release);
}

void Health::recover() {
  const std::lock_guard guard(mutex_);
  error_.reset();
  failed_.store(false, std::memory_order_release);
  log::info("engine", "storage works again, writes are accepted");
}

Status Health::status() const {
  if (ok()) return {};
  const std::lock_guard guard(mutex_);
  Error error(error_types::kEngineFailed,
              "storage has failed, writes are refused until it works again");
  if (error_) return std::move(error).because(*error_);
  return error;
}

}  // namespace stratalog::index
