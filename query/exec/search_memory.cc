#include "query/exec/search_memory.h"

#include <algorithm>

#include "base/thread_memory.h"
#include "base/units.h"

namespace stratalog::query {

namespace {

thread_local SearchMemory* current = nullptr;

// Charged at once, so that the shared count is seldom touched.
constexpr uint64_t kStep = 256 << 10;

std::string shown(uint64_t bytes) {
  return "[" + std::to_string(bytes) + "/" + byte_size_text(static_cast<int64_t>(bytes)) + "]";
}

Error too_large(uint64_t wanted, uint64_t most) {
  return Error(error_types::kCircuitBreaking,
               "[request] Data too large, data for [<search>] would be " + shown(wanted) +
                   ", which is larger than the limit of " + shown(most))
      .with_number("bytes_wanted", static_cast<int64_t>(wanted))
      .with_number("bytes_limit", static_cast<int64_t>(most))
      .with("durability", "TRANSIENT");
}

}  // namespace

SearchMemory::SearchMemory(ByteBudget* budget) : budget_(budget), start_(thread_bytes()) {
  if (budget == nullptr || current != nullptr) return;
  share_.emplace(*budget);
  current = this;
}
SearchMemory::~SearchMemory() {
  if (current == this) current = nullptr;
}

void SearchMemory::check(uint64_t more) {
  const auto held = static_cast<uint64_t>(std::max<int64_t>(thread_bytes() - start_, 0)) + more;
  if (held <= charged_) return;
  const uint64_t wanted = held + kStep;
  if (!share_->grow_to(wanted))
    throw index::SegmentFault(too_large(budget_->used() + wanted - charged_, budget_->bytes_max()));
  charged_ = wanted;
}

void check_memory(uint64_t more) {
  if (current != nullptr) current->check(more);
}

void check_memory_to_append(const std::string& text, uint64_t bytes) {
  const uint64_t needed = text.size() + bytes;
  check_memory(needed > text.capacity() ? std::max<uint64_t>(needed, 2 * text.capacity()) : 0);
}

}  // namespace stratalog::query
