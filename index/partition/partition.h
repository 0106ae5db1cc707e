// All data of one index: rows in memory and in sealed segments, their versions, and the view that
// searches take.
//
// A write is applied to memory and appended to the translog under one lock, in the order of its
// sequence numbers; whoever asked for it syncs the log before it answers. Views hold synced rows
// only.
//
// Threads any. Locks, outermost first: mapping_lock(), the catalog's, seal_mutex_ or merge_mutex_,
// commit_mutex_,
//         refresh_mutex_, mutex_.
// Errors  Elasticsearch's for documents; storage's own stop all acknowledging (Health).
#pragma once

#include <atomic>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/catalog.h"
#include "index/engine.h"
#include "index/engine/published.h"
#include "index/ops_frame.h"
#include "index/partition/host.h"
#include "index/partition/partition_record.h"
#include "index/partition/pending_changes.h"
#include "index/partition/slot.h"
#include "index/partition/virtual_shards.h"
#include "index/view.h"

namespace stratalog::index {

struct Counters {
  std::atomic<uint64_t> index_total{0}, index_ns{0}, index_failed{0}, delete_total{0},
      noop_update_total{0};
  std::atomic<uint64_t> get_total{0}, get_ns{0}, get_exists{0}, get_missing{0};
  std::atomic<uint64_t> refresh_total{0}, refresh_ns{0}, flush_total{0}, flush_ns{0};
  std::atomic<uint64_t> merge_total{0}, merge_docs{0}, merge_bytes{0}, merge_ns{0};
  std::atomic<uint64_t> search_total{0}, search_ns{0}, fetch_total{0}, fetch_ns{0};
};

class Partition : public std::enable_shared_from_this<Partition> {
 public:
  // One operation and where its result goes.
  struct Item {
    const WriteOp* op;
    WriteResult* result;
  };

  // A new partition's record: term 1 and a prefix of automatic ids, so that its first write needs
  // no change of the catalog.
  static PartitionRecord new_record();

  enum class Origin { kCreated, kRecovered };  // created: the record is new_record()'s and durable
  Partition(Host& host, const std::shared_ptr<const IndexMetadata>& metadata,
            PartitionRecord record, std::map<std::string, std::vector<Delete>> deletes_by_segment,
            Origin origin);
  ~Partition();
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  storage::PartitionId id() const { return id_; }
  std::shared_ptr<const IndexMetadata> metadata() const { return metadata_.get(); }
  void set_metadata(std::shared_ptr<const IndexMetadata> metadata) {
    metadata_.set(std::move(metadata));
  }
  // Held while the index's mapping is changed.
  std::unique_lock<std::mutex> mapping_lock() { return std::unique_lock(mapping_mutex_); }

  // Runs the operations in order. Gives the position up to which the translog must be synced before
  // they may be acknowledged; 0: nothing was written. `want_source`: updates give their resulting
  // document. `retry`: what is stored is remembered for the request's next try.
  Result<storage::Lsn> write(std::span<const Item> items, bool want_source,
                             const RetryDigest* retry = nullptr);
  Result<GetResult> get(const GetOp& op);

  Result<std::shared_ptr<const View>> view();
  Status refresh() { return refresh_shards(nullptr); }
  // A refresh that writes ask for: shows at least what they wrote.
  Status refresh_written(std::span<const Item> items);
  bool unrefreshed() const { return changed_.load(std::memory_order_relaxed); }

  // Puts rows in memory into sealed segments and, when they were all, lets the translog go.
  Status seal(SealScope scope = SealScope::kAll);
  // Whether the live segment is full, or one before it waits for a seal that failed.
  bool seal_due() const;
  int64_t last_write_ns() const { return last_write_ns_.load(std::memory_order_relaxed); }
  bool has_unsealed() const;
  // Operations that were refused because the log did not take them are in memory: sealing makes
  // them durable, so that nothing builds on what may be gone.
  bool has_unlogged() const;

  // Does one merge if the policy asks for one; false if none is due. A patient one lets a partition
  // be that is being filled fast.
  Result<bool> merge_once(bool patient = true);
  // To at most so many segments; 0: as the policy would.
  Status force_merge(uint32_t max_segments, bool only_expunge_deletes);
  uint32_t sealed_count() const;

  // A frame of the log at recovery.
  Status replay(storage::Lsn lsn, const OpsFrame& frame, DocumentParser& parser, Arena& arena);
  SeqNo committed_seq_no() const;

  // No change is made durable after this. `batch` gets the removal of all its records; its segments
  // are given back.
  std::vector<storage::SegmentUid> drop(storage::CatalogBatch& batch);
  void undo_drop();  // the batch could not be written

  IndexStats stats() const;
  uint64_t resident_bytes() const;  // of the opened sealed segments
  Counters& counters() { return counters_; }

 private:
  struct Found {
    DocMeta meta;
    LiveSlot* live = nullptr;  // one of the two
    SealedSlot* sealed = nullptr;
    std::optional<std::string> routing;
  };
  struct Tombstone {
    SeqNo seq_no;
    int64_t primary_term;
    int64_t version;
    int64_t time_ns;
  };
  struct Prepared;
  class MappingGrowth;

  // Lookups, under mutex_. A key is VirtualShards::key().
  std::optional<Found> locate(std::string_view id, uint32_t shard, std::string_view key);
  const Tombstone* find_tombstone(std::string_view key) const;
  void take_from_view(const View& view, const GetOp& op, GetResult& result) const;
  std::string read_source(const Found& found) const;

  Status refresh_shards(const std::set<uint32_t>* shards);  // nullptr: all

  // Writing.
  Status ensure_writable();
  Status ensure_writable_locked();
  Status draw_prefix_locked();
  Status guard_prefix(std::string_view id);
  Result<storage::Lsn> write_run(std::span<const Item> items, const RetryDigest* retry);
  Status prepare(std::span<const Item> items, WriteScratch& scratch,
                 std::vector<Prepared>& prepared);
  Status prepare(std::span<const Item> items, MappingGrowth& growth, WriteScratch& scratch,
                 std::vector<Prepared>& prepared);
  Result<storage::Lsn> apply(std::span<const Item> items, WriteScratch& scratch,
                             std::vector<Prepared>& prepared, const RetryDigest* retry);
  Result<bool> apply_one(const Item& item, const Prepared& prepared, WriteScratch& scratch,
                         FrameOp& out);
  Result<storage::Lsn> write_update(const Item& item, bool want_source);
  LiveSlot& live_slot(const Mapping& mapping);
  void add_row(LiveSlot& slot, const Prepared& prepared, const ParsedDocument& document,
               const FrameOp& op, std::string_view key);
  void kill(const Found& found, std::string_view key, SeqNo killer);
  void forget_old_tombstones(int64_t now_ns);
  void account(LiveSlot& slot);
  void discount(const LiveSlot& slot);
  Error conflict(std::string_view id, uint32_t shard, const std::string& why) const;

  // Sealing and merging.
  void freeze_locked();
  bool is_full() const;  // with mutex_ held: the live segment reached a limit
  Status seal_front();
  Status commit_sealed(LiveSlot& frozen, const std::shared_ptr<SealedSegment>& sealed);
  Status merge(const std::vector<SealedSlot*>& inputs);
  Status commit_merged(const std::vector<SealedSlot*>& inputs,
                       const std::vector<size_t>& deletes_seen,
                       const std::shared_ptr<SealedSegment>& merged);
  Status write_commit(const PartitionRecord& record, storage::CatalogBatch batch,
                      storage::Lsn log_position);
  void put_deletes(storage::CatalogBatch& batch,
                   std::vector<std::pair<SealedSlot*, size_t>>& written);
  std::string new_segment_name_locked();

  Host& host_;
  const storage::PartitionId id_;
  const VirtualShards shards_;
  Published<IndexMetadata> metadata_;
  Counters counters_;
  std::mutex mapping_mutex_;

  std::mutex seal_mutex_;            // one seal at a time
  std::mutex merge_mutex_;           // one merge at a time
  mutable std::mutex commit_mutex_;  // record_, dropped_, writes of the partition's records
  PartitionRecord record_;
  bool dropped_ = false;
  std::atomic<bool> writable_{false};

  mutable std::mutex mutex_;                      // all below
  std::list<SealedSlot> sealed_;                  // by least sequence number
  int64_t last_seal_ns_ = INT64_MIN / 2;          // steady_clock_ns()
  std::deque<std::unique_ptr<LiveSlot>> frozen_;  // oldest first
  std::unique_ptr<LiveSlot> live_;
  StringMap<Tombstone> tombstones_;
  int64_t tombstones_checked_ns_ = 0;
  SeqNo next_seq_no_ = 0;
  int64_t primary_term_ = 0;
  uint64_t auto_id_prefix_ = 0;
  std::vector<uint64_t> known_prefixes_;
  uint64_t next_segment_ = 0;
  storage::Lsn last_lsn_ = 0;
  uint64_t unlogged_ = 0;          // runs in memory that the log did not take: not shown
  bool closed_to_writes_ = false;  // dropped
  PendingChanges pending_;
  std::atomic<bool> changed_{true};  // since the last view
  std::atomic<int64_t> last_write_ns_{0};

  std::mutex refresh_mutex_;
  uint64_t view_generation_ = 0;
  Published<View> view_;
};

}  // namespace stratalog::index
