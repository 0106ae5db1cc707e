#include "index/live/term_table.h"

#include <algorithm>
#include <cstring>

#include "base/ensure.h"

namespace stratalog::index {

namespace {
constexpr size_t kFirstSlots = 32;
constexpr size_t kLengthMax = 0xffff;  // that an entry can say itself, and the mark of longer ones

template <typename Word>
bool same_ends(const char* a, const char* b, size_t size) {
  const auto word = [](const char* at) {
    Word read;
    std::memcpy(&read, at, sizeof(read));
    return read;
  };
  const size_t last = size - sizeof(Word);
  return word(a) == word(b) && word(a + last) == word(b + last);
}

// Most terms are short: no call for them.
bool same(std::string_view a, std::string_view b) {
  const size_t size = a.size();
  if (size != b.size()) return false;
  if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
  if (size >= 8) return same_ends<uint64_t>(a.data(), b.data(), size);
  if (size >= 4) return same_ends<uint32_t>(a.data(), b.data(), size);
  if (size >= 2) return same_ends<uint16_t>(a.data(), b.data(), size);
  return size == 0 || a[0] == b[0];
}
}  // namespace

TermTable::TermTable(Arena& arena) : arena_(arena), table_(kFirstSlots) {}

std::string_view TermTable::Entry::view() const {
  if (inside()) return {text.data(), static_cast<size_t>(text[kInsideMax])};
  uint64_t outside = 0;
  std::memcpy(&outside, text.data(), sizeof(outside));
  const size_t length = outside >> 48;
  if (length < kLengthMax) [[likely]]
    return {data(), length};
  uint32_t long_length = 0;
  std::memcpy(&long_length, data() - sizeof(long_length), sizeof(long_length));
  return {data(), long_length};
}

TermTable::Entry TermTable::make_entry(std::string_view term, std::string_view stable) {
  Entry entry{{}, {0, 0, UINT32_MAX}};
  if (term.size() <= Entry::kInsideMax) {
    std::copy(term.begin(), term.end(), entry.text.begin());
    entry.text[Entry::kInsideMax] = static_cast<char>(term.size());
    return entry;
  }
  const char* data = stable.data();
  if (term.size() >= kLengthMax) {
    const auto length = static_cast<uint32_t>(term.size());
    char* at = arena_.allocate(sizeof(length) + term.size());
    std::memcpy(at, &length, sizeof(length));
    std::memcpy(at + sizeof(length), term.data(), term.size());
    data = at + sizeof(length);
  } else if (data == nullptr) {
    data = arena_.copy(term).data();
  }
  const auto address = reinterpret_cast<uint64_t>(data);
  ENSURE(address >> 48 == 0, "an address of more than 48 bits");
  const uint64_t outside = uint64_t{std::min(term.size(), kLengthMax)} << 48 | address;
  std::memcpy(entry.text.data(), &outside, sizeof(outside));
  entry.text[Entry::kInsideMax] = Entry::kOutside;
  return entry;
}

uint32_t TermTable::find_or_add(std::string_view term, uint32_t tag, std::string_view stable) {
  uint32_t at = tag & table_.mask;
  for (;; at = (at + 1) & table_.mask) {
    const uint64_t slot = table_.slots[at].load(std::memory_order_relaxed);
    if (slot == 0) break;
    if (tag_in(slot) == tag && same(terms_[id_in(slot)].view(), term)) return id_in(slot);
  }
  const uint32_t id = size();
  terms_.push_back(make_entry(term, stable));
  table_.slots[at].store(slot_of(tag, id), std::memory_order_release);
  if (size_t{size()} * 4 > (size_t{table_.mask} + 1) * 3) grow();
  return id;
}

std::optional<uint32_t> TermTable::find(std::string_view term, uint32_t id_end) const {
  const uint32_t tag = hash(term);
  const std::lock_guard lock(table_mutex_);
  for (uint32_t at = tag & table_.mask;; at = (at + 1) & table_.mask) {
    const uint64_t slot = table_.slots[at].load(std::memory_order_acquire);
    if (slot == 0) return std::nullopt;
    // A later id may still be in writing: its string is not looked at.
    if (tag_in(slot) == tag && id_in(slot) < id_end && terms_[id_in(slot)].view() == term)
      return id_in(slot);
  }
}

void TermTable::grow() {
  const size_t old_count = size_t{table_.mask} + 1;
  Table table(old_count * 2);
  for (size_t i = 0; i < old_count; ++i) {
    const uint64_t slot = table_.slots[i].load(std::memory_order_relaxed);
    if (slot == 0) continue;
    uint32_t at = tag_in(slot) & table.mask;
    while (table.slots[at].load(std::memory_order_relaxed) != 0) at = (at + 1) & table.mask;
    table.slots[at].store(slot, std::memory_order_relaxed);
  }
  const std::lock_guard lock(table_mutex_);
  table_ = std::move(table);
}

}  // namespace stratalog::index
