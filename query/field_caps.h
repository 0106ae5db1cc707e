// What fields the indices of a pattern have: GET /{index}/_field_caps. Elasticsearch doc page
// "Field capabilities API".
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/catalog.h"

namespace stratalog::query {

struct FieldCapsRequest {
  std::vector<std::string> fields;  // patterns
  bool include_unmapped = false;
};

// Appends {"indices":[...],"fields":{...}}.
void append_field_caps(std::string& out,
                       std::span<const std::shared_ptr<const index::IndexMetadata>> indices,
                       const FieldCapsRequest& request);

}  // namespace stratalog::query
