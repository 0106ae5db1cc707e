// What running searches may hold: whatever a search's thread allocates is charged to a budget that
// all searches share, so that no question, however wide, takes the memory that writes and the rest
// stand on. Elasticsearch's request circuit breaker; doc page "Circuit breaker settings".
//
// Threads a search runs on one thread, where its SearchMemory lives from begin to end.
// Errors  index::SegmentFault with circuit_breaking_exception (429).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/byte_budget.h"
#include "base/result.h"
#include "index/fault.h"

namespace stratalog::query {

class SearchMemory {
 public:
  // The budget outlives it; nullptr: no bound. One inside another on a thread counts with the
  // outer one.
  explicit SearchMemory(ByteBudget* budget);
  SearchMemory(const SearchMemory&) = delete;
  SearchMemory& operator=(const SearchMemory&) = delete;
  ~SearchMemory();

  // Charges what the search holds by now, and `more` that it is about to take.
  void check(uint64_t more);

 private:
  const ByteBudget* const budget_;
  std::optional<Reservation> share_;
  const int64_t start_;
  uint64_t charged_ = 0;
};

// Of the search that runs on this thread; nothing where none does. Costs next to nothing: called
// wherever something grows with the data.
void check_memory(uint64_t more = 0);
// The same before `bytes` are appended to `text`, whose copy while it grows counts.
void check_memory_to_append(const std::string& text, uint64_t bytes);

// What would take too much memory, and what a script throws, becomes a Status; other faults pass.
template <typename Run>
Status within_memory(Run&& run) {
  try {
    return run();
  } catch (const index::SegmentFault& fault) {
    const ErrorType& type = fault.error().type;
    if (type.status != error_types::kCircuitBreaking.status && !(type == error_types::kScript))
      throw;
    return fault.error();
  }
}

}  // namespace stratalog::query
