// Request bodies as query/ reads them: trees that know where each token stood.
#pragma once

#include "base/json_tree.h"

namespace stratalog::query {

using json::Location;
using json::Node;
using json::NodeMember;
using json::parse_tree;
using json::parsing_error;

}  // namespace stratalog::query
