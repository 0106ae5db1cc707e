// What administration endpoints share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/common.h"
#include "api/router.h"
#include "base/json.h"

namespace stratalog::api {

using Run = Result<Response> (*)(const Request&, Context&);

// Adds one handler under several methods and paths.
void add_routes(Router& router, const std::vector<Method>& methods,
                const std::vector<const char*>& paths, Run run,
                const std::vector<std::string>& params);

// The body as an object; an empty body is null.
Result<json::Value> read_body(const Request& request);

// A mapping body of a typed request: {"_doc": {…}} is unwrapped where include_type_name says so,
// refused where not.
Result<json::Value> untyped_mapping(json::Value mapping, bool include_type_name);

// The leaves of a settings tree under dotted names, sorted: {"index.number_of_shards": "1"}.
json::Value flatten_settings(const json::Value& tree, std::string_view prefix);

// {"index": {...}} of an index, as GET _settings shows it; flat or nested.
json::Value settings_json(const index::IndexMetadata& index, bool flat);
json::Value alias_json(const index::AliasMetadata& alias);

bool matches_pattern(std::string_view pattern, std::string_view name);  // "*" any run
bool has_wildcard(std::string_view pattern);

// {"_shards":{"total":…,"successful":…,"failed":0}} over indices: a copy of each on this node.
Response shards_answer(const std::vector<index::ResolvedIndex>& indices);

}  // namespace stratalog::api
