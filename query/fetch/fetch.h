// The fetch phase: the best hits -> their JSON. Hits are grouped by segment, so that each block of
// sources is decoded once.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/collect/run.h"
#include "query/search_request.h"

namespace stratalog::query {

// Appends the hits as JSON objects with commas between, in their order. A failure is that of the
// index named in `failed_index`.
Status fetch_hits(const SearchRequest& search, QueryRun& run, std::span<const Hit> hits,
                  std::string& out, uint32_t& failed_index);

// What fails at once whatever the hits are: formats, highlighters, docvalue fields.
Status check_fetch(const SearchRequest& search, const IndexRun& index);

}  // namespace stratalog::query
