// RocksDB on a FileSystem of ours. Included by storage/rocks_*.cc only.
#pragma once

#include <memory>

#include "storage/fs.h"

namespace rocksdb {
class Env;
}

namespace stratalog::storage {

// Files through `fs`, which must outlive it; threads and clocks are the machine's. For the real
// file system none is needed: RocksDB's own does more (readahead, direct system calls).
std::shared_ptr<rocksdb::Env> make_rocks_env(FileSystem& fs);

}  // namespace stratalog::storage
