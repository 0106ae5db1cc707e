#include "index/segment/checked_terms.h"

#include "base/bits.h"
#include "index/segment/format.h"
#include "index/segment/position_bytes.h"

namespace stratalog::index {

CheckedTerms::CheckedTerms(TermsInput& input, const Shape& shape) : input_(input), shape_(shape) {
  if (shape.single_valued) seen_.resize(words_for(shape.list_rows));
  has_first_ = input_.next();
}

bool CheckedTerms::next() {
  const bool there = started_ ? input_.next() : has_first_;
  started_ = true;
  if (there) check();
  return there;
}

void CheckedTerms::check() {
  check_stored(!any_ || last_ < input_.term(), "order of terms");
  any_ = true;
  last_.assign(input_.term());
  const std::span<const RowId> rows = input_.rows();
  check_stored(!rows.empty() && rows.back() < shape_.list_rows, "rows of a term");
  bool ascending = true;
  for (size_t i = 1; i < rows.size(); ++i) ascending &= rows[i - 1] < rows[i];
  check_stored(ascending, "order of a term's rows");
  if (shape_.single_valued) {
    for (const RowId row : rows) {
      check_stored(!get_bit(seen_.data(), row), "second value of a row");
      set_bit(seen_.data(), row);
    }
  }
  if (!shape_.freqs) return;
  const std::span<const uint32_t> freqs = input_.freqs();
  check_stored(freqs.empty() || freqs.size() == rows.size(), "frequencies of a term");
  bool positive = true;
  uint64_t sum = freqs.empty() ? rows.size() : 0;
  for (const uint32_t freq : freqs) {
    positive &= freq > 0;
    sum += freq;
  }
  check_stored(positive, "frequencies of a term");
  check_stored(!shape_.positions || count_varints(input_.positions()) == sum,
               "positions of a term");
}

}  // namespace stratalog::index
