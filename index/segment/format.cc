#include "index/segment/format.h"

namespace stratalog::index {

std::string_view part_name(Part part) {
  switch (part) {
    case Part::kDirectory:
      return "directory";
    case Part::kMeta:
      return "meta";
    case Part::kDictionary:
      return "dictionary";
    case Part::kPostings:
      return "postings";
    case Part::kFrequencies:
      return "frequencies";
    case Part::kPositions:
      return "positions";
    case Part::kColumns:
      return "columns";
    case Part::kOrdinalColumns:
      return "ordinal_columns";
    case Part::kNorms:
      return "norms";
    case Part::kRows:
      return "rows";
    case Part::kSource:
      return "source";
    case Part::kObjects:
      return "objects";
    case Part::kCount:
      break;
  }
  return "unknown";
}

void throw_corrupt(std::string_view what) {
  throw SegmentFault(Error(error_types::kCorruption, "corrupt segment: " + std::string(what)));
}

}  // namespace stratalog::index
