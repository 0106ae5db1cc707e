// Mapping bodies as JSON, before there is a Mapping: how the parts that templates and a request
// bring are put together.
#pragma once

#include "base/json.h"
#include "base/result.h"

namespace stratalog::index {

// Composable templates: a field of `over` replaces the field of `base`; objects are merged field by
// field; dynamic templates by name. Fails where one has an object and the other a field.
Result<json::Value> merge_mapping_bodies(const json::Value& base, const json::Value& over);

// Legacy templates: `over` wins parameter by parameter, in every object; lists are joined.
json::Value merge_mapping_defaults(const json::Value& base, const json::Value& over);

}  // namespace stratalog::index
