// The terms of a field of a model with where each occurs: what a segment's writer is given, and
// what its reader is held against.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/index/segment/segment_model.h"

namespace stratalog::test {

struct Occurrences {
  std::vector<index::RowId> rows;
  std::vector<uint32_t> freqs;
  std::vector<uint32_t> positions;
};
using Inverted = std::map<std::string, Occurrences>;

void add_text(Inverted& terms, index::RowId row, const ModelText& text);
Inverted invert_keyword(const Model& model, const std::string& field);
Inverted invert_text(const Model& model, const std::string& field);

}  // namespace stratalog::test
