#include "api/by_query.h"

#include <algorithm>
#include <set>

#include "api/http.h"
#include "base/clock.h"
#include "query/contexts.h"
#include "query/fetch/source_tree.h"
#include "query/script/update_script.h"
#include "query/search.h"

namespace stratalog::api {

namespace {

using index::OpType;
using index::WriteOp;
using index::WriteResult;
using Kind = ByQueryRequest::Kind;

constexpr int64_t kKeepAliveMs = 5 * 60 * 1000;  // Elasticsearch's: between two batches
constexpr size_t kSourcePadding = 64;            // readable behind a source, for the parser
constexpr uint32_t kDepthMax = 256;              // of documents
constexpr size_t kFailuresMax = 1000;            // that an answer lists: a batch's

struct Counts {
  uint64_t total = 0, updated = 0, created = 0, deleted = 0, batches = 0, conflicts = 0, noops = 0;
  int64_t throttled_ns = 0;
};

// One document that was found.
struct Found {
  std::string index, id;
  std::optional<std::string> routing;
  std::string source;
  index::SeqNo seq_no = 0;
  int64_t primary_term = 0;
  int64_t version = 0;
};

std::vector<Found> read_hits(const std::string& hits) {
  std::vector<Found> out;
  query::SourceTree tree;
  const std::string text = "{\"hits\":[" + hits + "]}";
  if (!tree.parse(text)) return out;
  tree.each_child(tree.root(), [&](const query::SourceTree::Node& list) {
    tree.each_child(list, [&](const query::SourceTree::Node& hit) {
      Found found;
      const auto number = [](std::string_view digits) {
        return std::strtoll(std::string(digits).c_str(), nullptr, 10);
      };
      tree.each_child(hit, [&](const query::SourceTree::Node& member) {
        if (member.key == "_index") found.index = member.text;
        if (member.key == "_id") found.id = member.text;
        if (member.key == "_routing") found.routing = std::string(member.text);
        if (member.key == "_source") found.source = member.raw;
        if (member.key == "_seq_no") found.seq_no = number(member.text);
        if (member.key == "_primary_term") found.primary_term = number(member.text);
        if (member.key == "_version") found.version = number(member.text);
      });
      out.push_back(std::move(found));
    });
  });
  return out;
}

class ByQuery {
 public:
  ByQuery(const ByQueryRequest& request, Context& context, Task& task)
      : request_(request), context_(context), task_(task), start_ns_(steady_clock_ns()) {}

  Result<std::string> run() {
    if (request_.script) {
      ASSIGN_OR_RETURN(program_,
                       query::script::compile(*request_.script, query::script::Context::kUpdate));
    }
    const Status status = all_batches();
    if (!scroll_id_.empty()) context_.contexts.close(scroll_id_);
    RETURN_IF_ERROR(status);
    if (request_.refresh) RETURN_IF_ERROR(refresh());
    show_status();
    std::string out;
    json::Writer w(out);
    w.begin_object()
        .field("took", (steady_clock_ns() - start_ns_) / 1'000'000)
        .field("timed_out", timed_out_);
    append_counts(w, false);
    w.key("failures").begin_array();
    for (const std::string& failure : failures_) w.raw(failure);
    w.end_array().end_object();
    return out;
  }

 private:
  query::SearchOptions search_options() const {
    query::SearchOptions options;
    options.now_ms = wall_clock_ms();
    options.node_id = context_.node.node_id;
    options.contexts = &context_.contexts;
    options.memory = context_.search_memory;
    return options;
  }

  Status all_batches() {
    query::SearchRequest search = request_.search;
    search.scroll_ms = kKeepAliveMs;
    ASSIGN_OR_RETURN(query::SearchResponse page,
                     query::search(context_.engine, request_.targets, search, search_options()));
    scroll_id_ = page.scroll_id;
    counts_.total = page.total.value_or(0);
    if (request_.docs_max) counts_.total = std::min(counts_.total, *request_.docs_max);
    uint64_t seen = 0;
    while (page.hit_count > 0 && !task_.cancelled()) {
      timed_out_ |= page.timed_out;
      for (const query::ShardFailure& failure : page.failures) {
        if (failures_.size() < kFailuresMax) note_search_failure(failure);
      }
      if (!failures_.empty()) break;
      std::vector<Found> found = read_hits(page.hits);
      page = {};
      ++counts_.batches;
      if (request_.docs_max && seen + found.size() > *request_.docs_max)
        found.resize(static_cast<size_t>(*request_.docs_max - seen));
      seen += found.size();
      const int64_t begun_ns = steady_clock_ns();
      RETURN_IF_ERROR(batch(found));
      show_status();
      if (!failures_.empty() || seen >= counts_.total) break;
      throttle(begun_ns, found.size());
      if (task_.cancelled()) break;
      ASSIGN_OR_RETURN(
          page, query::scroll(context_.engine, scroll_id_, kKeepAliveMs, false, search_options()));
    }
    return {};
  }

  // Waits so that documents are not more a second than asked for; a changed rate counts at once.
  void throttle(int64_t begun_ns, size_t documents) {
    const int64_t waiting_ns = steady_clock_ns();
    for (;;) {
      const double rate = task_.requests_per_second();
      if (rate <= 0) break;
      const auto until = begun_ns + static_cast<int64_t>(
                                        std::min(static_cast<double>(documents) / rate, 1e9) * 1e9);
      const int64_t now = steady_clock_ns();
      if (now >= until) break;
      throttled_until_ns_ = until;
      show_status();
      if (!task_.sleep_until(until)) break;
    }
    throttled_until_ns_ = 0;
    counts_.throttled_ns += steady_clock_ns() - waiting_ns;
  }

  Status batch(std::vector<Found>& found) {
    std::vector<WriteOp> ops;
    std::vector<std::string> sources;
    sources.reserve(found.size());
    ops.reserve(found.size());
    for (Found& one : found) {
      if (task_.cancelled()) break;
      WriteOp op;
      if (Status ready = prepare(one, op, sources); !ready) {
        if (task_.cancelled()) break;  // the script was stopped
        return ready;
      }
      if (!op.index.empty()) ops.push_back(std::move(op));
    }
    if (ops.empty() || task_.cancelled()) return {};
    ASSIGN_OR_RETURN(const std::vector<WriteResult> results, context_.engine.write(ops, {}));
    for (size_t i = 0; i < results.size(); ++i) count(ops[i], results[i]);
    return {};
  }

  // The operation for a document; its index stays empty when there is nothing to do.
  Status prepare(Found& found, WriteOp& op, std::vector<std::string>& sources) {
    const bool reindex = request_.kind == Kind::kReindex;
    op.index = reindex ? request_.dest_index : found.index;
    op.id = found.id;
    op.routing = found.routing;
    if (reindex) {
      op.type = request_.dest_op;
      if (request_.dest_routing == "discard") op.routing.reset();
      if (request_.dest_routing.starts_with('=')) op.routing = request_.dest_routing.substr(1);
      if (request_.dest_version) {
        op.version_type = *request_.dest_version;
        op.version = found.version;
      }
      changed_.insert(op.index);
    } else {
      op.type = request_.kind == Kind::kDelete ? OpType::kDelete : OpType::kIndex;
      op.if_seq_no = found.seq_no;
      op.if_primary_term = found.primary_term;
    }
    if (request_.kind == Kind::kDelete) return {};
    if (found.source.empty()) {
      return Error(error_types::kIllegalArgument,
                   "[" + found.index + "][_doc][" + found.id + "] didn't store _source");
    }
    std::string source = std::move(found.source);
    if (program_ != nullptr) RETURN_IF_ERROR(run_script(found, op, source));
    if (op.index.empty() || op.type == OpType::kDelete) return {};
    const size_t bytes = source.size();
    source.append(kSourcePadding, '\0');
    sources.push_back(std::move(source));
    op.source = std::string_view(sources.back()).substr(0, bytes);
    return {};
  }

  Status run_script(const Found& found, WriteOp& op, std::string& source) {
    ASSIGN_OR_RETURN(const json::Value document, json::parse(source, kDepthMax));
    const bool reindex = request_.kind == Kind::kReindex;
    json::Value members = json::Value::object({{"op", "index"},
                                               {"_index", op.index},
                                               {"_type", "_doc"},
                                               {"_id", op.id},
                                               {"_version", found.version}});
    members.set("_routing", op.routing ? json::Value(*op.routing) : json::Value());
    if (reindex && !op.version) members.set("_version", -1);
    const json::Value before = members;
    ASSIGN_OR_RETURN(const query::script::ContextRun ran,
                     query::script::run_on_document(program_, request_.script->params, members,
                                                    document, [&] { return task_.cancelled(); }));
    const auto refuse = [](const std::string& reason) {
      return Error(error_types::kIllegalArgument, reason);
    };
    if (ran.op == "noop" || ran.op == "none") {
      ++counts_.noops;
      op.index.clear();
      return {};
    }
    if (ran.op != "index" && ran.op != "delete") {
      return refuse("Operation type [" + ran.op +
                    "] not allowed, only [noop, index, delete] are allowed");
    }
    const auto changed = [&](const char* name, const json::Value& now) {
      return !(*before.find(name) == now);
    };
    if (!reindex) {
      if (changed("_index", ran.index)) return refuse("Modifying [_index] not allowed");
      if (changed("_id", ran.id)) return refuse("Modifying [_id] not allowed");
      if (changed("_routing", ran.routing)) return refuse("Modifying [_routing] not allowed");
      if (changed("_version", ran.version)) return refuse("Modifying [_version] not allowed");
    } else {
      if (ran.index.is_null()) return refuse("Can't reindex without a destination index!");
      op.index = ran.index.to_text();
      changed_.insert(op.index);
      op.id = ran.id.is_null() ? std::string() : ran.id.to_text();
      op.routing = ran.routing.is_null() ? std::optional<std::string>() : ran.routing.to_text();
      if (changed("_version", ran.version)) {
        op.version.reset();
        op.version_type = index::VersionType::kInternal;
        if (const auto version = ran.version.to_int(); version && *version >= 0) {
          op.version = version;
          op.version_type = index::VersionType::kExternal;
        }
      }
    }
    if (ran.op == "delete") {
      op.type = OpType::kDelete;
      return {};
    }
    source = json::to_string(ran.source);
    return {};
  }

  void count(const WriteOp& op, const WriteResult& result) {
    if (!result.error) {
      switch (result.kind) {
        case WriteResult::Kind::kCreated:
          ++counts_.created;
          break;
        case WriteResult::Kind::kUpdated:
          ++counts_.updated;
          break;
        case WriteResult::Kind::kDeleted:
          ++counts_.deleted;
          break;
        default:
          ++counts_.noops;
          break;
      }
      return;
    }
    if (result.error->type == error_types::kVersionConflict) {
      ++counts_.conflicts;
      if (request_.proceed) return;
    }
    if (failures_.size() >= kFailuresMax) return;
    std::string text;
    json::Writer w(text);
    w.begin_object()
        .field("index", result.index.empty() ? op.index : result.index)
        .field("type", "_doc")
        .field("id", result.id.empty() ? op.id : result.id);
    std::string cause;
    append_cause(cause, *result.error);
    w.key("cause").raw(cause).field("status", result.error->type.status).end_object();
    failures_.push_back(std::move(text));
  }

  void note_search_failure(const query::ShardFailure& failure) {
    std::string text, cause;
    append_cause(cause, failure.error);
    json::Writer(text)
        .begin_object()
        .field("index", failure.index)
        .field("shard", 0)
        .field("node", context_.node.node_id)
        .key("reason")
        .raw(cause)
        .field("status", failure.error.type.status)
        .end_object();
    failures_.push_back(std::move(text));
  }

  Status refresh() {
    std::set<std::string> names = changed_;
    if (request_.kind != Kind::kReindex) {
      for (const index::ResolvedIndex& target : request_.targets) names.insert(target.index->name);
    }
    const auto state = context_.engine.state();
    for (const std::string& name : names) {
      std::vector<std::string> indices = {name};
      if (state->find(name) == nullptr) indices = state->indices_of_alias(name);
      for (const std::string& index : indices) RETURN_IF_ERROR(context_.engine.refresh(index));
    }
    return {};
  }

  // A task shows all counters, an answer those of its kind.
  void append_counts(json::Writer& w, bool all) const {
    w.field("total", counts_.total);
    if (all || request_.kind != Kind::kDelete) w.field("updated", counts_.updated);
    if (all || request_.kind == Kind::kReindex) w.field("created", counts_.created);
    w.field("deleted", counts_.deleted)
        .field("batches", counts_.batches)
        .field("version_conflicts", counts_.conflicts)
        .field("noops", counts_.noops)
        .key("retries")
        .begin_object()
        .field("bulk", 0)
        .field("search", 0)
        .end_object()
        .field("throttled_millis", counts_.throttled_ns / 1'000'000);
    const double rate = task_.requests_per_second();
    w.key("requests_per_second").float_number(rate > 0 ? static_cast<float>(rate) : -1.0F);
    if (task_.cancelled()) w.field("canceled", task_.cancel_reason());
    const int64_t until = throttled_until_ns_ == 0 ? 0 : throttled_until_ns_ - steady_clock_ns();
    w.field("throttled_until_millis", std::max<int64_t>(until, 0) / 1'000'000);
  }

  void show_status() {
    std::string text;
    json::Writer w(text);
    w.begin_object();
    append_counts(w, true);
    w.end_object();
    task_.set_status(std::move(text));
  }

  const ByQueryRequest& request_;
  Context& context_;
  Task& task_;
  const int64_t start_ns_;
  query::script::ProgramPtr program_;
  Counts counts_;
  std::vector<std::string> failures_;
  std::set<std::string> changed_;  // indices that were written to
  std::string scroll_id_;
  int64_t throttled_until_ns_ = 0;
  bool timed_out_ = false;
};

}  // namespace

const char* ByQueryRequest::action() const {
  return kind == Kind::kUpdate   ? "indices:data/write/update/byquery"
         : kind == Kind::kDelete ? "indices:data/write/delete/byquery"
                                 : "indices:data/write/reindex";
}

Result<std::string> run_by_query(const ByQueryRequest& request, Context& context, Task& task) {
  return ByQuery(request, context, task).run();
}

}  // namespace stratalog::api
