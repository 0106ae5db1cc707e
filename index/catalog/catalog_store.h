// The catalog on disk and in memory. A change is a new state: what differs from the old one is
// written in one synced batch, then the new state is shown.
//
// Threads state(): any. Changes: whoever holds lock(), so that a state is read, changed and
// committed by one at a time. Errors  a failed write leaves the old state.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "index/catalog.h"
#include "index/engine/published.h"
#include "storage/store.h"

namespace stratalog::index {

class CatalogStore {
 public:
  static Result<std::unique_ptr<CatalogStore>> open(storage::Store& store,
                                                    const std::string& cluster_name);

  std::shared_ptr<const CatalogState> state() const { return state_.get(); }

  [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
  // With the lock: makes `next` the state. `extra` becomes durable in the same batch.
  Status commit(CatalogState next, storage::CatalogBatch extra = {});
  // With the lock: a partition id never used before; durable with the next commit.
  storage::PartitionId new_partition() { return next_partition_++; }

 private:
  explicit CatalogStore(storage::Store& store) : store_(store) {}
  Status load(const std::string& cluster_name);
  Status load_indices(CatalogState& state);
  Status load_templates(CatalogState& state);

  storage::Store& store_;
  std::mutex mutex_;
  storage::PartitionId next_partition_ = 1;
  storage::PartitionId durable_next_partition_ = 0;  // as in the cluster's record
  Published<CatalogState> state_;
};

// 22 characters: a random UUID (version 4) in base64url, as Elasticsearch makes them.
std::string random_uuid();

}  // namespace stratalog::index
