// Strings to small numbers, in order of first sight: the dictionary of a live field. Open
// addressing, 8-byte slots (32 bits of hash, id + 1). Short strings stand in their entries, others
// in an arena; beside each what its owner counts of it, so that one cache line has both.
//
// Threads one writer; find() and term() from any thread for ids that the reader knows to be
// published. Readers' look-ups wait while a table is replaced by a bigger one.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/arena.h"
#include "base/hash.h"
#include "base/prefetch.h"
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
  [[gnu::always_inline]] void prefetch_slot(uint32_t hash) const {
    prefetch(&table_.slots[hash & table_.mask]);
  }
  // And, once that is there, for what it looks at next.
  [[gnu::always_inline]] void prefetch_found(uint32_t hash) const {
    const uint64_t slot = table_.slots[hash & table_.mask].load(std::memory_order_relaxed);
    if (tag_in(slot) == hash && slot != 0) prefetch(&terms_[id_in(slot)]);
  }
  std::optional<uint32_t> find(std::string_view term,
                               uint32_t id_end) const;  // ids below id_end only
  std::string_view term(uint32_t id) const { return terms_[id].view(); }

  // The owner's, and for the writer's thread only but where it uses atomic_ref.
  struct Tally {
    uint32_t places;  // rows, or texts, that have the term
    uint32_t total;   // how often it comes in them
    uint32_t last;    // the last one that has it; UINT32_MAX: none yet
  };
  Tally& tally(uint32_t id) { return terms_[id].tally; }
  uint32_t places(uint32_t id) const { return shared(terms_[id].tally.places); }  // any thread
  uint32_t total(uint32_t id) const { return shared(terms_[id].tally.total); }    // any thread
  // One writer: no need to lock the bus for what others only read.
  static void add_one(uint32_t& count) {
    const std::atomic_ref<uint32_t> counted(count);
    counted.store(counted.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  // Asks for what will be read soon: the entry of a term, then its bytes.
  [[gnu::always_inline]] void prefetch_entry(uint32_t id) const { prefetch(&terms_[id]); }
  [[gnu::always_inline]] void prefetch_term(uint32_t id, size_t from = 0) const {
    prefetch(terms_[id].data() + from);
  }
  uint32_t size() const { return static_cast<uint32_t>(terms_.size()); }
  size_t bytes() const {  // without the arena
    return terms_.bytes() + (size_t{table_.mask} + 1) * sizeof(uint64_t);
  }

 private:
  // Of up to 11 bytes: the string itself, its length in the last byte. Else 48 bits of address and
  // 16 of length; of a longer one the length is 0xffff and stands before its bytes in the arena.
  struct Entry {
    static constexpr size_t kInsideMax = 11;
    static constexpr char kOutside = 12;

    std::array<char, kInsideMax + 1> text;
    Tally tally;

    bool inside() const { return text[kInsideMax] != kOutside; }
    const char* data() const;
    std::string_view view() const;
  };
  struct Table {
    explicit Table(size_t slot_count)
        : mask(static_cast<uint32_t>(slot_count - 1)),
          slots(std::make_unique<std::atomic<uint64_t>[]>(slot_count)) {}
    uint32_t mask;
    std::unique_ptr<std::atomic<uint64_t>[]> slots;
  };
  static uint64_t slot_of(uint32_t tag, uint32_t id) { return (uint64_t{tag} << 32) | (id + 1); }
  static uint32_t tag_in(uint64_t slot) { return static_cast<uint32_t>(slot >> 32); }
  static uint32_t id_in(uint64_t slot) { return static_cast<uint32_t>(slot) - 1; }
  static uint32_t shared(const uint32_t& count) {
    return std::atomic_ref(const_cast<uint32_t&>(count)).load(std::memory_order_relaxed);
  }
  Entry make_entry(std::string_view term, std::string_view stable);
  void grow();

  Arena& arena_;
  GrowingArray<Entry> terms_;
  Table table_;
  mutable std::mutex table_mutex_;  // the writer takes it to change table_, readers to look
};

inline const char* TermTable::Entry::data() const {
  if (inside()) return text.data();
  uint64_t outside = 0;
  std::memcpy(&outside, text.data(), sizeof(outside));
  return reinterpret_cast<const char*>(  // NOLINT(performance-no-int-to-ptr)
      outside & 0xffff'ffff'ffff);
}

}  // namespace stratalog::index
