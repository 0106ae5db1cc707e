// _update_by_query, _delete_by_query and _reindex: documents that a query finds, in one consistent
// view, batch by batch, each written on condition that it is still the one that was found.
//
// Shape   memory is bounded by a batch. Cancelling takes effect between batches and inside scripts.
// Threads one a request.
// Errors  what the search or a script says fails the whole; refused documents are in the answer.
//         https://www.elastic.co/guide/en/elasticsearch/reference/7.17/docs-update-by-query.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "api/tasks.h"
#include "base/result.h"
#include "index/engine.h"
#include "index/resolve.h"
#include "query/script/script.h"
#include "query/search_request.h"

namespace stratalog::api {

struct ByQueryRequest {
  enum class Kind : uint8_t { kUpdate, kDelete, kReindex } kind = Kind::kUpdate;
  std::vector<index::ResolvedIndex> targets;
  query::SearchRequest search;  // size: of a batch
  std::optional<query::script::ScriptSpec> script;
  std::optional<uint64_t> docs_max;
  bool proceed = false;  // conflicts=proceed
  bool refresh = false;
  double requests_per_second = -1;  // not positive: as fast as it goes
  std::string description;

  // _reindex.
  std::string dest_index;
  index::OpType dest_op = index::OpType::kIndex;
  std::optional<index::VersionType> dest_version;  // external: that of the source
  std::string dest_routing;                        // "": keep; "discard"; "=x"

  const char* action() const;
};

// The answer's object, or what failed it. Keeps the task's status up to date.
Result<std::string> run_by_query(const ByQueryRequest& request, Context& context, Task& task);

}  // namespace stratalog::api
