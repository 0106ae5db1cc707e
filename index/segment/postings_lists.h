// The forms in which lists are kept: decoded at once, packed runs, a bitset, or every row.
//
// Threads one. Life  a list does not outlive its reader. Errors  SegmentFault.
#pragma once

#include <memory>
#include <string_view>

#include "index/segment/postings_reader.h"

namespace stratalog::index {

struct StoredList {
  std::shared_ptr<const ExtentBytes> block;  // holds the record
  std::string_view record;                   // empty for a list of one row, which has none
};
std::unique_ptr<Postings> open_list(const PostingsReader& reader, const TermEntry& entry,
                                    StoredList stored, const BlockSource& source,
                                    TermsIndex::Want want);

}  // namespace stratalog::index
