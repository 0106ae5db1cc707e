// An immutable value that one side replaces and any thread takes: readers keep the one they took.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace stratalog::index {

template <typename T>
class Published {
 public:
  explicit Published(std::shared_ptr<const T> first = nullptr) : current_(std::move(first)) {}

  std::shared_ptr<const T> get() const {
    const std::lock_guard guard(mutex_);
    return current_;
  }
  void set(std::shared_ptr<const T> next) {
    {
      const std::lock_guard guard(mutex_);
      current_.swap(next);
    }
    // The old one dies here, outside the lock.
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> current_;
};

}  // namespace stratalog::index
