#include "api/tasks.h"

#include <algorithm>
#include <charconv>

#include "base/clock.h"
#include "base/log.h"

namespace stratalog::api {

namespace {
constexpr std::string_view kRecord = "tasks/results";
// Numbers begin at the second of the start, so that those of an earlier life never come again.
constexpr int64_t kNumbersPerSecond = 1 << 20;
}  // namespace

Task::Task(int64_t task_number, std::string task_action, std::string task_description,
           bool may_be_cancelled)
    : number(task_number),
      action(std::move(task_action)),
      description(std::move(task_description)),
      cancellable(may_be_cancelled),
      start_ms(wall_clock_ms()),
      start_ns(steady_clock_ns()) {}

void Task::cancel(std::string reason) {
  const std::lock_guard lock(mutex_);
  if (cancelled_) return;
  reason_ = std::move(reason);
  cancelled_ = true;
  wake_.notify_all();
}

std::string Task::cancel_reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

bool Task::sleep_until(int64_t steady_ns) {
  std::unique_lock lock(mutex_);
  const uint64_t before = changes_;
  const int64_t left = steady_ns - steady_clock_ns();
  wake_.wait_for(lock, std::chrono::nanoseconds(std::max<int64_t>(left, 0)),
                 [&] { return cancelled_.load() || changes_ != before; });
  return !cancelled_;
}

void Task::set_requests_per_second(double rate) {
  const std::lock_guard lock(mutex_);
  rate_ = rate;
  ++changes_;
  wake_.notify_all();
}

void Task::set_status(std::string json) {
  const std::lock_guard lock(mutex_);
  status_ = std::move(json);
}
std::string Task::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

Tasks::Tasks(index::Engine& engine, std::string node_id)
    : engine_(engine),
      node_id_(std::move(node_id)),
      next_(wall_clock_ms() / 1000 * kNumbersPerSecond) {
  const auto record = engine.get_record(kRecord);
  if (!record || !*record) return;
  const auto tree = json::parse(**record, 256);
  if (!tree || !tree->is_array()) return;
  for (const json::Value& one : tree->as_array()) {
    const json::Value* number = one.find_path("task.id");
    if (number == nullptr || !number->is_int()) continue;
    results_.emplace_back(number->as_int(), json::to_string(one));
    results_bytes_ += results_.back().second.size();
    next_ = std::max(next_, number->as_int() + 1);
  }
}

Tasks::~Tasks() { stop(); }

TaskPtr Tasks::make_locked(std::string action, std::string description, bool cancellable) {
  auto task =
      std::make_shared<Task>(next_++, std::move(action), std::move(description), cancellable);
  running_.emplace(task->number, task);
  return task;
}

Tasks::Running Tasks::start(std::string action, std::string description, bool cancellable) {
  const std::lock_guard lock(mutex_);
  TaskPtr task = make_locked(std::move(action), std::move(description), cancellable);
  if (stopped_) task->cancel("the node is stopping");
  return {*this, std::move(task)};
}

Result<TaskPtr> Tasks::start_async(std::string action, std::string description, Work work,
                                   const std::function<void(Task&)>& prepare) {
  const std::lock_guard lock(mutex_);
  if (stopped_ || queue_.size() >= kAsyncQueuedMax) {
    return Error(error_types::kRejectedExecution,
                 stopped_ ? "the node is stopping" : "too many tasks wait to be run");
  }
  TaskPtr task = make_locked(std::move(action), std::move(description), true);
  if (prepare) prepare(*task);
  queue_.push_back({task, std::move(work)});
  if (idle_ < queue_.size() && threads_.size() < kAsyncRunningMax)
    threads_.emplace_back([this] { run_queue(); });
  changed_.notify_all();
  return task;
}

void Tasks::run_queue() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [&] { return stopped_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) return;
    Queued next = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    const std::string members = next.work(*next.task);
    keep_result(*next.task, members);
    finish(*next.task);
    next = {};
    lock.lock();
  }
}

void Tasks::finish(const Task& task) {
  const std::lock_guard lock(mutex_);
  running_.erase(task.number);
  changed_.notify_all();
}

// Durable before anyone is told that the task is over.
void Tasks::keep_result(const Task& task, const std::string& members) {
  std::string text;
  json::Writer out(text);
  out.begin_object().field("completed", true).key("task").begin_object();
  append(out, task, true);
  out.end_object();
  text += "," + members + "}";
  const std::lock_guard lock(mutex_);
  results_bytes_ += text.size();
  results_.emplace_back(task.number, std::move(text));
  while (results_.size() > kResultsMax ||
         (results_bytes_ > kResultsBytesMax && results_.size() > 1)) {
    results_bytes_ -= results_.front().second.size();
    results_.pop_front();
  }
  std::string record = "[";
  for (const auto& [number, one] : results_) {
    if (record.size() > 1) record += ',';
    record += one;
  }
  record += ']';
  if (const Status kept = engine_.put_record(kRecord, record); !kept)
    log::error("tasks", "a task's result can't be kept", {{"reason", kept.error().reason}});
}

std::vector<TaskPtr> Tasks::running() const {
  const std::lock_guard lock(mutex_);
  std::vector<TaskPtr> out;
  for (const auto& [number, task] : running_) out.push_back(task);
  return out;
}

TaskPtr Tasks::find(int64_t number) const {
  const std::lock_guard lock(mutex_);
  const auto it = running_.find(number);
  return it == running_.end() ? nullptr : it->second;
}

std::optional<std::string> Tasks::result(int64_t number) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [known, text] : results_) {
    if (known == number) return text;
  }
  return std::nullopt;
}

bool Tasks::wait(int64_t number, int64_t timeout_ms) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] {
    return stopped_ || !running_.contains(number);
  }) && !running_.contains(number);
}

void Tasks::stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (const auto& [number, task] : running_) task->cancel("the node is stopping");
    threads.swap(threads_);
    changed_.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
}

std::string Tasks::id_of(const Task& task) const {
  return node_id_ + ":" + std::to_string(task.number);
}

Result<int64_t> Tasks::parse_id(const std::string& id, std::string* node) const {
  Error malformed(error_types::kIllegalArgument, "malformed task id " + id);
  const size_t colon = id.find(':');
  if (colon == std::string::npos) return malformed;
  const std::string digits = id.substr(colon + 1);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return std::move(malformed).because(
        Error(error_types::kNumberFormat, "For input string: \"" + digits + "\""));
  }
  if (node != nullptr) *node = id.substr(0, colon);
  return number;
}

void Tasks::append(json::Writer& out, const Task& task, bool detailed) const {
  out.field("node", node_id_)
      .field("id", task.number)
      .field("type", "transport")
      .field("action", task.action);
  if (const std::string status = task.status(); detailed && !status.empty())
    out.key("status").raw(status);
  if (detailed) out.field("description", task.description);
  out.field("start_time_in_millis", task.start_ms)
      .field("running_time_in_nanos", steady_clock_ns() - task.start_ns)
      .field("cancellable", task.cancellable);
  if (task.cancellable) out.field("cancelled", task.cancelled());
  out.key("headers").begin_object().end_object();
}

}  // namespace stratalog::api
