// What a partition needs of its node.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "index/document/document_parser.h"
#include "index/mapping/mapping.h"
#include "index/retries/retry_ledger.h"
#include "storage/store.h"
#include "storage/translog.h"

namespace stratalog::index {

class Partition;

// Memory that a run of operations needs while it is parsed: kept from request to request.
struct WriteScratch {
  DocumentParser parser;
  std::vector<ParsedDocument> documents;
  Arena arena;
  std::string sources;
  std::string packed;
  std::string retry;
  std::string frame;
};

// A few scratches for as many writers as there are at a time.
class ScratchPool {
 public:
  std::unique_ptr<WriteScratch> take();
  void give_back(std::unique_ptr<WriteScratch> scratch);

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<WriteScratch>> free_;
};

// Whether the node may acknowledge writes. A full disk and a fault of the store are for a while;
// one of the translog lasts until the next start.
class Health {
 public:
  enum class State : uint8_t { kOk, kDiskFull, kFailed, kFailedForGood };
  State state() const { return state_.load(std::memory_order_acquire); }
  bool ok() const { return state() == State::kOk; }
  // The gravest of several stays. True: the state is another one than before.
  bool fail(const Error& error);
  bool fail_for_good(const Error& error);
  void recover();  // but from what is for good
  // While not ok: engine_closed_exception, 503; for a full disk cluster_block_exception, 429.
  Status status() const;
  Error refusal() const;  // the same, also if it has recovered meanwhile

 private:
  bool worsen(State state, const Error& error);

  mutable std::mutex mutex_;
  std::atomic<State> state_{State::kOk};
  std::optional<Error> error_;
};

struct NodeLimits {
  uint64_t live_bytes_max =
      128 << 20;  // of all live segments; beyond it writes wait, then are refused
  // Of operations that are parsed, applied and logged at once: what a request needs beside its body
  // does not grow with it.
  uint64_t run_bytes_max = 4 << 20;
  uint64_t merge_pending_bytes_max = 32 << 20;  // MergeOptions
  uint64_t segment_live_bytes_max = 32 << 20;   // of one live segment; beyond it, it is sealed
  uint32_t segment_live_rows_max = 250'000;
  uint64_t translog_bytes_max =
      128 << 20;  // beyond it the partition that pins the oldest part is sealed
  uint64_t unsealed_rows_max = 500'000;
  // Of a partition: from here on writes wait for merges, then are refused. While a partition is
  // being filled its merges begin at 32, and as many more may come until one is over.
  uint32_t segments_slow = 64;
};

// What a seal takes: live segments that reached a limit, or all rows in memory.
enum class SealScope { kFull, kAll };

class Host {
 public:
  virtual ~Host() = default;
  virtual storage::Store& store() = 0;
  virtual storage::Translog& translog() = 0;
  virtual ScratchPool& scratches() = 0;
  virtual RetryLedger& retries() = 0;
  virtual Health& health() = 0;
  // Something that must work did not: what is refused from now on follows from what it was.
  virtual void note_failure(const Error& error) = 0;
  // Whether so much more may be written beside what the log and the catalog need. A full disk is
  // told as by the file system.
  virtual Status room_for(uint64_t bytes) = 0;
  virtual const NodeLimits& limits() const = 0;
  // The process nears the node's limit: what can be made smaller is to be.
  virtual bool short_of_memory() const = 0;

  // Makes `mapping` the index's, durably. The caller holds the partition's mapping lock.
  virtual Status commit_mapping(Partition& partition, std::shared_ptr<const Mapping> mapping) = 0;

  // Hints for the background threads.
  virtual void note_unrefreshed(Partition& partition) = 0;
  virtual void request_seal(Partition& partition, SealScope scope) = 0;
  virtual void request_merge(Partition& partition) = 0;

  // Between the runs of a big request: until live segments are in their limit again, some seconds
  // at most.
  virtual void wait_for_memory() = 0;

  std::atomic<int64_t> live_bytes{0};  // of all live and not yet sealed segments
  std::atomic<int64_t> unsealed_rows{0};
};

}  // namespace stratalog::index
