// Values of URL parameters that mean the same at every endpoint: times, booleans, counts of copies.
// They are read once for all requests, so that no endpoint passes over one that is no value.
#pragma once

#include <optional>
#include <string>

#include "api/http.h"
#include "base/error.h"
#include "index/catalog.h"

namespace stratalog::api {

// Fails as Elasticsearch's readers do: "failed to parse setting [timeout] with value [x] as a time
// value: unit is missing or unrecognized", "Failed to parse value [zz] as only [true] or [false]
// are allowed.", "cannot parse ActiveShardCount[zz]".
Status check_param_values(const QueryParams& params);

// wait_for_active_shards: a write takes place when so many copies are there. This node holds the
// only one, and nothing that could be waited for brings another.
class ActiveShards {
 public:
  static Result<ActiveShards> read(const QueryParams& params);
  // Whether one copy of an index with so many replicas is enough.
  bool satisfied(uint32_t replicas) const { return needed(replicas) <= 1; }
  bool always_satisfied() const { return !all_ && count_ <= 1; }
  uint64_t needed(uint32_t replicas) const { return all_ ? replicas + uint64_t{1} : count_; }
  // unavailable_shards_exception, 503, of a write to an index, which need not be there yet; nothing
  // where its copy is enough.
  std::optional<Error> missing_copies(const index::CatalogState& state,
                                      const std::string& index) const;

 private:
  bool all_ = false;
  uint64_t count_ = 1;
  std::string timeout_ = "1m";
};

}  // namespace stratalog::api
