// Cluster settings: which may be changed, and how a change is put into the flat form in which they
// are kept.
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/cluster-update-settings.html
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"

namespace stratalog::index {

// The settings after `changes` (nested or dotted; null removes, also with wildcards). `kind` is
// "persistent" or "transient", for errors: illegal_argument_exception in Elasticsearch's words.
Result<json::Value> update_cluster_settings(const json::Value& flat, const json::Value& changes,
                                            const std::string& kind);

}  // namespace stratalog::index
