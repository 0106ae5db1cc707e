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

// Whether the node may acknowledge writes. A fault of the store is for a while (a full disk); one
// of the translog for ever.
class Health {
 public:
  bool ok() const { return !failed_.load(std::memory_order_acquire); }
  void fail(const Error& error);
  void recover();
  Status status() const;  // engine_closed_exception, 503, while failed

 private:
  mutable std::mutex mutex_;
  std::atomic<bool> failed_{false};
  std::optional<Error> error_;
};

struct NodeLimits {
  uint64_t live_bytes_max =
      128 << 20;  // of all live segments; beyond it writes wait, then are refused
  uint64_t segment_live_bytes_max = 32 << 20;  // of one live segment; beyond it, it is sealed
  uint32_t segment_live_rows_max = 250'000;
  uint64_t translog_bytes_max =
      128 << 20;  // beyond it the partition that pins the oldest part is sealed
  uint64_t unsealed_rows_max = 500'000;
  uint32_t segments_slow =
      30;  // of a partition: from here on writes wait for merges, then are refused
};

class Host {
 public:
  virtual ~Host() = default;
  virtual storage::Store& store() = 0;
  virtual storage::Translog& translog() = 0;
  virtual ScratchPool& scratches() = 0;
  virtual Health& health() = 0;
  virtual const NodeLimits& limits() const = 0;

  // Makes `mapping` the index's, durably. The caller holds the partition's mapping lock.
  virtual Status commit_mapping(Partition& partition, std::shared_ptr<const Mapping> mapping) = 0;

  // Hints for the background threads.
  virtual void note_unrefreshed(Partition& partition) = 0;
  virtual void request_seal(Partition& partition) = 0;
  virtual void request_merge(Partition& partition) = 0;

  std::atomic<int64_t> live_bytes{0};  // of all live and not yet sealed segments
  std::atomic<int64_t> unsealed_rows{0};
};

}  // namespace stratalog::index
