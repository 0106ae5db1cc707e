// The database with its segments; shared by the store, its handles and writers, so that each may
// die in any order.
//
// Threads any. db_mutex_ is held shared over every use of db_, exclusively to exchange it.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/rocks_db.h"
#include "storage/rocks_failure.h"
#include "storage/rocks_options.h"
#include "storage/segment_registry.h"
#include "storage/store.h"

namespace stratalog::storage {

class RocksCore : public std::enable_shared_from_this<RocksCore> {
 public:
  RocksCore(FileSystem& fs, const std::string& folder, const StoreOptions& options);

  // Removes what a killed process left unfinished, and opens the database.
  Status start();
  void close();
  Status reopen();

  // Catalog.
  Result<std::optional<std::string>> get(std::string_view key) const;
  Status write(const CatalogBatch& batch);
  Status status() const { return failure_.check(); }

  struct Page {
    std::vector<std::pair<std::string, std::string>> records;
    bool last = false;
  };
  // From `first` up to but without `end` (empty: to the end of the family).
  Result<Page> read_page(const std::string& first, const std::string& end) const;

  // Segments.
  Result<PinnedBlock> read_block(const SegmentUid& uid, uint32_t block, CacheUse use) const;
  std::string incoming_path(const SegmentUid& uid) const;
  FileSystem& fs() { return fs_; }
  rocksdb::Options file_options() const { return {db_options(shared_), segments_options(shared_)}; }
  Status check_writable() const { return failure_.check(); }

  // Takes over the finished file at `path`.
  Result<std::shared_ptr<SegmentHandle>> ingest(const SegmentFacts& facts, const std::string& path);
  Result<std::shared_ptr<SegmentHandle>> make_handle(const SegmentUid& uid);
  void handle_died(const SegmentUid& uid);
  Status drop(const SegmentUid& uid) { return registry_.drop(uid) ? remove_file(uid) : Status(); }
  std::vector<SegmentUid> list() const { return registry_.list(); }
  Status verify() const;
  StoreStats stats() const;

 private:
  Status exchange_db();

  // Under db_mutex_.
  Status open_db();

  // After a failed write the batch may be in the log of the database or not. Who wrote it was told
  // that it failed and goes on from what was before, so that is written again when the database is
  // reopened. Under db_mutex_, shared: the failed batch is not in memory, old values can be read.
  void note_uncertain(const CatalogBatch& batch);

  // Under db_mutex_.
  Status undo_uncertain();

  // Under db_mutex_.
  Status check_open() const;

  Result<std::vector<rocksdb::LiveFileMetaData>> live_files() const;

  // The segments that the database has, from its file list. Under db_mutex_.
  Status load_registry();

  // Of a dropped segment without handles. Not after a failure: the catalog on the disk may still
  // list it. reopen() makes up for it.
  Status remove_file(const SegmentUid& uid);

  void report_removal(const Status& removed) const;
  Status verify_file(const rocksdb::LiveFileMetaData& file) const;
  bool still_live(const rocksdb::LiveFileMetaData& file) const;

  FileSystem& fs_;
  const std::string db_folder_;
  const std::string incoming_folder_;
  StoreFailure failure_;
  const std::shared_ptr<rocksdb::Env> env_;
  RocksShared shared_;

  mutable std::shared_mutex db_mutex_;
  std::unique_ptr<OpenDb> db_;

  std::mutex uncertain_mutex_;
  std::map<std::string, std::optional<std::string>> uncertain_;  // values before failed writes
  std::optional<Error> unreadable_;  // one of them could not be read: only a new start helps

  SegmentRegistry registry_;
};

}  // namespace stratalog::storage
