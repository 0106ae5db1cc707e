// The door of query/script/: a script as requests name it, compiled for what it is used for.
//
// Threads any. Compiled scripts are kept, bounded by kCacheBytes.
// Errors  script_exception "compile error", illegal_argument_exception for unknown languages and
//         contexts, resource_not_found_exception for stored scripts that are not there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/json_tree.h"
#include "base/result.h"
#include "query/script/run.h"

namespace stratalog::query::script {

// A script of a request: inline with a language, or stored under an id.
struct ScriptSpec {
  std::string lang = "painless";
  std::string source;  // "": stored
  std::string id;
  json::Value params = json::Value::object();
};
// {"source": ..., "lang": ..., "params": {...}}, {"id": ...}, or the source alone. Fails with
// x_content_parse_exception and illegal_argument_exception.
Result<ScriptSpec> parse_script(const json::Value& value);

// What a script is for: its variables, in this order, and its functions.
enum class Context : uint8_t {
  kUpdate,         // params, ctx
  kTest,           // params: painless_test
  kFilter,         // params, doc
  kScore,          // params, doc, _score
  kField,          // params, doc, _source (params._source)
  kSort,           // params, doc, _score: string_sort and number_sort
  kAggs,           // params, doc, _value, _score
  kRuntimeField,   // params, doc, _source; emit()
  kAggsInit,       // params, state
  kAggsMap,        // params, state, doc, _score
  kAggsCombine,    // params, state
  kAggsReduce,     // params, states
  kBucket,         // params: bucket_script and bucket_selector
  kMovingFunction  // params, values
};
const Surroundings& surroundings(Context context);
// Where a variable of the context stands; it must be there.
size_t variable(Context context, std::string_view name);

// Inline scripts; `name` is what errors call it ("": the source).
Result<ProgramPtr> compile(std::string_view lang, std::string_view source, Context context,
                           std::string_view name = {});

// Stored scripts by id: lang and source. The server sets it; none: there are none.
using StoredScripts =
    std::function<std::optional<std::pair<std::string, std::string>>(std::string_view id)>;
void set_stored_scripts(StoredScripts scripts);
Result<ProgramPtr> compile(const ScriptSpec& spec, Context context);

}  // namespace stratalog::query::script
