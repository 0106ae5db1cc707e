// The bytes of a block where RocksDB pins them in its cache; and its slices of ours.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/slice.h>

#include <memory>
#include <string_view>
#include <utility>

#include "storage/store.h"

namespace stratalog::storage {

inline rocksdb::Slice slice_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

class PinnedBlock::Impl {
 public:
  // The cache before the slice that is pinned in it: members die in reverse order.
  explicit Impl(std::shared_ptr<rocksdb::Cache> cache) : cache_(std::move(cache)) {}
  rocksdb::PinnableSlice& slice() { return slice_; }

 private:
  std::shared_ptr<rocksdb::Cache> cache_;
  rocksdb::PinnableSlice slice_;
};

}  // namespace stratalog::storage
