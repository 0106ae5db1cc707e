// Recent bulk requests and what they stored, so that one that comes again after a lost answer is
// answered, not stored twice (D24, docs/guarantees.md).
//
// A record is made with the frame that stores its documents: it is in that frame, and when the
// frame's operations are committed to sealed segments it goes into the catalog in the same batch.
// So it is durable exactly when the documents are, and after a crash the ledger knows the half of a
// request that was stored. A record dies with its partition, after a time, or as one of the oldest
// when all together take too much memory.
//
//   retries/<partition>/<number, 16 hex digits>  records, each behind its length as a varint
//
// Threads  any. One request of a digest runs at a time: the next waits in begin().
// Memory   as Limits say, what is durable included.
// Source   design of our own; Kafka's idempotent producer keeps the like by producer and sequence.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "index/retries/retry_record.h"
#include "storage/store.h"
#include "storage/translog.h"

namespace stratalog::index {

class RetryLedger {
 public:
  struct Limits {
    int64_t window_ms = 3'600'000;  // Fluent Bit waits up to 2,000 s between tries
    uint64_t bytes_max = 2 << 20;
  };
  explicit RetryLedger(const Limits& limits) : limits_(limits) {}

  struct Stored {
    storage::PartitionId partition;
    storage::Lsn lsn;  // 0: durable
    RetryRecord record;
  };

  // A request under way: no other of its digest begins before this is gone.
  class Request {
   public:
    ~Request();
    Request(Request&& other) noexcept;
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
    Request& operator=(Request&&) = delete;

    const RetryDigest& digest() const { return digest_; }
    // What earlier tries stored, oldest first. To be told only when `lsn` of each is synced.
    const std::vector<std::shared_ptr<const Stored>>& stored() const { return stored_; }

   private:
    friend class RetryLedger;
    Request(RetryLedger& ledger, const RetryDigest& digest) : ledger_(&ledger), digest_(digest) {}
    RetryLedger* ledger_;
    RetryDigest digest_;
    std::vector<std::shared_ptr<const Stored>> stored_;
  };
  Request begin(const RetryDigest& digest, int64_t now_ms);

  // What a frame stored. With the partition's lock, in the order of its frames.
  void add(storage::PartitionId partition, storage::Lsn lsn, RetryRecord record);

  // A commit of `partition` up to `committed`: what it makes of the catalog's records. Commits of
  // one partition come one at a time; when the batch was written, committed() must follow.
  struct Kept;
  using Place = std::pair<storage::PartitionId, uint64_t>;  // a record of the catalog
  struct Commit {
    Place place;
    std::vector<std::shared_ptr<Kept>> records;  // that go to `place`
    std::vector<Place> removed;
  };
  Commit prepare(storage::PartitionId partition, SeqNo committed, int64_t now_ms,
                 storage::CatalogBatch& batch);
  void committed(const Commit& commit);

  // The removal of all records of a partition that is dropped; forget() when that is durable.
  void prepare_drop(storage::PartitionId partition, storage::CatalogBatch& batch) const;
  void forget(storage::PartitionId partition);

  // At a start, before the log is replayed. Errors: corruption_exception.
  Status load(const storage::Store& store, int64_t now_ms);

  struct Stats {
    uint64_t records = 0;
    uint64_t bytes = 0;
    uint64_t items_answered = 0;  // since the start
  };
  Stats stats() const;
  void note_answered(uint64_t items);

 private:
  using KeptPtr = std::shared_ptr<Kept>;
  struct Chunk {
    int64_t newest_ms = 0;
    size_t live = 0;  // records of it that are kept
  };

  // All with mutex_ held.
  void keep(const KeptPtr& kept);
  void let_go(const KeptPtr& kept);  // of all but by_age_
  void evict(int64_t now_ms);

  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::unordered_set<RetryDigest, HashRetryDigest> under_way_;
  std::list<KeptPtr> by_age_;  // oldest first
  std::unordered_map<RetryDigest, std::vector<KeptPtr>, HashRetryDigest> by_digest_;
  std::map<storage::PartitionId, std::list<KeptPtr>> not_durable_;  // by sequence number
  std::map<Place, Chunk> chunks_;
  std::map<storage::PartitionId, uint64_t> next_number_;
  uint64_t bytes_ = 0;
  uint64_t items_answered_ = 0;
};

}  // namespace stratalog::index
