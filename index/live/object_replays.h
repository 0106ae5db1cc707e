// What repeated objects add to the columns. An object that comes again adds to its row what it did
// before, under the same mapping: ids of values and of analysed texts are noted once and replayed,
// nothing is hashed or looked up (D13).
//
// Threads one, the writer's.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/document/parsed_document.h"
#include "index/live/live_columns.h"

namespace stratalog::index {

class ObjectReplays {
 public:
  // Forgets everything if the mapping is not that of the calls before.
  void use_mapping(const std::shared_ptr<const Mapping>& mapping);

  // An object where it stands: the same bytes under another key are values of other fields.
  struct Object {
    uint32_t number = 0;  // in LiveSources
    uint32_t mapped = 0;  // CompiledObject::number
  };

  // Whether the other values of a document are of fields that objects have none of: else the order
  // of a row's values would be lost.
  bool apart(Object object, std::span<const FieldValue> object_values,
             std::span<const FieldValue> before, std::span<const FieldValue> after);

  bool knows(Object object) const {
    return object.number < objects_.size() && objects_[object.number].mapped == object.mapped &&
           !objects_[object.number].steps.empty();
  }
  // Of a known one.
  void replay(Object object, RowId row) const;
  // After the object's values were added to `row`, the last one.
  void note(Object object, std::span<const FieldValue> values, LiveColumns& columns);

  size_t bytes() const { return bytes_ + objects_.capacity() * sizeof(Noted); }

 private:
  struct Step {
    LiveColumn* column;
    int64_t number;  // or id of the value, or unit of the text
  };

  struct Noted {
    uint32_t mapped = 0;
    std::vector<Step> steps;  // texts come last
  };

  std::shared_ptr<const Mapping> mapping_;
  std::vector<Noted> objects_;  // by number in LiveSources, as noted last
  std::vector<bool> fields_;    // by FieldId: of objects
  size_t bytes_ = 0;
};

}  // namespace stratalog::index
