#include "index/engine/background.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/clock.h"
#include "base/log.h"
#include "base/units.h"

namespace stratalog::index {

namespace {

constexpr int kMergeNiceness = 10;

void log_failure(const char* work, const Partition& partition, const Error& error) {
  log::warn("engine", std::string(work) + " failed",
            {{"index", partition.metadata()->name}, {"reason", error.reason}});
}

}  // namespace

int64_t refresh_interval_ns(const IndexMetadata& index) {
  const auto value =
      parse_time_value(index.setting("refresh_interval", "1s"), "index.refresh_interval");
  return value ? value->nanos() : 1'000'000'000;
}

void Background::Queue::push(Ptr partition, SealScope scope) {
  const std::lock_guard guard(mutex_);
  if (stopped_) return;
  for (auto& [waiting, wanted] : waiting_) {
    if (waiting != partition) continue;
    wanted = std::max(wanted, scope);
    return;
  }
  waiting_.emplace_back(std::move(partition), scope);
  wake_.notify_one();
}

std::pair<Background::Ptr, SealScope> Background::Queue::pop() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return stopped_ || !waiting_.empty(); });
  if (stopped_) return {};
  const auto first = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  return first;
}

void Background::Queue::stop() {
  const std::lock_guard guard(mutex_);
  stopped_ = true;
  waiting_.clear();
  wake_.notify_all();
}

Background::Background(Hooks hooks) : hooks_(std::move(hooks)) {}

void Background::start() {
  refresher_ = std::thread([this] { run_refreshes(); });
  sealer_ = std::thread([this] { run_seals(); });
  merger_ = std::thread([this] { run_merges(); });
}

Background::~Background() { stop(); }

void Background::stop() {
  {
    const std::lock_guard guard(mutex_);
    stopped_ = true;
    wake_.notify_all();
  }
  seals_.stop();
  merges_.stop();
  for (std::thread* thread : {&refresher_, &sealer_, &merger_}) {
    if (thread->joinable()) thread->join();
  }
  due_.clear();
}

void Background::note_unrefreshed(Partition& partition) {
  {
    const std::lock_guard guard(mutex_);
    if (stopped_ || scheduled_.contains(&partition)) return;
  }
  const int64_t interval_ns = refresh_interval_ns(*partition.metadata());
  if (interval_ns < 0) return;
  const std::lock_guard guard(mutex_);
  if (stopped_ || !scheduled_.insert(&partition).second) return;
  const auto at = due_.emplace(steady_clock_ns() + interval_ns, partition.shared_from_this());
  if (at == due_.begin()) wake_.notify_one();
}

void Background::request_seal(Partition& partition, SealScope scope) {
  seals_.push(partition.shared_from_this(), scope);
}
void Background::request_merge(Partition& partition) { merges_.push(partition.shared_from_this()); }

void Background::forget(const Partition& partition) {
  const std::lock_guard guard(mutex_);
  scheduled_.erase(&partition);
  std::erase_if(due_, [&](const auto& entry) { return entry.second.get() == &partition; });
}

void Background::run_refreshes() {
  int64_t housekeeping_ns = steady_clock_ns() + hooks_.housekeeping();
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    const int64_t now_ns = steady_clock_ns();
    if (now_ns >= housekeeping_ns) {
      lock.unlock();
      const int64_t pause_ns = hooks_.housekeeping();
      lock.lock();
      housekeeping_ns = steady_clock_ns() + pause_ns;
      continue;
    }
    if (!due_.empty() && due_.begin()->first <= now_ns) {
      const Ptr partition = std::move(due_.begin()->second);
      due_.erase(due_.begin());
      scheduled_.erase(partition.get());
      lock.unlock();
      if (Status status = partition->refresh(); !status)
        log_failure("refresh", *partition, status.error());
      lock.lock();
      continue;
    }
    const int64_t until_ns =
        due_.empty() ? housekeeping_ns : std::min(housekeeping_ns, due_.begin()->first);
    wake_.wait_for(lock, std::chrono::nanoseconds(until_ns - now_ns));
  }
}

void Background::run_seals() {
  while (true) {
    const auto [partition, scope] = seals_.pop();
    if (partition == nullptr) return;
    if (Status status = partition->seal(scope); !status)
      log_failure("sealing", *partition, status.error());
    hooks_.progress();
  }
}

void Background::run_merges() {
  // Requests go first; of one thread alone on Linux.
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kMergeNiceness);
  while (const Ptr partition = merges_.pop().first) {
    const auto merged = partition->merge_once();
    if (!merged) {
      log_failure("merging", *partition, merged.error());
    } else if (*merged) {
      merges_.push(partition);  // behind the others: there may be more to do
    }
    hooks_.progress();
  }
}

}  // namespace stratalog::index
