// A mapping without the fields that a principal may not see: they are looked up like fields that
// are not mapped, and shown nowhere. FieldIds are those of the whole mapping.
//
// Threads any; immutable.
#pragma once

#include <memory>

#include "index/access_rules.h"
#include "index/mapping/mapping.h"

namespace stratalog::index::security {

std::shared_ptr<const Mapping> restrict_mapping(std::shared_ptr<const Mapping> whole,
                                                std::shared_ptr<const AccessRules> rules);

}  // namespace stratalog::index::security
