// The first error after which nothing may be written until the database was opened again.
//
// Threads any.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "base/result.h"

namespace rocksdb {
class EventListener;
}

namespace stratalog::storage {

class StoreFailure {
 public:
  void set(const Error& error);  // only the first one counts
  void clear();
  Status check() const;

 private:
  mutable std::mutex mutex_;
  std::optional<Error> error_;
};

// Sets it when RocksDB fails in the background; RocksDB does not try to recover by itself then.
// Life  `failure` must outlive it.
std::shared_ptr<rocksdb::EventListener> make_failure_listener(StoreFailure& failure);

}  // namespace stratalog::storage
