// Holds two segments against each other through everything that the reader interface says.
#pragma once

#include <set>
#include <string>

#include "index/segment/segment_reader.h"

namespace stratalog::test {

// REQUIREs that row by row both hold the same: fields, columns, terms with their postings, norms
// and statistics, ids, sources. Sequence numbers, versions and terms need not be the same, nor what
// is in the fields `but`.
void check_same(const index::SegmentReader& a, const index::SegmentReader& b,
                const std::set<std::string>& but = {});

}  // namespace stratalog::test
