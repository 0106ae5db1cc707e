// Tells damage of RocksDB's write-ahead log from what a crash leaves of it, before RocksDB reads
// it.
//
// RocksDB either refuses every damaged record, also one that a power cut left half written, or
// stops at the first one and forgets what follows, although it was acknowledged. As every write of
// ours is synced before the next one begins, one rule tells the two apart: a bad record with the
// beginning of another one behind it was durable once. Format: RocksDB's wiki, "Write Ahead Log
// File Format" (fragments of records in blocks of 32 KiB, each with a masked crc32c).
//
// Errors  corruption_exception that names file and offset; io_exception.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/fs.h"

namespace stratalog::storage {

// Checks every log of the database in `folder`, which need not be there.
Status check_wals(const FileSystem& fs, const std::string& folder);

// The offset of a bad record that was durable; none if `log` is whole or ends in a torn record.
std::optional<uint64_t> find_damaged_record(std::string_view log);

}  // namespace stratalog::storage
