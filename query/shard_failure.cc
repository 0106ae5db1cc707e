#include "query/shard_failure.h"

#include <set>

#include "base/json_writer.h"
#include "query/exec/field_plans.h"

namespace stratalog::query {
namespace {

// ElasticsearchException.guessRootCauses: down the causes while they are Elasticsearch's own.
const Error& root_of(const Error& error) {
  const Error* at = &error;
  while (is_elasticsearch_exception(*at) && at->caused_by != nullptr &&
         is_elasticsearch_exception(*at->caused_by)) {
    at = at->caused_by.get();
  }
  return *at;
}

Error without_cause(const Error& error) {
  Error out = error;
  out.caused_by = nullptr;
  out.root_causes.clear();
  return out;
}

}  // namespace

void append_cause(std::string& out, const Error& error) {
  json::Writer w(out);
  w.begin_object();
  w.field("type", error.type.name);
  w.key("reason").string(error.reason);
  for (const Error::Field& field : error.fields) {
    if (field.raw) {
      w.key(field.name).raw(field.value);
    } else {
      w.key(field.name).string(field.value);
    }
  }
  if (error.caused_by != nullptr) {
    std::string cause;
    append_cause(cause, *error.caused_by);
    w.key("caused_by").raw(cause);
  }
  w.end_object();
}

void append_failure(std::string& out, const ShardFailure& failure, std::string_view node_id) {
  json::Writer w(out);
  w.begin_object().field("shard", 0).key("index").string(failure.index).key("node").string(node_id);
  std::string reason;
  append_cause(reason, failure.error);
  w.key("reason").raw(reason).end_object();
}

Error all_shards_failed(std::span<const ShardFailure> failures, std::string_view node_id,
                        std::string_view phase, bool partial) {
  const int status = failures.empty() ? 503 : failures[0].error.type.status;
  Error out({"search_phase_execution_exception", status},
            partial ? "Partial shards failure" : "all shards failed");
  std::string shards = "[";
  // Failures of one kind in one index are told once.
  std::set<std::string> told;
  for (const ShardFailure& failure : failures) {
    if (!told.insert(failure.index + '\0' + failure.error.type.name + '\0' + failure.error.reason)
             .second)
      continue;
    if (shards.size() > 1) shards += ',';
    append_failure(shards, failure, node_id);
    out.root_causes.push_back(without_cause(root_of(failure.error)));
  }
  shards += ']';
  out.fields.push_back({"phase", std::string(phase), false});
  out.fields.push_back({"grouped", "true", true});
  out.fields.push_back({"failed_shards", std::move(shards), true});
  if (failures.empty() || partial) return out;
  const Error& first = failures[0].error;
  if (!is_elasticsearch_exception(first)) {
    out.caused_by = std::make_shared<const Error>(without_cause(first).because(first));
  } else if (const Error& root = root_of(first); &root != &first) {
    out.caused_by = std::make_shared<const Error>(root);
  }
  return out;
}

}  // namespace stratalog::query
