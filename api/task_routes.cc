// _tasks and _cat/tasks' source of truth: list, get, cancel.
#include <algorithm>

#include "api/common.h"
#include "api/families.h"
#include "api/source_params.h"
#include "api/tasks.h"
#include "base/clock.h"
#include "base/units.h"
#include "index/catalog/wildcard.h"

namespace stratalog::api {

namespace {

constexpr int64_t kWaitDefaultMs = 30'000;
constexpr int64_t kWaitMaxMs = 300'000;  // a request holds a thread while it waits
constexpr const char* kNotFound = "isn't running and hasn't stored its results";

Result<Tasks*> tasks_of(const Context& context) {
  if (context.tasks != nullptr) return context.tasks;
  return Error(error_types::kIllegalState, "no tasks can be run here");
}

Result<int64_t> read_timeout(const Request& request) {
  const std::string* text = request.params.find("timeout");
  if (text == nullptr) return kWaitDefaultMs;
  ASSIGN_OR_RETURN(const TimeValue time, parse_time_value(*text, "timeout"));
  return std::clamp<int64_t>(time.millis(), 0, kWaitMaxMs);
}

// Which tasks a request is about.
struct Chosen {
  std::vector<TaskPtr> tasks;
  bool detailed = false;
};
Result<Chosen> choose(const Request& request, const Tasks& tasks) {
  Chosen out;
  ASSIGN_OR_RETURN(out.detailed, request.params.get_bool("detailed", false));
  const auto actions = split_list(request.params.get("actions"));
  const auto nodes = split_list(request.params.get("nodes"));
  const std::string parent = request.params.get("parent_task_id");
  if (!parent.empty()) {
    ASSIGN_OR_RETURN(const int64_t number, tasks.parse_id(parent));
    static_cast<void>(number);
    return out;  // tasks here have no parents
  }
  const bool here = nodes.empty() || std::any_of(nodes.begin(), nodes.end(), [&](const auto& node) {
                      return node == tasks.node_id() || node == "_all" || node == "_local" ||
                             node == "*" || node == "_master";
                    });
  if (!here) return out;
  for (const TaskPtr& task : tasks.running()) {
    const bool asked =
        actions.empty() || std::any_of(actions.begin(), actions.end(), [&](const auto& pattern) {
          return index::wildcard_match(pattern, task->action);
        });
    if (asked) out.tasks.push_back(task);
  }
  return out;
}

void append_task(json::Writer& out, const Tasks& tasks, const Task& task, bool detailed) {
  out.begin_object();
  tasks.append(out, task, detailed);
  out.end_object();
}

void append_by_id(json::Writer& out, const Tasks& tasks, const Chosen& chosen) {
  out.key("tasks").begin_object();
  for (const TaskPtr& task : chosen.tasks) {
    out.key(tasks.id_of(*task));
    append_task(out, tasks, *task, chosen.detailed);
  }
  out.end_object();
}

Result<Response> list_answer(const Tasks& tasks, const Chosen& chosen, const std::string& group_by,
                             const Context& context) {
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  if (group_by == "none") {
    out.key("tasks").begin_array();
    for (const TaskPtr& task : chosen.tasks) append_task(out, tasks, *task, chosen.detailed);
    out.end_array();
  } else if (group_by == "parents") {
    append_by_id(out, tasks, chosen);
  } else if (group_by.empty() || group_by == "nodes") {
    out.key("nodes").begin_object();
    if (!chosen.tasks.empty()) {
      const NodeInfo& node = context.node;
      const std::string address = node.publish_host + ":9300";
      out.key(node.node_id)
          .begin_object()
          .field("name", node.node_name)
          .field("transport_address", address)
          .field("host", node.publish_host)
          .field("ip", address)
          .key("roles")
          .begin_array();
      for (const char* role : {"data", "ingest", "master"}) out.string(role);
      out.end_array();
      append_by_id(out, tasks, chosen);
      out.end_object();
    }
    out.end_object();
  } else {
    return Error(
        error_types::kIllegalArgument,
        "[group_by] must be one of [nodes], [parents] or [none] but was [" + group_by + "]");
  }
  out.end_object();
  return response;
}

Result<Response> list(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(Tasks * tasks, tasks_of(context));
  ASSIGN_OR_RETURN(const bool waits, request.params.get_bool("wait_for_completion", false));
  ASSIGN_OR_RETURN(const int64_t timeout_ms, read_timeout(request));
  ASSIGN_OR_RETURN(Chosen chosen, choose(request, *tasks));
  if (waits) {
    const int64_t until_ns = steady_clock_ns() + timeout_ms * 1'000'000;
    for (const TaskPtr& task : chosen.tasks) {
      const int64_t left_ms = std::max<int64_t>((until_ns - steady_clock_ns()) / 1'000'000, 0);
      if (!tasks->wait(task->number, left_ms)) {
        return Error({"receive_timeout_transport_exception", 500},
                     "timed out waiting for task [" + tasks->id_of(*task) + "]");
      }
    }
  }
  // The list is a task too, as in Elasticsearch.
  const auto self = tasks->start("cluster:monitor/tasks/lists", "", false);
  if (!waits) {
    ASSIGN_OR_RETURN(chosen, choose(request, *tasks));
  }
  return list_answer(*tasks, chosen, request.params.get("group_by"), context);
}

Error not_found(const Tasks& tasks, const std::string& id, const std::string& node) {
  Error error(error_types::kResourceNotFound, "task [" + id + "] " + kNotFound);
  if (node == tasks.node_id()) return error;
  Error outer(error_types::kResourceNotFound,
              "task [" + id + "] belongs to the node [" + node +
                  "] which isn't part of the cluster and there is no record of the task");
  outer.root_causes.push_back(error);
  return std::move(outer).because(std::move(error));
}

Result<Response> get(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(Tasks * tasks, tasks_of(context));
  const std::string& id = request.path_param("task_id");
  std::string node;
  ASSIGN_OR_RETURN(const int64_t number, tasks->parse_id(id, &node));
  ASSIGN_OR_RETURN(const bool waits, request.params.get_bool("wait_for_completion", false));
  ASSIGN_OR_RETURN(const int64_t timeout_ms, read_timeout(request));
  if (node != tasks->node_id()) return not_found(*tasks, id, node);
  if (waits && !tasks->wait(number, timeout_ms)) {
    return Error({"timeout_exception", 500},
                 "Timed out waiting for completion of task [" + id + "]");
  }
  // Its result is kept before it is taken off: looked for in this order, it is not missed.
  if (const TaskPtr task = tasks->find(number)) {
    Response response;
    json::Writer out(response.body);
    out.begin_object().field("completed", false).key("task");
    append_task(out, *tasks, *task, true);
    out.end_object();
    return response;
  }
  if (auto result = tasks->result(number)) return Response::json(std::move(*result));
  return not_found(*tasks, id, node);
}

Response missing_task(const Context& context, const std::string& reason) {
  Response response;
  json::Writer(response.body)
      .begin_object()
      .key("node_failures")
      .begin_array()
      .begin_object()
      .field("type", "failed_node_exception")
      .field("reason", "Failed node [" + context.node.node_id + "]")
      .field("node_id", context.node.node_id)
      .key("caused_by")
      .begin_object()
      .field("type", "resource_not_found_exception")
      .field("reason", reason)
      .end_object()
      .end_object()
      .end_array()
      .key("nodes")
      .begin_object()
      .end_object()
      .end_object();
  return response;
}

Result<Response> cancel(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(Tasks * tasks, tasks_of(context));
  Chosen chosen;
  if (request.has_path_param("task_id")) {
    const std::string& id = request.path_param("task_id");
    ASSIGN_OR_RETURN(const int64_t number, tasks->parse_id(id));
    const TaskPtr task = tasks->find(number);
    if (task == nullptr) return missing_task(context, "task [" + id + "] is not found");
    if (!task->cancellable) {
      return Error(error_types::kIllegalArgument, "task [" + id + "] doesn't support cancellation");
    }
    chosen.tasks.push_back(task);
  } else {
    ASSIGN_OR_RETURN(chosen, choose(request, *tasks));
    std::erase_if(chosen.tasks, [](const TaskPtr& task) { return !task->cancellable; });
  }
  for (const TaskPtr& task : chosen.tasks) task->cancel("by user request");
  ASSIGN_OR_RETURN(const bool waits, request.params.get_bool("wait_for_completion", false));
  if (waits) {
    for (const TaskPtr& task : chosen.tasks) tasks->wait(task->number, kWaitDefaultMs);
  }
  return list_answer(*tasks, chosen, request.params.get("group_by"), context);
}

}  // namespace

Result<Response> rethrottle_task(const std::string& id, const std::string& action, double rate,
                                 Context& context) {
  ASSIGN_OR_RETURN(Tasks * tasks, tasks_of(context));
  ASSIGN_OR_RETURN(const int64_t number, tasks->parse_id(id));
  Chosen chosen;
  chosen.detailed = true;
  const TaskPtr task = tasks->find(number);
  if (task == nullptr || task->action != action)
    return missing_task(context, "task [" + id + "] is missing");
  task->set_requests_per_second(rate);
  chosen.tasks.push_back(task);
  return list_answer(*tasks, chosen, "nodes", context);
}

void add_task_routes(Router& router) {
  const auto add = [&](Method method, const char* path,
                       Result<Response> (*run)(const Request&, Context&),
                       std::vector<std::string> params) {
    router.add(
        {method, path,
         [run](const Request& request, Context& context) { return answer(run(request, context)); },
         std::move(params), Lane::kTask});
  };
  const std::vector<std::string> of_list{
      "actions",        "detailed", "group_by",           "nodes",
      "parent_task_id", "timeout",  "wait_for_completion"};
  add(Method::kGet, "/_tasks", list, of_list);
  add(Method::kGet, "/_tasks/{task_id}", get, {"timeout", "wait_for_completion"});
  const std::vector<std::string> of_cancel{"actions", "nodes", "parent_task_id", "group_by",
                                           "wait_for_completion"};
  add(Method::kPost, "/_tasks/_cancel", cancel, of_cancel);
  add(Method::kPost, "/_tasks/{task_id}/_cancel", cancel, of_cancel);
}

}  // namespace stratalog::api
