// A fixed number of threads and a bounded queue.
//
// Threads any may post. Jobs must not throw.
// Errors  post() gives false when the queue is full or the pool is stopped: the job is not run.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace stratalog::server {

struct ThreadPoolOptions {
  std::string name;  // of its threads, up to 12 characters
  uint32_t threads = 1;
  uint32_t queue_max = 1000;
};

class ThreadPool {
 public:
  explicit ThreadPool(const ThreadPoolOptions& options);
  ~ThreadPool();  // stop()
  bool post(std::function<void()> job);
  // Runs what is queued, then joins.
  void stop();

 private:
  void run();

  const uint32_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace stratalog::server
