// RocksDB's statuses as our errors. Included by storage/rocks_*.cc only.
#pragma once

#include <string_view>

#include "base/error.h"

namespace rocksdb {
class Status;
}

namespace stratalog::storage {

// `status` is not ok. Corruptions become corruption_exception, everything else io_exception (with
// "disk_full").
Error to_error(std::string_view action, const rocksdb::Status& status);

}  // namespace stratalog::storage
