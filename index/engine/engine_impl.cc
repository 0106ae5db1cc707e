// Opening, recovery, closing.
#include "index/engine/engine_impl.h"

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "base/log.h"
#include "index/catalog/records.h"
#include "index/ops_frame.h"
#include "index/segment/decoded_cache.h"

namespace stratalog::index {

namespace {

// Of the memory limit, as divisors.
constexpr uint64_t kCacheShare = 5;
constexpr uint64_t kDecodedShare = 16;
constexpr uint64_t kLiveShare = 4;
constexpr uint64_t kLiveSegmentShare = 8;
constexpr uint64_t kRetriesShare = 64;
constexpr uint64_t kLiveSegmentBytesMax = 64 << 20;
constexpr uint64_t kRunShare = 64;
constexpr uint64_t kRunBytesMax = 4 << 20;
constexpr uint64_t kMergePendingShare = 16;
constexpr uint64_t kMergePendingBytesMax = 32 << 20;

NodeLimits limits_for(uint64_t memory_limit_bytes) {
  NodeLimits limits;
  limits.live_bytes_max = memory_limit_bytes / kLiveShare;
  limits.run_bytes_max = std::min(kRunBytesMax, memory_limit_bytes / kRunShare);
  limits.merge_pending_bytes_max =
      std::min(kMergePendingBytesMax, memory_limit_bytes / kMergePendingShare);
  limits.segment_live_bytes_max =
      std::min(kLiveSegmentBytesMax, memory_limit_bytes / kLiveSegmentShare);
  return limits;
}

std::string uid_of_deletes_key(std::string_view key) {
  return std::string(key.substr(key.rfind('/') + 1));
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options) {
  auto engine = std::make_unique<EngineImpl>(options);
  RETURN_IF_ERROR(engine->recover());
  return std::unique_ptr<Engine>(std::move(engine));
}

EngineImpl::EngineImpl(const EngineOptions& options)
    : options_(options),
      limits_(limits_for(options.memory_limit_bytes)),
      retries_({.window_ms = options.retry_window_ms,
                .bytes_max =
                    options.retry_bytes_max.value_or(options.memory_limit_bytes / kRetriesShare)}) {
}

EngineImpl::~EngineImpl() {
  // Stopped before it goes: its threads still ask for it.
  if (background_ != nullptr) background_->stop();
  background_.reset();
  partitions_.clear();
}

Status EngineImpl::recover() {
  const int64_t begin_ns = steady_clock_ns();
  storage::FileSystem& fs = options_.fs != nullptr ? *options_.fs : storage::real_file_system();
  ASSIGN_OR_RETURN(folder_, storage::DataFolder::open(fs, options_.folder));
  make_room_to_start();
  const storage::StoreOptions store_options{.cache_bytes =
                                                options_.memory_limit_bytes / kCacheShare};
  decoded_cache().set_bytes_max(options_.memory_limit_bytes / kDecodedShare);
  ASSIGN_OR_RETURN(store_, storage::Store::open(fs, folder_->store_folder(), store_options));
  ASSIGN_OR_RETURN(catalog_, CatalogStore::open(*store_, options_.cluster_name));
  RETURN_IF_ERROR(load_partitions());
  RETURN_IF_ERROR(retries_.load(*store_, wall_clock_ms()));
  RETURN_IF_ERROR(open_translog());
  take_reserve();
  if (options_.background) {
    background_ = std::make_unique<Background>(Background::Hooks{
        .housekeeping = [this] { return housekeeping(); },
        .progress =
            [this] {
              check_disk();
              progress_.notify_all();
            },
    });
    background_->start();
    for (const PartitionPtr& each : partitions()) {
      if (each->seal_due()) request_seal(*each, SealScope::kFull);
    }
    bound_log();
  }
  log::info("engine", "recovered",
            {{"indices", std::to_string(catalog_->state()->indices.size())},
             {"took_ms", std::to_string((steady_clock_ns() - begin_ns) / 1'000'000)}});
  return {};
}

Status EngineImpl::load_partitions() {
  std::map<std::string, PartitionRecord> segment_records;
  RETURN_IF_ERROR(store_->scan(
      records::kSegmentsPrefix, [&](std::string_view key, std::string_view value) -> Status {
        ASSIGN_OR_RETURN(segment_records[std::string(key)], decode_partition(value));
        return {};
      }));
  std::map<std::string, std::vector<Delete>> deletes;
  RETURN_IF_ERROR(store_->scan(
      records::kDeletesPrefix, [&](std::string_view key, std::string_view value) -> Status {
        ASSIGN_OR_RETURN(deletes[uid_of_deletes_key(key)], decode_deletes(value));
        return {};
      }));
  std::vector<storage::SegmentUid> listed;
  for (const auto& [name, index] : catalog_->state()->indices) {
    const auto record =
        segment_records.find(records::partition_key(records::kSegmentsPrefix, index->partition));
    if (record == segment_records.end()) {
      return Error(error_types::kCorruption,
                   "the catalog has no list of segments of index [" + name + "]");
    }
    std::map<std::string, std::vector<Delete>> own;
    for (const SegmentEntry& entry : record->second.segments) {
      listed.push_back(entry.uid);
      const auto at = deletes.find(entry.uid.hex());
      if (at != deletes.end()) own.insert(deletes.extract(at));
    }
    partitions_[index->partition] = std::make_shared<Partition>(
        *this, index, std::move(record->second), std::move(own), Partition::Origin::kRecovered);
  }
  return check_segments(listed);
}

// The catalog's list is the only truth: what it does not name goes, what it names must be there.
Status EngineImpl::check_segments(const std::vector<storage::SegmentUid>& listed) {
  ASSIGN_OR_RETURN(const auto stored, store_->list_segments());
  const std::set<storage::SegmentUid> wanted(listed.begin(), listed.end()),
      present(stored.begin(), stored.end());
  for (const storage::SegmentUid& uid : wanted) {
    if (!present.contains(uid)) {
      return Error(error_types::kCorruption,
                   "segment [" + uid.hex() + "] is in the catalog but not in the store");
    }
  }
  for (const storage::SegmentUid& uid : present) {
    if (!wanted.contains(uid)) RETURN_IF_ERROR(store_->drop_segment(uid));
  }
  return {};
}

Status EngineImpl::open_translog() {
  DocumentParser parser;
  Arena arena;
  std::string sources;
  const auto needed = [&](const FrameHead& head) {
    const auto at = partitions_.find(head.partition);
    return at != partitions_.end() && head.max_seq_no > at->second->committed_seq_no();
  };
  const auto partitions_of =
      [&](std::string_view payload) -> Result<std::vector<storage::PartitionId>> {
    ASSIGN_OR_RETURN(const FrameHead head, decode_frame_head(payload));
    std::vector<storage::PartitionId> ids;
    if (needed(head)) ids.push_back(head.partition);
    return ids;
  };
  const auto replay = [&](storage::Lsn lsn, std::string_view payload) -> Status {
    ASSIGN_OR_RETURN(const FrameHead head, decode_frame_head(payload));
    if (!needed(head)) return {};
    ASSIGN_OR_RETURN(const OpsFrame frame, decode_frame(payload, sources));
    return partitions_[head.partition]->replay(lsn, frame, parser, arena);
  };
  ASSIGN_OR_RETURN(translog_, storage::Translog::open(folder_->fs(), folder_->translog_folder(), {},
                                                      partitions_of, replay));
  return {};
}

Status EngineImpl::close() {
  if (closed_) return {};
  closed_ = true;
  if (background_ != nullptr) background_->stop();
  RETURN_IF_ERROR(health_.status());
  for (const PartitionPtr& each : partitions()) {
    if (each->has_unsealed()) RETURN_IF_ERROR(each->seal());
  }
  return {};
}

Status EngineImpl::verify() { return store_->verify(); }

EngineImpl::PartitionPtr EngineImpl::partition(storage::PartitionId id) const {
  const std::shared_lock guard(partitions_mutex_);
  const auto at = partitions_.find(id);
  return at == partitions_.end() ? nullptr : at->second;
}

std::vector<EngineImpl::PartitionPtr> EngineImpl::partitions() const {
  const std::shared_lock guard(partitions_mutex_);
  std::vector<PartitionPtr> all;
  all.reserve(partitions_.size());
  for (const auto& [id, each] : partitions_) all.push_back(each);
  return all;
}

void EngineImpl::note_unrefreshed(Partition& written) {
  if (background_ != nullptr) background_->note_unrefreshed(written);
}
void EngineImpl::request_seal(Partition& partition, SealScope scope) {
  if (background_ != nullptr) background_->request_seal(partition, scope);
}
void EngineImpl::request_merge(Partition& grown) {
  if (background_ != nullptr) background_->request_merge(grown);
}

// Keeps recovery short: while too much is in the log alone, the partition that pins its oldest part
// is sealed.
void EngineImpl::bound_log() {
  if (background_ == nullptr) return;
  const bool long_log = translog_->bytes() > limits_.translog_bytes_max;
  const bool many_rows = unsealed_rows.load() > static_cast<int64_t>(limits_.unsealed_rows_max);
  if (!long_log && !many_rows) return;
  if (const auto pinning = translog_->oldest_pin()) {
    if (const PartitionPtr oldest = partition(*pinning)) request_seal(*oldest, SealScope::kAll);
  }
}

}  // namespace stratalog::index
