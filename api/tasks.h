// Tasks: what runs for long and can be watched and cancelled, and what finished ones left.
//
// Shape   ids are "<node id>:<number>"; numbers ascend over restarts too.
// Threads any. Tasks that nobody waits for run on threads of their own, kAsyncRunningMax at a time.
// Life    stop() before what tasks work on goes: it cancels all and waits for them.
// Errors  resource_not_found_exception, es_rejected_execution_exception past kAsyncQueuedMax.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/context.h"
#include "api/http.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/result.h"
#include "index/engine.h"

namespace stratalog::api {

inline constexpr size_t kAsyncRunningMax = 4;
inline constexpr size_t kAsyncQueuedMax = 64;
// Results of finished tasks that are kept, the newest, and their bytes in all.
inline constexpr size_t kResultsMax = 200;
inline constexpr size_t kResultsBytesMax = 1 << 20;

class Task {
 public:
  Task(int64_t number, std::string action, std::string description, bool cancellable);

  const int64_t number;
  const std::string action;
  const std::string description;
  const bool cancellable;
  const int64_t start_ms;
  const int64_t start_ns;

  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  void cancel(std::string reason);
  std::string cancel_reason() const;

  // Sleeps until then or until it is cancelled or changed; false when cancelled.
  bool sleep_until(int64_t steady_ns);
  // Documents a second; infinite when not positive. A change wakes a sleeper.
  double requests_per_second() const { return rate_.load(); }
  void set_requests_per_second(double rate);

  // What `status` shows: a finished JSON object, "" for none.
  void set_status(std::string json);
  std::string status() const;

 private:
  std::atomic<bool> cancelled_{false};
  std::atomic<double> rate_{-1};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  uint64_t changes_ = 0;
  std::string reason_;
  std::string status_;
};
using TaskPtr = std::shared_ptr<Task>;

class Tasks {
 public:
  // Reads the results that are kept. `node_id` and the engine must outlive it.
  Tasks(index::Engine& engine, std::string node_id);
  ~Tasks();
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;

  // A task that its caller runs, until the handle goes.
  class Running {
   public:
    Running(Tasks& tasks, TaskPtr task) : tasks_(&tasks), task_(std::move(task)) {}
    Running(Running&& other) noexcept : tasks_(other.tasks_), task_(std::move(other.task_)) {}
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
      if (task_ != nullptr) tasks_->finish(*task_);
    }
    Task& operator*() const { return *task_; }
    Task* operator->() const { return task_.get(); }

   private:
    Tasks* tasks_;
    TaskPtr task_;
  };
  Running start(std::string action, std::string description, bool cancellable);
  // Runs `work` later; its result, members of an object ("response" or "error"), is kept.
  using Work = std::function<std::string(Task&)>;
  Result<TaskPtr> start_async(std::string action, std::string description, Work work,
                              const std::function<void(Task&)>& prepare = {});

  std::vector<TaskPtr> running() const;  // by number
  TaskPtr find(int64_t number) const;    // running
  // {"completed":true,"task":{...},"response":{...}} of a finished one.
  std::optional<std::string> result(int64_t number) const;
  // Waits until it runs no more; false if the time is over first.
  bool wait(int64_t number, int64_t timeout_ms) const;
  void stop();

  const std::string& node_id() const { return node_id_; }
  std::string id_of(const Task& task) const;
  // The number of an id. Fails with illegal_argument_exception "malformed task id x".
  Result<int64_t> parse_id(const std::string& id, std::string* node = nullptr) const;
  // The members of a task's object.
  void append(json::Writer& out, const Task& task, bool detailed) const;

 private:
  struct Queued {
    TaskPtr task;
    Work work;
  };
  void finish(const Task& task);
  void keep_result(const Task& task, const std::string& members);
  void run_queue();
  TaskPtr make_locked(std::string action, std::string description, bool cancellable);

  index::Engine& engine_;
  const std::string node_id_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  int64_t next_ = 1;
  std::map<int64_t, TaskPtr> running_;
  std::deque<Queued> queue_;
  std::vector<std::thread> threads_;
  size_t idle_ = 0;
  bool stopped_ = false;
  std::deque<std::pair<int64_t, std::string>> results_;  // oldest first
  size_t results_bytes_ = 0;
};

// Changes the rate of a running task of the action; answers as a list of tasks.
Result<Response> rethrottle_task(const std::string& id, const std::string& action, double rate,
                                 Context& context);

}  // namespace stratalog::api
