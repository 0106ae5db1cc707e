// Scripts of _update and of by-query operations: ctx.
#pragma once

#include "index/partition/update_body.h"
#include "query/script/script.h"

namespace stratalog::query::script {

// Runs the script on documents. It is compiled at its first run; what it lacks is that run's error:
// illegal_argument_exception "failed to execute script", caused by script_exception.
index::UpdateScript update_script(const json::Value& script);

// The outcome of one run of a compiled script in the context of an update.
struct ContextRun {
  std::string op;              // ctx.op
  json::Value source;          // ctx._source
  json::Value id, routing;     // ctx._id, ctx._routing: null when they are null
  json::Value index, version;  // ctx._index, ctx._version
};
// `ctx` as it is before the script: members besides _source. Fails with script_exception.
Result<ContextRun> run_on_document(const ProgramPtr& program, const json::Value& params,
                                   const json::Value& members, const json::Value& source,
                                   const std::function<bool()>& stop = {});

}  // namespace stratalog::query::script
