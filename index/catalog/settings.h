// Settings of an index as clients send them and as they are kept.
//
// Shape   flat: "index.number_of_shards" -> "1", with a string, a list of strings, or null ("back
// to the default") as value.
//         tree: what IndexMetadata::settings holds, under "index": {"number_of_shards": "1",
//         "mapping": {...}}.
// Errors  illegal_argument_exception in Elasticsearch's words.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "index/catalog.h"

namespace stratalog::index {

using FlatSettings = std::map<std::string, json::Value, std::less<>>;

// From any form: nested, dotted, mixed, with or without "index.", numbers and booleans as such or
// as strings.
Result<FlatSettings> flatten_settings(const json::Value& body);
FlatSettings flatten_tree(const json::Value& tree);  // of IndexMetadata::settings
json::Value settings_tree(const FlatSettings& flat);

// Every name is known and every value allowed. `private_allowed`: the caller is the server itself.
Status validate_settings(const FlatSettings& flat);
// As above, for creating an index: private settings are refused.
Status validate_creation_settings(const FlatSettings& flat);

// `over` wins; its nulls remove.
void overlay_settings(FlatSettings& base, const FlatSettings& over);

// What an index gets that nobody said anything else about: the counts, and for logs (logstash-*,
// logs-*-*) index.mapping.conflicts: accept, so that no log line is refused, and
// index.bulk.deduplicate_retries, so that none is stored twice. Lowest in rank: any template or
// request overrides it.
FlatSettings default_settings(std::string_view index_name);

// The settings of `index` after a _settings request: dynamic ones only, unless the index is closed;
// never final ones.
Result<json::Value> update_settings(const IndexMetadata& index, const json::Value& body,
                                    bool preserve_existing);

}  // namespace stratalog::index
