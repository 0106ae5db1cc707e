// One pass over one document: keys to fields, values to ValueReader, what is not mapped to
// DynamicFields.
//
// Shape   functions give false when the document is refused: context.error says why, or, without
// one, the text is not JSON.
//         Recursion follows the document's nesting, which kDepthMax bounds.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "index/document/document_cache.h"
#include "index/document/dynamic_fields.h"
#include "index/document/json_cursor.h"
#include "index/document/parse_context.h"
#include "index/document/value_reader.h"

namespace stratalog::index {

// Levels of a document: those of a mapping (20 by default) and as many as requests may have.
inline constexpr uint32_t kDocumentDepthMax = 84;

class DocumentWalk {
 public:
  DocumentWalk(ParseContext& context, JsonCursor& json, DocumentCache& cache,
               DynamicFields& dynamic)
      : context_(context), json_(json), cache_(cache), dynamic_(dynamic), values_(context) {}

  bool run(MappingKeys& keys);

 private:
  struct Place {  // where a value stands
    uint32_t depth = 0;
    bool in_array = false;
  };

  // document_walk.cc: what is mapped
  bool object(const CompiledObject& object, Place place);
  bool value(KeyEntry& entry, Place place);
  bool root_object(KeyEntry& entry, Place place);
  bool mapped_object(const KeyEntry& entry, Place place);
  bool mapped_scalar(const KeyEntry& entry, Place place);
  bool copy(const CompiledField& field, const Scalar& scalar);
  bool object_on_field(const CompiledField& field, const KeyEntry& entry, Place place);
  bool enter(Place& place);
  bool duplicate(std::string_view key);
  bool count_nested(const CompiledObject& object);

  // unmapped_walk.cc: what is not
  bool unmapped(const KeyEntry& entry, Place place);
  bool new_value(std::string_view path, std::string_view name, const CompiledObject& owner,
                 Place place);
  bool new_object(std::string_view path, const CompiledObject& owner, Place place);
  bool refuse_entry(const KeyEntry& entry, Place place);
  bool check_new_name(std::string_view key, const std::string& parent, std::string& path,
                      std::string_view& name);
  bool new_copy_target(std::string_view path, const Scalar& scalar);

  // skipped_walk.cc: what is not indexed, or only as flattened
  bool skip(Place place);
  bool catch_all(std::string& path, Place place, bool emits);
  bool flattened(const CompiledField& field, Place place);
  bool flattened_inside(const CompiledField& field, std::string& path, uint32_t level, Place place);
  bool flattened_leaf(const CompiledField& field, std::string_view path, const Scalar& scalar);
  void put_flattened(const MappedField& field, std::string_view path, std::string_view text);
  template <typename Visit>
  bool each_member(Place place, Visit&& visit);
  template <typename Visit>
  bool each_element(Place place, Visit&& visit);

  ParseContext& context_;
  JsonCursor& json_;
  DocumentCache& cache_;
  DynamicFields& dynamic_;
  ValueReader values_;
  MappingKeys* keys_ = nullptr;
  uint32_t nested_objects_ = 0;
  std::vector<std::string_view>
      names_;  // of the open objects that have no ObjectKeys, to find duplicates
};

// Calls visit(key) before each member's value; it must take the value.
template <typename Visit>
bool DocumentWalk::each_member(Place place, Visit&& visit) {
  if (!json_.take('{') || !enter(place)) return false;
  if (json_.take('}')) return true;
  const size_t base = names_.size();
  while (true) {
    std::string_view key;
    if (!json_.read_string(key)) return false;
    names_.push_back(key);
    if (names_.size() - base <= 16) {
      for (size_t i = base; i + 1 < names_.size(); ++i) {
        if (names_[i] == key) return duplicate(key);
      }
    }
    if (!json_.take(':') || !visit(key, place)) return false;
    if (json_.take(',')) continue;
    if (!json_.take('}')) return false;
    break;
  }
  if (names_.size() - base > 16) {
    std::sort(names_.begin() + static_cast<std::ptrdiff_t>(base), names_.end());
    const auto twice =
        std::adjacent_find(names_.begin() + static_cast<std::ptrdiff_t>(base), names_.end());
    if (twice != names_.end()) return duplicate(*twice);
  }
  names_.resize(base);
  return true;
}

// Calls visit() before each element of an array; it must take the element.
template <typename Visit>
bool DocumentWalk::each_element(Place place, Visit&& visit) {
  if (!json_.take('[') || !enter(place)) return false;
  place.in_array = true;
  if (json_.take(']')) return true;
  while (true) {
    if (!visit(place)) return false;
    if (json_.take(',')) continue;
    return json_.take(']');
  }
}

}  // namespace stratalog::index
