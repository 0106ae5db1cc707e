#include "storage/rocks_core.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/statistics.h>
#include <rocksdb/write_batch.h>

#include <algorithm>

#include "base/log.h"
#include "base/thread_memory.h"
#include "storage/rocks_block.h"
#include "storage/rocks_env.h"
#include "storage/rocks_status.h"
#include "storage/segment_key.h"

namespace stratalog::storage {

namespace {

// A page of scan(): it bounds memory and the time for which reopen() waits.
constexpr uint64_t kScanPageBytes = 1 << 20;
// Damaged files that verify() names.
constexpr size_t kVerifyFindingsMax = 10;

class RocksSegmentHandle final : public SegmentHandle {
 public:
  RocksSegmentHandle(std::shared_ptr<RocksCore> core, const SegmentFacts& facts)
      : core_(std::move(core)), facts_(facts) {}
  ~RocksSegmentHandle() override { core_->handle_died(facts_.uid); }

  const SegmentUid& uid() const override { return facts_.uid; }
  uint64_t file_bytes() const override { return facts_.file_bytes; }
  uint32_t block_count() const override { return facts_.block_count; }
  Result<PinnedBlock> get(uint32_t block, CacheUse use) const override {
    return core_->read_block(facts_.uid, block, use);
  }

 private:
  const std::shared_ptr<RocksCore> core_;
  const SegmentFacts facts_;
};

}  // namespace

RocksCore::RocksCore(FileSystem& fs, const std::string& folder, const StoreOptions& options)
    : fs_(fs),
      db_folder_(folder + "/db"),
      incoming_folder_(folder + "/incoming"),
      env_(make_rocks_env(fs, [this] { return failure_.check().ok(); })) {
  shared_.env = env_.get();
  shared_.cache = make_cache(options);
  shared_.statistics = make_statistics();
  shared_.listener = make_failure_listener(failure_);
}

Status RocksCore::start() {
  RETURN_IF_ERROR(fs_.create_folders(db_folder_));
  RETURN_IF_ERROR(fs_.create_folders(incoming_folder_));
  ASSIGN_OR_RETURN(const std::vector<std::string> left_over, fs_.list(incoming_folder_));
  for (const std::string& name : left_over)
    RETURN_IF_ERROR(fs_.remove(incoming_folder_ + "/" + name));
  return open_db();
}

void RocksCore::close() {
  const std::unique_lock lock(db_mutex_);
  if (db_ && failure_.check()) db_->flush_catalog();
  db_.reset();
}

Status RocksCore::reopen() {
  RETURN_IF_ERROR(exchange_db());
  // Those whose removal failed when the database had.
  for (const SegmentUid& uid : registry_.to_remove()) report_removal(remove_file(uid));
  return failure_.check();
}

Result<std::optional<std::string>> RocksCore::get(std::string_view key) const {
  const std::shared_lock lock(db_mutex_);
  RETURN_IF_ERROR(check_open());
  std::string value;
  const rocksdb::Status status = db_->db().Get({}, db_->catalog(), slice_of(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return to_error("cannot read the catalog", status);
  return std::optional<std::string>(std::move(value));
}

Status RocksCore::write(const CatalogBatch& batch) {
  const std::shared_lock lock(db_mutex_);
  RETURN_IF_ERROR(check_open());
  RETURN_IF_ERROR(failure_.check());
  if (batch.empty()) return {};
  rocksdb::WriteBatch changes;
  for (const CatalogBatch::Change& change : batch.changes()) {
    const rocksdb::Status added = change.value
                                      ? changes.Put(db_->catalog(), change.key, *change.value)
                                      : changes.Delete(db_->catalog(), change.key);
    if (!added.ok()) return to_error("cannot write the catalog", added);
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status status = db_->db().Write(options, &changes);
  if (status.ok()) return {};
  failure_.set(to_error("cannot write the catalog", status));
  note_uncertain(batch);
  return failure_.check();
}

Result<RocksCore::Page> RocksCore::read_page(const std::string& first,
                                             const std::string& end) const {
  const std::shared_lock lock(db_mutex_);
  RETURN_IF_ERROR(check_open());
  rocksdb::ReadOptions options;
  const rocksdb::Slice bound(end);
  if (!end.empty()) options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> at(db_->db().NewIterator(options, db_->catalog()));
  Page page;
  uint64_t bytes = 0;
  for (at->Seek(first); at->Valid() && bytes < kScanPageBytes; at->Next()) {
    page.records.emplace_back(at->key().ToString(), at->value().ToString());
    bytes += at->key().size() + at->value().size();
  }
  if (!at->status().ok()) return to_error("cannot read the catalog", at->status());
  page.last = !at->Valid();
  return page;
}

Result<PinnedBlock> RocksCore::read_block(const SegmentUid& uid, uint32_t block,
                                          CacheUse use) const {
  const std::shared_lock lock(db_mutex_);
  RETURN_IF_ERROR(check_open());
  auto pinned = std::make_unique<PinnedBlock::Impl>(shared_.cache);
  rocksdb::ReadOptions options;
  options.fill_cache = use == CacheUse::kFill;
  const SegmentKey key(uid, block);
  const CacheFill fill;
  const rocksdb::Status status =
      db_->db().Get(options, db_->segments(), slice_of(key.bytes()), &pinned->slice());
  if (status.ok()) return PinnedBlock(std::move(pinned));
  const std::string name = "block " + std::to_string(block) + " of segment [" + uid.hex() + "]";
  if (status.IsNotFound()) return Error(error_types::kCorruption, name + " is missing");
  return to_error("cannot read " + name, status);
}

std::string RocksCore::incoming_path(const SegmentUid& uid) const {
  return incoming_folder_ + "/" + uid.hex() + ".sst";
}

Result<std::shared_ptr<SegmentHandle>> RocksCore::ingest(const SegmentFacts& facts,
                                                         const std::string& path) {
  const std::shared_lock lock(db_mutex_);
  RETURN_IF_ERROR(check_open());
  RETURN_IF_ERROR(failure_.check());
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  options.snapshot_consistency = false;
  options.write_global_seqno = false;
  // Nothing may overlap a new segment, neither in the memtable nor in files. So it lands in the
  // lowest level with sequence number 0 or not at all.
  options.allow_global_seqno = false;
  options.allow_blocking_flush = false;
  options.fail_if_not_bottommost_level = true;
  const rocksdb::Status status = db_->db().IngestExternalFile(db_->segments(), {path}, options);
  if (!status.ok()) return to_error("cannot take in segment [" + facts.uid.hex() + "]", status);
  registry_.add(facts);
  return make_handle(facts.uid);
}

void RocksCore::handle_died(const SegmentUid& uid) {
  if (registry_.give_back(uid)) report_removal(remove_file(uid));
}

Status RocksCore::verify() const {
  ASSIGN_OR_RETURN(const std::vector<rocksdb::LiveFileMetaData> files, live_files());
  std::string findings;
  size_t count = 0;
  for (const rocksdb::LiveFileMetaData& file : files) {
    const Status checked = verify_file(file);
    if (checked) continue;
    if (++count > kVerifyFindingsMax) continue;
    findings.append(count > 1 ? "; " : "").append(checked.error().reason);
  }
  if (count == 0) return {};
  return Error(error_types::kCorruption,
               std::to_string(count) + " damaged files in the store: " + findings);
}

StoreStats RocksCore::stats() const {
  StoreStats stats;
  stats.cache_capacity_bytes = shared_.cache->GetCapacity();
  stats.cache_used_bytes = shared_.cache->GetUsage();
  stats.cache_hits = shared_.statistics->getTickerCount(rocksdb::BLOCK_CACHE_HIT);
  stats.cache_misses = shared_.statistics->getTickerCount(rocksdb::BLOCK_CACHE_MISS);
  const SegmentRegistry::Totals totals = registry_.totals();
  stats.segment_files = totals.files;
  stats.segment_bytes = totals.bytes;
  return stats;
}

Status RocksCore::exchange_db() {
  const std::unique_lock lock(db_mutex_);
  db_.reset();
  failure_.clear();
  const Status opened = open_db();
  if (!opened) failure_.set(opened.error());
  return opened;
}

Status RocksCore::open_db() {
  ASSIGN_OR_RETURN(db_, OpenDb::open(fs_, db_folder_, shared_));
  RETURN_IF_ERROR(undo_uncertain());
  return load_registry();
}

void RocksCore::note_uncertain(const CatalogBatch& batch) {
  const std::lock_guard lock(uncertain_mutex_);
  for (const CatalogBatch::Change& change : batch.changes()) {
    std::string value;
    const rocksdb::Status status = db_->db().Get({}, db_->catalog(), change.key, &value);
    if (status.ok()) {
      uncertain_.insert_or_assign(change.key, std::move(value));
    } else if (status.IsNotFound()) {
      uncertain_.insert_or_assign(change.key, std::nullopt);
    } else {
      unreadable_ = to_error("cannot read the catalog after a failed write", status);
    }
  }
}

Status RocksCore::undo_uncertain() {
  const std::lock_guard lock(uncertain_mutex_);
  if (unreadable_) return *unreadable_;
  if (uncertain_.empty()) return {};
  rocksdb::WriteBatch changes;
  for (const auto& [key, value] : uncertain_) {
    const rocksdb::Status added =
        value ? changes.Put(db_->catalog(), key, *value) : changes.Delete(db_->catalog(), key);
    if (!added.ok()) return to_error("cannot write the catalog", added);
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status status = db_->db().Write(options, &changes);
  if (!status.ok()) return to_error("cannot write the catalog", status);
  uncertain_.clear();
  return {};
}

Status RocksCore::check_open() const {
  if (db_) return {};
  RETURN_IF_ERROR(failure_.check());
  return Error(error_types::kIllegalState, "the store is closed");
}

Result<std::vector<rocksdb::LiveFileMetaData>> RocksCore::live_files() const {
  const std::shared_lock lock(db_mutex_);
  RETURN_IF_ERROR(check_open());
  std::vector<rocksdb::LiveFileMetaData> files;
  db_->db().GetLiveFilesMetaData(&files);
  return files;
}

Status RocksCore::load_registry() {
  rocksdb::ColumnFamilyMetaData family;
  db_->db().GetColumnFamilyMetaData(db_->segments(), &family);
  std::vector<SegmentFacts> present;
  for (const rocksdb::LevelMetaData& level : family.levels) {
    for (const rocksdb::SstFileMetaData& file : level.files) {
      const std::optional<SegmentUid> uid = SegmentKey::uid_of(file.smallestkey);
      if (!uid || uid != SegmentKey::uid_of(file.largestkey) || level.level == 0) {
        return Error(error_types::kCorruption,
                     "store file [" + db_folder_ + file.name + "] is no segment");
      }
      // Blocks are numbered without gaps, so the last one tells how many there are.
      present.push_back({*uid, file.size, SegmentKey::block_of(file.largestkey) + 1});
    }
  }
  registry_.replace(present);
  return {};
}

Status RocksCore::remove_file(const SegmentUid& uid) {
  const std::shared_lock lock(db_mutex_);
  RETURN_IF_ERROR(check_open());
  RETURN_IF_ERROR(failure_.check());
  const SegmentKey first(uid, 0);
  const SegmentKey last(uid, UINT32_MAX);
  const rocksdb::Slice begin = slice_of(first.bytes());
  const rocksdb::Slice end = slice_of(last.bytes());
  const rocksdb::Status status =
      rocksdb::DeleteFilesInRange(&db_->db(), db_->segments(), &begin, &end, true);
  if (!status.ok()) return to_error("cannot remove segment [" + uid.hex() + "]", status);
  registry_.erase(uid);
  return {};
}

void RocksCore::report_removal(const Status& removed) const {
  if (!removed)
    log::warn("store", "removal of a segment waits", {{"reason", removed.error().reason}});
}

Status RocksCore::verify_file(const rocksdb::LiveFileMetaData& file) const {
  const std::string path = file.db_path + file.name;
  const bool is_segment = file.column_family_name == "segments";
  const rocksdb::Options options(db_options(shared_),
                                 is_segment ? segments_options(shared_) : catalog_options(shared_));
  rocksdb::SstFileReader reader(options);
  rocksdb::Status status = reader.Open(path);
  if (status.ok()) status = reader.VerifyChecksum();
  if (status.ok()) return {};
  const std::optional<SegmentUid> uid =
      is_segment ? SegmentKey::uid_of(file.smallestkey) : std::nullopt;
  if (!still_live(file)) return {};
  return to_error(
      uid ? "segment [" + uid->hex() + "] in [" + path + "]" : "catalog file [" + path + "]",
      status);
}

bool RocksCore::still_live(const rocksdb::LiveFileMetaData& file) const {
  const auto files = live_files();
  return !files ||
         std::any_of(files->begin(), files->end(),
                     [&](const rocksdb::LiveFileMetaData& live) { return live.name == file.name; });
}

Result<std::shared_ptr<SegmentHandle>> RocksCore::make_handle(const SegmentUid& uid) {
  const std::optional<SegmentFacts> facts = registry_.acquire(uid);
  if (!facts) {
    return Error(error_types::kCorruption, "segment [" + uid.hex() + "] is not in the store");
  }
  return std::shared_ptr<SegmentHandle>(
      std::make_shared<RocksSegmentHandle>(shared_from_this(), *facts));
}

}  // namespace stratalog::storage
