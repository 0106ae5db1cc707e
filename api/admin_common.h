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

// Adds one handler under several methods and paths. Requests with include_type_name are answered
// with the warning.
void add_routes(Router& router, const std::vector<Method>& methods,
                const std::vector<const char*>& paths, Run run,
                const std::vector<std::string>& params, std::string_view typed_warning = {});

// The body as an object; an empty body is null.
Result<json::Value> read_body(const Request& request);

// The mappings of an index or template to come. With include_type_name they stand under a type's
// name; without, that is refused. type is "" where none is named.
struct NamedMapping {
  json::Value mapping;
  std::string type;
};
Result<NamedMapping> named_mapping(json::Value mappings, bool include_type_name);

// An index's mapping, under its type's name where types are asked for.
json::Value shown_mapping(const index::Mapping& mapping, bool include_type_name);

// The leaves of a settings tree under dotted names, sorted: {"index.number_of_shards": "1"}.
json::Value flatten_settings(const json::Value& tree, std::string_view prefix);
// And back; names below one that is a value itself keep their dots.
json::Value unflatten_settings(const json::Value& flat);

// {"index": {...}} of an index, as GET _settings shows it; flat or nested.
json::Value settings_json(const index::IndexMetadata& index, bool flat);
json::Value alias_json(const index::AliasMetadata& alias);

bool matches_pattern(std::string_view pattern, std::string_view name);  // "*" any run
bool has_wildcard(std::string_view pattern);

// {"_shards":{"total":…,"successful":…,"failed":0}} over indices: a copy of each on this node.
Response shards_answer(const std::vector<index::ResolvedIndex>& indices);

}  // namespace stratalog::api
