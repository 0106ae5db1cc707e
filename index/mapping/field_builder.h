// From a field's parameters to what indexing and searching read.
#pragma once

#include <memory>
#include <string>

#include "index/mapping/mapping_tree.h"

namespace stratalog::index {

// Fails only for what an older mapping may hold and this program no longer takes (an analyzer that
// is gone).
Result<std::shared_ptr<MappedField>> build_field(
    const std::string& path, const FieldNode& node,
    const std::shared_ptr<const AnalysisRegistry>& analysis, const MappingLimits& limits);

}  // namespace stratalog::index
