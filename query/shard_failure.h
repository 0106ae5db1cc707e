// Failures of shards as a search shows them.
#pragma once

#include <span>
#include <string>

#include "query/search.h"

namespace stratalog::query {

// The error object that stands under "reason" of a failure: type, reason, extra members, causes.
void append_cause(std::string& out, const Error& error);
// {"shard":0,"index":"x","node":"n","reason":{...}}
void append_failure(std::string& out, const ShardFailure& failure, std::string_view node_id);

// search_phase_execution_exception "all shards failed" with root causes and failed_shards as
// Elasticsearch groups them.
Error all_shards_failed(std::span<const ShardFailure> failures, std::string_view node_id,
                        std::string_view phase, bool partial = false);

}  // namespace stratalog::query
