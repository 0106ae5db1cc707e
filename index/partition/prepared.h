// One operation of a run after all that can fail about its document, before it is checked against
// other versions.
#pragma once

#include <cstddef>
#include <memory>

#include "index/partition/partition.h"

namespace stratalog::index {

struct Partition::Prepared {
  bool refused = false;  // its result has the error
  bool auto_id = false;
  bool holds_back = false;  // it is shown only by a refresh that asks for its shard
  size_t document = 0;      // in WriteScratch::documents
  std::shared_ptr<const Mapping> mapping;
};

}  // namespace stratalog::index
