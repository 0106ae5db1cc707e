// One opening of the database: the catalog's and the segments' column family in one folder.
#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/fs.h"
#include "storage/rocks_options.h"

namespace stratalog::storage {

class OpenDb {
 public:
  // Fails with corruption_exception where the database's log is damaged (storage/wal_check.h).
  static Result<std::unique_ptr<OpenDb>> open(const FileSystem& fs, const std::string& path,
                                              const RocksShared& shared);
  OpenDb() = default;
  OpenDb(const OpenDb&) = delete;
  OpenDb& operator=(const OpenDb&) = delete;
  ~OpenDb();

  // Moves the catalog's last changes from the log into a file, whose checksums tell any damage.
  void flush_catalog();

  rocksdb::DB& db() { return *db_; }
  rocksdb::ColumnFamilyHandle* catalog() const { return handles_[1]; }
  rocksdb::ColumnFamilyHandle* segments() const { return handles_[2]; }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace stratalog::storage
