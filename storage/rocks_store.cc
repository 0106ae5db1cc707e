// The store on RocksDB: database in <folder>/db, segment files being written in <folder>/incoming.
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/statistics.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "base/ensure.h"
#include "base/log.h"
#include "storage/rocks_env.h"
#include "storage/rocks_options.h"
#include "storage/rocks_status.h"
#include "storage/segment_key.h"
#include "storage/segment_registry.h"
#include "storage/store.h"
#include "storage/wal_check.h"

namespace stratalog::storage {

class PinnedBlock::Impl {
 public:
  // The cache before the slice that is pinned in it: members die in reverse order.
  explicit Impl(std::shared_ptr<rocksdb::Cache> cache) : cache_(std::move(cache)) {}
  rocksdb::PinnableSlice& slice() { return slice_; }

 private:
  std::shared_ptr<rocksdb::Cache> cache_;
  rocksdb::PinnableSlice slice_;
};

PinnedBlock::PinnedBlock() = default;
PinnedBlock::PinnedBlock(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)), bytes_(impl_->slice().data(), impl_->slice().size()) {}
PinnedBlock::~PinnedBlock() = default;
PinnedBlock::PinnedBlock(PinnedBlock&& other) noexcept
    : impl_(std::move(other.impl_)), bytes_(std::exchange(other.bytes_, {})) {}
PinnedBlock& PinnedBlock::operator=(PinnedBlock&& other) noexcept {
  impl_ = std::move(other.impl_);
  bytes_ = std::exchange(other.bytes_, {});
  return *this;
}

PinnedBlock PinnedBlock::copy(std::string_view bytes) {
  auto impl = std::make_unique<Impl>(nullptr);
  impl->slice().PinSelf(rocksdb::Slice(bytes.data(), bytes.size()));
  return PinnedBlock(std::move(impl));
}

namespace {

// A page of scan(): it bounds memory and the time for which reopen() waits.
constexpr uint64_t kScanPageBytes = 1 << 20;
// Damaged files that verify() names.
constexpr size_t kVerifyFindingsMax = 10;

rocksdb::Slice slice_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

// The least key that is greater than every key with the prefix; empty: there is none.
std::string end_of_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

// The first error after which nothing may be written until the database was opened again.
class Failure {
 public:
  void set(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (error_) return;
    error_ = error;
    log::error("store", "failed, no write is accepted until it is reopened",
               {{"reason", error.reason}});
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    error_.reset();
  }
  Status check() const {
    const std::lock_guard lock(mutex_);
    if (error_) return *error_;
    return {};
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Error> error_;
};

class FailureListener final : public rocksdb::EventListener {
 public:
  explicit FailureListener(Failure& failure) : failure_(failure) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    if (status != nullptr && !status->ok())
      failure_.set(to_error("the store failed in the background", *status));
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    if (auto_recovery != nullptr) *auto_recovery = false;
  }

 private:
  Failure& failure_;
};

// One opening of the database.
class OpenDb {
 public:
  static Result<std::unique_ptr<OpenDb>> open(const FileSystem& fs, const std::string& path,
                                              const RocksShared& shared) {
    RETURN_IF_ERROR(check_wals(fs, path));
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    families.emplace_back(rocksdb::kDefaultColumnFamilyName,
                          segments_options(shared));  // RocksDB wants it; unused
    families.emplace_back("catalog", catalog_options(shared));
    families.emplace_back("segments", segments_options(shared));
    auto open = std::make_unique<OpenDb>();
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::Open(db_options(shared), path, families, &open->handles_, &db);
    if (!status.ok()) return to_error("cannot open the store in [" + path + "]", status);
    open->db_.reset(db);
    return open;
  }

  ~OpenDb() {
    if (!db_) return;
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      // Only frees the handle; its status says nothing here.
      static_cast<void>(db_->DestroyColumnFamilyHandle(handle));
    }
    const rocksdb::Status closed = db_->Close();
    if (!closed.ok()) log::warn("store", "was not closed cleanly", {{"reason", closed.ToString()}});
  }

  // Moves the catalog's last changes from the log into a file, whose checksums tell any damage.
  void flush_catalog() {
    const rocksdb::Status flushed = db_->Flush({}, catalog());
    if (!flushed.ok())
      log::warn("store", "the catalog was not flushed", {{"reason", flushed.ToString()}});
  }

  rocksdb::DB& db() { return *db_; }
  rocksdb::ColumnFamilyHandle* catalog() const { return handles_[1]; }
  rocksdb::ColumnFamilyHandle* segments() const { return handles_[2]; }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

// The database with its segments; shared by the store, its handles and writers, so that each may
// die in any order.
//
// Locks: db_mutex_ is held shared over every use of db_, exclusively to exchange it.
class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(FileSystem& fs, const std::string& folder, const StoreOptions& options)
      : fs_(fs),
        db_folder_(folder + "/db"),
        incoming_folder_(folder + "/incoming"),
        env_(make_rocks_env(fs, [this] { return failure_.check().ok(); })) {
    shared_.env = env_.get();
    shared_.cache = make_cache(options);
    shared_.statistics = make_statistics();
    shared_.listener = std::make_shared<FailureListener>(failure_);
  }

  Status start() {
    RETURN_IF_ERROR(fs_.create_folders(db_folder_));
    RETURN_IF_ERROR(fs_.create_folders(incoming_folder_));
    ASSIGN_OR_RETURN(const std::vector<std::string> left_over, fs_.list(incoming_folder_));
    for (const std::string& name : left_over)
      RETURN_IF_ERROR(fs_.remove(incoming_folder_ + "/" + name));
    return open_db();
  }

  void close() {
    const std::unique_lock lock(db_mutex_);
    if (db_ && failure_.check()) db_->flush_catalog();
    db_.reset();
  }

  Status reopen() {
    RETURN_IF_ERROR(exchange_db());
    // Those whose removal failed when the database had.
    for (const SegmentUid& uid : registry_.to_remove()) report_removal(remove_file(uid));
    return failure_.check();
  }

  // Catalog.

  Result<std::optional<std::string>> get(std::string_view key) const {
    const std::shared_lock lock(db_mutex_);
    RETURN_IF_ERROR(check_open());
    std::string value;
    const rocksdb::Status status = db_->db().Get({}, db_->catalog(), slice_of(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return to_error("cannot read the catalog", status);
    return std::optional<std::string>(std::move(value));
  }

  Status write(const CatalogBatch& batch) {
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

  Status status() const { return failure_.check(); }

  struct Page {
    std::vector<std::pair<std::string, std::string>> records;
    bool last = false;
  };
  // From `first` up to but without `end` (empty: to the end of the family).
  Result<Page> read_page(const std::string& first, const std::string& end) const {
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

  // Segments.

  Result<PinnedBlock> read_block(const SegmentUid& uid, uint32_t block, CacheUse use) const {
    const std::shared_lock lock(db_mutex_);
    RETURN_IF_ERROR(check_open());
    auto pinned = std::make_unique<PinnedBlock::Impl>(shared_.cache);
    rocksdb::ReadOptions options;
    options.fill_cache = use == CacheUse::kFill;
    const SegmentKey key(uid, block);
    const rocksdb::Status status =
        db_->db().Get(options, db_->segments(), slice_of(key.bytes()), &pinned->slice());
    if (status.ok()) return PinnedBlock(std::move(pinned));
    const std::string name = "block " + std::to_string(block) + " of segment [" + uid.hex() + "]";
    if (status.IsNotFound()) return Error(error_types::kCorruption, name + " is missing");
    return to_error("cannot read " + name, status);
  }

  std::string incoming_path(const SegmentUid& uid) const {
    return incoming_folder_ + "/" + uid.hex() + ".sst";
  }
  FileSystem& fs() { return fs_; }

  rocksdb::Options file_options() const { return {db_options(shared_), segments_options(shared_)}; }

  Status check_writable() const { return failure_.check(); }

  // Takes over the finished file at `path`.
  Result<std::shared_ptr<SegmentHandle>> ingest(const SegmentFacts& facts,
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

  Result<std::shared_ptr<SegmentHandle>> make_handle(const SegmentUid& uid);

  void handle_died(const SegmentUid& uid) {
    if (registry_.give_back(uid)) report_removal(remove_file(uid));
  }

  Status drop(const SegmentUid& uid) { return registry_.drop(uid) ? remove_file(uid) : Status(); }

  std::vector<SegmentUid> list() const { return registry_.list(); }

  Status verify() const {
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

  StoreStats stats() const {
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

 private:
  Status exchange_db() {
    const std::unique_lock lock(db_mutex_);
    db_.reset();
    failure_.clear();
    const Status opened = open_db();
    if (!opened) failure_.set(opened.error());
    return opened;
  }

  // Under db_mutex_.
  Status open_db() {
    ASSIGN_OR_RETURN(db_, OpenDb::open(fs_, db_folder_, shared_));
    RETURN_IF_ERROR(undo_uncertain());
    return load_registry();
  }

  // After a failed write the batch may be in the log of the database or not. Who wrote it was told
  // that it failed and goes on from what was before, so that is written again when the database is
  // reopened. Under db_mutex_, shared: the failed batch is not in memory, old values can be read.
  void note_uncertain(const CatalogBatch& batch) {
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

  // Under db_mutex_.
  Status undo_uncertain() {
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

  // Under db_mutex_.
  Status check_open() const {
    if (db_) return {};
    RETURN_IF_ERROR(failure_.check());
    return Error(error_types::kIllegalState, "the store is closed");
  }

  Result<std::vector<rocksdb::LiveFileMetaData>> live_files() const {
    const std::shared_lock lock(db_mutex_);
    RETURN_IF_ERROR(check_open());
    std::vector<rocksdb::LiveFileMetaData> files;
    db_->db().GetLiveFilesMetaData(&files);
    return files;
  }

  // The segments that the database has, from its file list. Under db_mutex_.
  Status load_registry() {
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

  // Of a dropped segment without handles. Not after a failure: the catalog on the disk may still
  // list it. reopen() makes up for it.
  Status remove_file(const SegmentUid& uid) {
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

  void report_removal(const Status& removed) const {
    if (!removed)
      log::warn("store", "removal of a segment waits", {{"reason", removed.error().reason}});
  }

  Status verify_file(const rocksdb::LiveFileMetaData& file) const {
    const std::string path = file.db_path + file.name;
    const bool is_segment = file.column_family_name == "segments";
    const rocksdb::Options options(
        db_options(shared_), is_segment ? segments_options(shared_) : catalog_options(shared_));
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

  bool still_live(const rocksdb::LiveFileMetaData& file) const {
    const auto files = live_files();
    return !files ||
           std::any_of(files->begin(), files->end(), [&](const rocksdb::LiveFileMetaData& live) {
             return live.name == file.name;
           });
  }

  FileSystem& fs_;
  const std::string db_folder_;
  const std::string incoming_folder_;
  Failure failure_;
  const std::shared_ptr<rocksdb::Env> env_;
  RocksShared shared_;

  mutable std::shared_mutex db_mutex_;
  std::unique_ptr<OpenDb> db_;

  std::mutex uncertain_mutex_;
  std::map<std::string, std::optional<std::string>> uncertain_;  // values before failed writes
  std::optional<Error> unreadable_;  // one of them could not be read: only a new start helps

  SegmentRegistry registry_;
};

class RocksSegmentHandle final : public SegmentHandle {
 public:
  RocksSegmentHandle(std::shared_ptr<Core> core, const SegmentFacts& facts)
      : core_(std::move(core)), facts_(facts) {}
  ~RocksSegmentHandle() override { core_->handle_died(facts_.uid); }

  const SegmentUid& uid() const override { return facts_.uid; }
  uint64_t file_bytes() const override { return facts_.file_bytes; }
  uint32_t block_count() const override { return facts_.block_count; }
  Result<PinnedBlock> get(uint32_t block, CacheUse use) const override {
    return core_->read_block(facts_.uid, block, use);
  }

 private:
  const std::shared_ptr<Core> core_;
  const SegmentFacts facts_;
};

Result<std::shared_ptr<SegmentHandle>> Core::make_handle(const SegmentUid& uid) {
  const std::optional<SegmentFacts> facts = registry_.acquire(uid);
  if (!facts) {
    return Error(error_types::kCorruption, "segment [" + uid.hex() + "] is not in the store");
  }
  return std::shared_ptr<SegmentHandle>(
      std::make_shared<RocksSegmentHandle>(shared_from_this(), *facts));
}

class RocksSegmentFileWriter final : public SegmentFileWriter {
 public:
  explicit RocksSegmentFileWriter(std::shared_ptr<Core> core)
      : core_(std::move(core)), path_(core_->incoming_path(uid_)), options_(core_->file_options()) {
    // A new segment is asked for at once: leave its pages to the system.
    writer_ = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(options_), options_,
                                                       nullptr, false);
  }

  ~RocksSegmentFileWriter() override {
    writer_.reset();
    if (opened_ && core_->fs().exists(path_)) static_cast<void>(core_->fs().remove(path_));
  }

  Status start() {
    RETURN_IF_ERROR(core_->check_writable());
    const rocksdb::Status status = writer_->Open(path_);
    opened_ = true;
    if (!status.ok()) return to_error("cannot create segment file [" + path_ + "]", status);
    return {};
  }

  const SegmentUid& uid() const override { return uid_; }

  Result<uint32_t> add(std::string_view block) override {
    ENSURE(!finished_, "block added to a finished segment");
    const SegmentKey key(uid_, block_count_);
    const rocksdb::Status status = writer_->Put(slice_of(key.bytes()), slice_of(block));
    if (!status.ok()) return to_error("cannot write segment file [" + path_ + "]", status);
    bytes_written_ += block.size();
    return block_count_++;
  }

  uint32_t block_count() const override { return block_count_; }
  uint64_t bytes_written() const override { return bytes_written_; }

  Result<std::shared_ptr<SegmentHandle>> finish() override {
    ENSURE(!finished_, "segment finished twice");
    finished_ = true;
    if (block_count_ == 0)
      return Error(error_types::kIllegalState, "a segment without blocks cannot be finished");
    rocksdb::ExternalSstFileInfo info;
    const rocksdb::Status status = writer_->Finish(&info);
    if (!status.ok()) return to_error("cannot finish segment file [" + path_ + "]", status);
    return core_->ingest({uid_, info.file_size, block_count_}, path_);
  }

 private:
  const std::shared_ptr<Core> core_;
  const SegmentUid uid_ = SegmentUid::random();
  const std::string path_;
  const rocksdb::Options options_;
  std::unique_ptr<rocksdb::SstFileWriter> writer_;
  uint32_t block_count_ = 0;
  uint64_t bytes_written_ = 0;
  bool opened_ = false;
  bool finished_ = false;
};

class RocksStore final : public Store {
 public:
  explicit RocksStore(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  ~RocksStore() override { core_->close(); }

  Result<std::optional<std::string>> get(std::string_view key) const override {
    return core_->get(key);
  }
  Status write(const CatalogBatch& batch) override { return core_->write(batch); }

  Status scan(
      std::string_view prefix,
      const std::function<Status(std::string_view, std::string_view)>& visit) const override {
    const std::string end = end_of_prefix(prefix);
    std::string first(prefix);
    for (;;) {
      ASSIGN_OR_RETURN(const Core::Page page, core_->read_page(first, end));
      for (const auto& [key, value] : page.records) RETURN_IF_ERROR(visit(key, value));
      if (page.last) return {};
      first = page.records.back().first + '\0';
    }
  }

  Result<std::unique_ptr<SegmentFileWriter>> create_segment() override {
    auto writer = std::make_unique<RocksSegmentFileWriter>(core_);
    RETURN_IF_ERROR(writer->start());
    return std::unique_ptr<SegmentFileWriter>(std::move(writer));
  }
  Result<std::shared_ptr<SegmentHandle>> open_segment(const SegmentUid& uid) override {
    return core_->make_handle(uid);
  }
  Status drop_segment(const SegmentUid& uid) override { return core_->drop(uid); }
  Result<std::vector<SegmentUid>> list_segments() const override { return core_->list(); }

  Status status() const override { return core_->status(); }
  Status reopen() override { return core_->reopen(); }
  Status verify() const override { return core_->verify(); }
  StoreStats stats() const override { return core_->stats(); }

 private:
  const std::shared_ptr<Core> core_;
};

}  // namespace

Result<std::unique_ptr<Store>> Store::open(FileSystem& fs, const std::string& folder,
                                           const StoreOptions& options) {
  auto core = std::make_shared<Core>(fs, folder, options);
  RETURN_IF_ERROR(core->start());
  return std::unique_ptr<Store>(std::make_unique<RocksStore>(std::move(core)));
}

}  // namespace stratalog::storage
