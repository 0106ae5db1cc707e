// A bounded cache: values shared with who uses them, the least recently used go first.
//
// Threads any. One lock, held for a look-up only; values are made outside it, perhaps twice.
// Cost    `bytes_max` in all, as the callers of put() count their values.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/thread_memory.h"

namespace stratalog {

template <typename Key, typename Value, typename Hash = std::hash<Key>>
class LruCache {
 public:
  explicit LruCache(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  std::shared_ptr<const Value> find(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto it = by_key_.find(key);
    if (it == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, it->second);
    return it->second->value;
  }

  // Not kept: what is more than a quarter of the whole, and a second value of a key.
  void put(const Key& key, std::shared_ptr<const Value> value, uint64_t value_bytes) {
    const uint64_t bytes = value_bytes + sizeof(Entry) + 4 * sizeof(void*);
    std::list<Entry> gone;  // dies after the lock
    const std::lock_guard lock(mutex_);
    if (bytes > bytes_max_ / 4 || by_key_.contains(key)) return;
    entries_.push_front({key, std::move(value), bytes});
    by_key_.emplace(key, entries_.begin());
    const uint64_t before = bytes_;
    bytes_ += bytes;
    shrink(gone);
    disown_thread_bytes(static_cast<int64_t>(bytes_ - before));
  }

  uint64_t bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }
  uint64_t bytes_max() const {
    const std::lock_guard lock(mutex_);
    return bytes_max_;
  }
  void set_bytes_max(uint64_t bytes_max) {
    std::list<Entry> gone;
    const std::lock_guard lock(mutex_);
    bytes_max_ = bytes_max;
    shrink(gone);
  }

 private:
  struct Entry {
    Key key;
    std::shared_ptr<const Value> value;
    uint64_t bytes = 0;
  };

  void shrink(std::list<Entry>& gone) {
    while (bytes_ > bytes_max_) {
      bytes_ -= entries_.back().bytes;
      by_key_.erase(entries_.back().key);
      gone.splice(gone.begin(), entries_, std::prev(entries_.end()));
    }
  }

  uint64_t bytes_max_;
  mutable std::mutex mutex_;
  uint64_t bytes_ = 0;
  std::list<Entry> entries_;  // newest use first
  std::unordered_map<Key, typename std::list<Entry>::iterator, Hash> by_key_;
};

}  // namespace stratalog
