#include "index/live/term_table.h"

namespace stratalog::index {

namespace {
constexpr size_t kFirstSlots = 32;
uint64_t slot_of(uint32_t tag, uint32_t id) { return (uint64_t{tag} << 32) | (id + 1); }
uint32_t tag_in(uint64_t slot) { return static_cast<uint32_t>(slot >> 32); }
uint32_t id_in(uint64_t slot) { return static_cast<uint32_t>(slot) - 1; }
}  // namespace

TermTable::TermTable(Arena& arena) : arena_(arena) {
  tables_.push_back(std::make_unique<Table>(kFirstSlots));
  slot_bytes_ = kFirstSlots * sizeof(uint64_t);
  table_.store(tables_.back().get(), std::memory_order_release);
}

uint32_t TermTable::find_or_add(std::string_view term, uint32_t tag, std::string_view stable) {
  Table* table = table_.load(std::memory_order_relaxed);
  uint32_t at = tag & table->mask;
  for (;; at = (at + 1) & table->mask) {
    const uint64_t slot = table->slots[at].load(std::memory_order_relaxed);
    if (slot == 0) break;
    if (tag_in(slot) == tag && terms_[id_in(slot)] == term) return id_in(slot);
  }
  const uint32_t id = size();
  terms_.push_back(stable.data() != nullptr ? stable : arena_.copy(term));
  table->slots[at].store(slot_of(tag, id), std::memory_order_release);
  if (size_t{size()} * 3 > (size_t{table->mask} + 1) * 2) grow();
  return id;
}

std::optional<uint32_t> TermTable::find(std::string_view term, uint32_t id_end) const {
  const uint32_t tag = hash(term);
  const Table* table = table_.load(std::memory_order_acquire);
  for (uint32_t at = tag & table->mask;; at = (at + 1) & table->mask) {
    const uint64_t slot = table->slots[at].load(std::memory_order_acquire);
    if (slot == 0) return std::nullopt;
    // A later id may still be in writing: its string is not looked at.
    if (tag_in(slot) == tag && id_in(slot) < id_end && terms_[id_in(slot)] == term)
      return id_in(slot);
  }
}

void TermTable::grow() {
  const Table* old = tables_.back().get();
  const size_t old_count = size_t{old->mask} + 1;
  auto table = std::make_unique<Table>(old_count * 2);
  for (size_t i = 0; i < old_count; ++i) {
    const uint64_t slot = old->slots[i].load(std::memory_order_relaxed);
    if (slot == 0) continue;
    uint32_t at = tag_in(slot) & table->mask;
    while (table->slots[at].load(std::memory_order_relaxed) != 0) at = (at + 1) & table->mask;
    table->slots[at].store(slot, std::memory_order_relaxed);
  }
  slot_bytes_ += old_count * 2 * sizeof(uint64_t);
  table_.store(table.get(), std::memory_order_release);
  tables_.push_back(std::move(table));
}

}  // namespace stratalog::index
