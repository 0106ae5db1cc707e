// Strings to small numbers, in order of first sight: the dictionary of a live field. Open
// addressing, 8-byte slots (32 bits of hash, id + 1), strings outside in an arena.
//
// Threads one writer; find() and term() from any thread for ids that the reader knows to be
// published: slots are atomic and a
//         table that was grown out of stays until the end.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/hash.h"
#include "index/live/growing_array.h"

namespace stratalog::index {

class TermTable {
 public:
  explicit TermTable(Arena& arena);

  // The id of `term`. When it is new it is kept as `stable` if that is given (the same bytes, which
  // outlive the table), else copied into the arena.
  uint32_t find_or_add(std::string_view term, std::string_view stable = {}) {
    return find_or_add(term, hash(term), stable);
  }
  uint32_t find_or_add(std::string_view term, uint32_t hash, std::string_view stable = {});
  static uint32_t hash(std::string_view term) { return static_cast<uint32_t>(hash64(term)); }
  // Asks for the memory that find_or_add() of that hash looks at first. The writer's thread.
  void prefetch(uint32_t hash) const {
    const Table* table = table_.load(std::memory_order_relaxed);
    __builtin_prefetch(&table->slots[hash & table->mask]);
  }
  std::optional<uint32_t> find(std::string_view term,
                               uint32_t id_end) const;  // ids below id_end only
  std::string_view term(uint32_t id) const { return terms_[id]; }
  // Asks for the bytes of a term that will be read soon.
  void prefetch_term(uint32_t id) const { __builtin_prefetch(terms_[id].data()); }
  void prefetch_entry(uint32_t id) const { __builtin_prefetch(&terms_[id]); }
  uint32_t size() const { return static_cast<uint32_t>(terms_.size()); }
  size_t bytes() const { return terms_.bytes() + slot_bytes_; }  // without the arena

 private:
  struct Table {
    explicit Table(size_t slot_count)
        : mask(static_cast<uint32_t>(slot_count - 1)),
          slots(std::make_unique<std::atomic<uint64_t>[]>(slot_count)) {}
    uint32_t mask;
    std::unique_ptr<std::atomic<uint64_t>[]> slots;
  };
  void grow();

  Arena& arena_;
  GrowingArray<std::string_view> terms_;
  std::vector<std::unique_ptr<Table>> tables_;
  std::atomic<Table*> table_{nullptr};
  size_t slot_bytes_ = 0;
};

}  // namespace stratalog::index
