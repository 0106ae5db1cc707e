// RocksDB on a FileSystem of ours. Included by storage/rocks_*.cc only.
#pragma once

#include <functional>
#include <memory>

#include "storage/fs.h"

namespace rocksdb {
class Env;
}

namespace stratalog::storage {

// RocksDB's own files on the machine's file system, or files through `fs`, which must outlive the
// result, on any other. Threads and clocks are the machine's.
//
// `may_remove` is asked before a table file is removed. A record that a failed sync left in the
// manifest may name a file that RocksDB removes because of that failure, and then the database
// never opens again; so nothing is removed between a failure and the next opening, which removes
// what is not needed.
std::shared_ptr<rocksdb::Env> make_rocks_env(FileSystem& fs, std::function<bool()> may_remove);

}  // namespace stratalog::storage
