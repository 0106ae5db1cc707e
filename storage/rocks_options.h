// How RocksDB is set up for the two families, with the reason for each value. Included by
// storage/rocks_*.cc only.
#pragma once

#include <memory>

#include "storage/store.h"

namespace rocksdb {
class Cache;
class Env;
class EventListener;
class Statistics;
struct ColumnFamilyOptions;
struct DBOptions;
}  // namespace rocksdb

namespace stratalog::storage {

// What outlives one opening of the database.
struct RocksShared {
  rocksdb::Env* env = nullptr;
  std::shared_ptr<rocksdb::Cache> cache;
  std::shared_ptr<rocksdb::Statistics> statistics;
  std::shared_ptr<rocksdb::EventListener> listener;
};

std::shared_ptr<rocksdb::Cache> make_cache(const StoreOptions& options);
std::shared_ptr<rocksdb::Statistics> make_statistics();

rocksdb::DBOptions db_options(const RocksShared& shared);
rocksdb::ColumnFamilyOptions catalog_options(const RocksShared& shared);
rocksdb::ColumnFamilyOptions segments_options(const RocksShared& shared);

}  // namespace stratalog::storage
