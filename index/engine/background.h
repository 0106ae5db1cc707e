// The engine's own work beside requests: refreshing views when their interval is over, sealing what
// is full, old or pins the log, merging. Three threads, however many partitions there are; an idle
// node wakes up twice a minute.
//
// Threads note_* and request_*: any; they return at once. stop() waits for what is under way.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "index/partition/partition.h"

namespace stratalog::index {

class Background {
 public:
  struct Hooks {
    // Called now and then by the refresh thread; gives the time until the next call, ns.
    std::function<int64_t()> housekeeping;
    std::function<void()> progress;  // after each seal and merge
  };
  explicit Background(Hooks hooks);
  ~Background();
  void start();

  void note_unrefreshed(Partition& partition);
  void request_seal(Partition& partition, SealScope scope);
  void request_merge(Partition& partition);
  void forget(const Partition& partition);
  void stop();

 private:
  using Ptr = std::shared_ptr<Partition>;
  // Partitions that wait for one kind of work, each at most once, for the widest scope asked for.
  class Queue {
   public:
    void push(Ptr partition, SealScope scope = SealScope::kFull);
    std::pair<Ptr, SealScope> pop();  // waits; nullptr: stopped
    void stop();

   private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::pair<Ptr, SealScope>> waiting_;
    bool stopped_ = false;
  };

  void run_refreshes();
  void run_seals();
  void run_merges();

  Hooks hooks_;
  std::mutex mutex_;  // due_, stopped_
  std::condition_variable wake_;
  std::multimap<int64_t, Ptr> due_;  // by steady time, ns
  std::set<const Partition*> scheduled_;
  bool stopped_ = false;
  Queue seals_, merges_;
  std::thread refresher_, sealer_, merger_;
};

// index.refresh_interval; negative: never by itself.
int64_t refresh_interval_ns(const IndexMetadata& index);

}  // namespace stratalog::index
