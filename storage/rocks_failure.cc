#include "storage/rocks_failure.h"

#include <rocksdb/listener.h>

#include "base/log.h"
#include "storage/rocks_status.h"

namespace stratalog::storage {

void StoreFailure::set(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (error_) return;
  error_ = error;
  log::error("store", "failed, no write is accepted until it is reopened",
             {{"reason", error.reason}});
}

void StoreFailure::clear() {
  const std::lock_guard lock(mutex_);
  error_.reset();
}

Status StoreFailure::check() const {
  const std::lock_guard lock(mutex_);
  if (error_) return *error_;
  return {};
}

namespace {

class FailureListener final : public rocksdb::EventListener {
 public:
  explicit FailureListener(StoreFailure& failure) : failure_(failure) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    if (status != nullptr && !status->ok())
      failure_.set(to_error("the store failed in the background", *status));
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    if (auto_recovery != nullptr) *auto_recovery = false;
  }

 private:
  StoreFailure& failure_;
};

}  // namespace

std::shared_ptr<rocksdb::EventListener> make_failure_listener(StoreFailure& failure) {
  return std::make_shared<FailureListener>(failure);
}

}  // namespace stratalog::storage
