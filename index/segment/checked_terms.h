// What a merge hands to the writer, checked on the way: damaged lists of an input end in a
// SegmentFault, not in what the writer takes for a bug.
//
// Threads one. Errors: SegmentFault.
#pragma once

#include <string>
#include <vector>

#include "index/segment/segment_writer.h"

namespace stratalog::index {

class CheckedTerms final : public TermsInput {
 public:
  struct Shape {
    uint32_t list_rows = 0;
    bool freqs = false;
    bool positions = false;
    bool single_valued = false;  // no row may have two terms
  };
  CheckedTerms(TermsInput& input, const Shape& shape);

  bool empty() const { return !has_first_; }  // before the first next()
  bool next() override;
  std::string_view term() const override { return input_.term(); }
  std::span<const RowId> rows() const override { return input_.rows(); }
  std::span<const uint32_t> freqs() const override { return input_.freqs(); }
  std::string_view positions() const override { return input_.positions(); }

 private:
  void check();

  TermsInput& input_;
  const Shape shape_;
  bool has_first_ = false;
  bool started_ = false;
  bool any_ = false;
  std::string last_;
  std::vector<uint64_t> seen_;  // rows with a term, if single_valued
};

}  // namespace stratalog::index
