// Dynamic mapping: what a document's unmapped values ask to be mapped as, gathered over one
// document. Elasticsearch doc page "Dynamic field mapping"; templates and detection as in 7.17.3's
// DynamicFieldsBuilder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/document/json_cursor.h"
#include "index/document/parse_context.h"
#include "index/mapping/dynamic_template.h"

namespace stratalog::index {

class DynamicFields {
 public:
  explicit DynamicFields(ParseContext& context) : context_(context) {}

  void clear() {
    proposals_.clear();
    order_.clear();
    added_fields_ = 0;
  }
  bool empty() const { return order_.empty(); }

  enum class Answer : uint8_t {
    kAdded,   // or asked for before, the same
    kNoRoom,  // over a limit, and conflicts are accepted: index it as flattened
    kOpaque,  // an object that is mapped to something whose inside is not known yet: leave it
    kError,   // context.error
  };
  // A new field or object at `path` (whole), named `name` in its parent, under the parent's
  // `dynamic`.
  Answer add_scalar(std::string_view path, std::string_view name, const Scalar& scalar,
                    Dynamic dynamic);
  Answer add_object(std::string_view path, std::string_view name, Dynamic dynamic);
  // A constant_keyword learns its value.
  void set_constant(const MappedField& field, std::string_view value);

  // {"properties": {"a.b": {...}}}
  json::Value update() const;

 private:
  struct Proposal {
    json::Value definition;
    std::string type;
    bool object = false;
    bool opaque = false;
  };
  struct Detected {
    DetectedType type = DetectedType::kString;
    std::string date_format;  // not the default
  };
  Detected detect(const Scalar& scalar) const;
  Answer add(std::string_view path, std::string_view name, const Detected& detected,
             Dynamic dynamic);
  Proposal propose(std::string_view path, std::string_view name, const Detected& detected,
                   Dynamic dynamic) const;
  Answer conflict(std::string_view path, const Proposal& before, const Proposal& now);
  // Objects of `path` that neither the mapping nor this document has so far; a field among them is
  // a conflict.
  bool count_parents(std::string_view path, uint32_t& missing, std::string& field_above) const;

  ParseContext& context_;
  std::unordered_map<std::string, Proposal, StringHash, std::equal_to<>> proposals_;
  std::vector<const std::pair<const std::string, Proposal>*> order_;
  uint32_t added_fields_ = 0;
};

}  // namespace stratalog::index
