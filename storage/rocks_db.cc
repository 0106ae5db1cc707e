#include "storage/rocks_db.h"

#include <rocksdb/options.h>

#include "base/log.h"
#include "storage/rocks_status.h"
#include "storage/wal_check.h"

namespace stratalog::storage {

Result<std::unique_ptr<OpenDb>> OpenDb::open(const FileSystem& fs, const std::string& path,
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

OpenDb::~OpenDb() {
  if (!db_) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    // Only frees the handle; its status says nothing here.
    static_cast<void>(db_->DestroyColumnFamilyHandle(handle));
  }
  const rocksdb::Status closed = db_->Close();
  if (!closed.ok()) log::warn("store", "was not closed cleanly", {{"reason", closed.ToString()}});
}

void OpenDb::flush_catalog() {
  const rocksdb::Status flushed = db_->Flush({}, catalog());
  if (!flushed.ok())
    log::warn("store", "the catalog was not flushed", {{"reason", flushed.ToString()}});
}

}  // namespace stratalog::storage
