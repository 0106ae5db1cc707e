#include "storage/rocks_status.h"

#include <rocksdb/status.h>

#include <cerrno>
#include <cstring>

namespace stratalog::storage {

namespace {

bool tells_full_disk(const rocksdb::Status& status, std::string_view text) {
  char quota[128];
  // RocksDB has a sub-code for ENOSPC, none for EDQUOT.
  return status.IsNoSpace() ||
         text.find(::strerror_r(EDQUOT, quota, sizeof(quota))) != std::string_view::npos;
}

}  // namespace

Error to_error(std::string_view action, const rocksdb::Status& status) {
  const std::string text = status.ToString();
  Error error(status.IsCorruption() ? error_types::kCorruption : error_types::kIo,
              std::string(action) + ": " + text);
  if (tells_full_disk(status, text)) return std::move(error).with("disk_full", "true");
  return error;
}

}  // namespace stratalog::storage
