#include "storage/rocks_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/statistics.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <bit>
#include <cstdarg>
#include <cstdio>

#include "base/log.h"

namespace stratalog::storage {

namespace {

// A catalog is some MB; its memtable is flushed at this size, which also bounds what a start
// replays.
constexpr uint64_t kCatalogWriteBufferBytes = 1 << 20;
constexpr uint64_t kWalBytesMax = 8 << 20;
// Blocks have up to 128 KiB: a shard of the cache should hold many.
constexpr uint64_t kCacheShardBytesMin = 8 << 20;
constexpr int kCacheShardBitsMax = 6;
// Index blocks are looked at for every get; this share of the cache is theirs before others push
// them out.
constexpr double kHighPriorityShare = 0.25;

// Warnings go to the server's own log, so that the folder has no log files of its own.
class WarningLogger final : public rocksdb::Logger {
 public:
  WarningLogger() : Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    Logv(rocksdb::InfoLogLevel::INFO_LEVEL, format, arguments);
  }
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < rocksdb::InfoLogLevel::WARN_LEVEL || level == rocksdb::InfoLogLevel::HEADER_LEVEL)
      return;
    char text[1024];
    std::vsnprintf(text, sizeof(text), format, arguments);
    const bool warning = level == rocksdb::InfoLogLevel::WARN_LEVEL;
    log::write(warning ? log::Level::kWarn : log::Level::kError, "rocksdb", text);
  }
};

std::shared_ptr<rocksdb::TableFactory> table_factory(const RocksShared& shared) {
  rocksdb::BlockBasedTableOptions table;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  table.block_cache = shared.cache;
  table.block_size = 4096;  // a value that is longer is a block by itself
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.cache_usage_options.options_overrides[rocksdb::CacheEntryRole::kBlockBasedTableReader]
      .charged = rocksdb::CacheEntryRoleOptions::Decision::kEnabled;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

}  // namespace

std::shared_ptr<rocksdb::Cache> make_cache(const StoreOptions& options) {
  rocksdb::LRUCacheOptions cache;
  cache.capacity = options.cache_bytes;
  const auto bits = static_cast<int>(
      std::bit_width(std::max<uint64_t>(options.cache_bytes / kCacheShardBytesMin, 1)) - 1);
  cache.num_shard_bits = std::min(bits, kCacheShardBitsMax);
  cache.high_pri_pool_ratio = kHighPriorityShare;
  return rocksdb::NewLRUCache(cache);
}

std::shared_ptr<rocksdb::Statistics> make_statistics() {
  auto statistics = rocksdb::CreateDBStatistics();
  statistics->set_stats_level(rocksdb::StatsLevel::kExceptHistogramOrTimers);
  return statistics;
}

rocksdb::DBOptions db_options(const RocksShared& shared) {
  rocksdb::DBOptions db;
  db.env = shared.env;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  db.max_open_files = 1024;
  db.max_manifest_file_size = 8 << 20;
  db.skip_stats_update_on_db_open = true;
  db.max_background_jobs = 2;
  db.max_total_wal_size = kWalBytesMax;
  // Damage is told from a torn tail by storage/wal_check.h before the log is read.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.track_and_verify_wals_in_manifest = true;
  db.max_bgerror_resume_count = 0;  // a failed database is closed and opened again, never resumed
  db.bytes_per_sync =
      1 << 20;  // a segment's file reaches the disk while it is written, not all at its end
  db.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(4 * kCatalogWriteBufferBytes, shared.cache);
  db.statistics = shared.statistics;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.listeners = {shared.listener};
  db.info_log = std::make_shared<WarningLogger>();
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  return db;
}

rocksdb::ColumnFamilyOptions catalog_options(const RocksShared& shared) {
  rocksdb::ColumnFamilyOptions family;
  family.table_factory = table_factory(shared);
  family.compression = rocksdb::kLZ4Compression;
  family.write_buffer_size = kCatalogWriteBufferBytes;
  family.target_file_size_base = 8 << 20;
  family.max_bytes_for_level_base = 32 << 20;
  return family;
}

rocksdb::ColumnFamilyOptions segments_options(const RocksShared& shared) {
  rocksdb::ColumnFamilyOptions family;
  family.table_factory = table_factory(shared);
  family.compression = rocksdb::kNoCompression;  // blocks come packed
  family.disable_auto_compactions = true;
  family.num_levels = 2;                // ingested files all lie in the lower one
  family.write_buffer_size = 64 << 10;  // nothing is ever written to it
  return family;
}

}  // namespace stratalog::storage
