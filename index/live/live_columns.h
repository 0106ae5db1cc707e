// All fields of one live segment: finds or makes the column of a value, and lists them for readers
// and for the seal.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "index/live/live_numeric.h"
#include "index/live/live_ordinals.h"
#include "index/live/live_text.h"
#include "index/mapping/mapping.h"

namespace stratalog::index {

// One (path, kind). Exactly one of the three is there, by the kind.
struct LiveColumn {
  FieldKey key;
  std::unique_ptr<LiveNumeric> numeric;
  std::unique_ptr<LiveOrdinals> ordinals;
  std::unique_ptr<LiveText> text;
  FieldKey sibling_key;  // text with a sibling: whose values it may share

  size_t bytes() const {
    return numeric ? numeric->bytes() : ordinals ? ordinals->bytes() : text->bytes();
  }
};

class LiveColumns {
 public:
  explicit LiveColumns(Arena& arena) : arena_(arena) {}

  LiveColumn& column(const Mapping& mapping, FieldId field, Kind kind);
  const std::vector<std::unique_ptr<LiveColumn>>& all() const { return columns_; }

 private:
  LiveColumn& make(const Mapping& mapping, const MappedField& field, Kind kind);

  Arena& arena_;
  std::vector<std::unique_ptr<LiveColumn>> columns_;
  std::vector<std::vector<LiveColumn*>> by_field_;
};

}  // namespace stratalog::index
