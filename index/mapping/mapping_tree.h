// A mapping as a tree that can be changed: what parsing makes, merging joins and printing shows. A
// finished Mapping holds one and never changes it.
//
// Shape   every name is one part of a path (no dots). A Node is a field, an object, or both where
// conflicts are accepted.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "index/mapping/dynamic_template.h"
#include "index/mapping/field_types.h"
#include "index/mapping/mapping.h"

namespace stratalog::index {

inline constexpr FieldId kNoField = UINT32_MAX;

struct FieldNode {
  const TypeSpec* spec = nullptr;
  json::Value params =
      json::Value::object();  // those given and not default, canonical, in the type's order
  std::vector<std::string> copy_to;
  std::map<std::string, FieldNode, std::less<>> fields;
  FieldId id = kNoField;
};

struct Node;

struct ObjectNode {
  bool nested = false;
  bool include_in_parent = false;
  bool include_in_root = false;
  std::optional<bool> enabled;
  std::optional<Dynamic> dynamic;
  bool implicit =
      false;  // stands for a part of a dotted name: takes over the kind of what it is merged with
  std::map<std::string, Node, std::less<>> children;
};

// A pointer that owns and copies what it points to.
template <typename T>
class Box {
 public:
  Box() = default;
  Box(const Box& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Box(Box&&) noexcept = default;
  Box& operator=(Box other) noexcept {
    value_ = std::move(other.value_);
    return *this;
  }
  ~Box() = default;
  T& emplace() {
    value_ = std::make_unique<T>();
    return *value_;
  }
  void reset() { value_.reset(); }
  explicit operator bool() const { return value_ != nullptr; }
  T& operator*() const { return *value_; }
  T* operator->() const { return value_.get(); }
  T* get() const { return value_.get(); }

 private:
  std::unique_ptr<T> value_;
};

struct Node {
  Box<FieldNode> field;
  Box<ObjectNode> object;
};

// The whole: the root object and what stands beside "properties".
struct MappingTree {
  std::string type;  // as old clients see it; "": none yet. No part of the JSON.
  ObjectNode root;
  std::optional<bool> date_detection;
  std::optional<bool> numeric_detection;
  std::optional<std::vector<std::string>> dynamic_date_formats;
  std::optional<std::vector<DynamicTemplate>> dynamic_templates;
  json::Value meta;    // null: none
  json::Value source;  // {"enabled", "includes", "excludes"}: those not default; null: not given
  std::optional<bool> routing_required;
};

// What parsing needs beside the body.
struct MappingContext {
  const AnalysisRegistry& analysis;
  const MappingLimits& limits;
  bool from_template = false;  // a dynamic template's: unknown parameters are dropped, as 7.x does
};

// A _mapping body. Errors are those inside "Failed to parse mapping [_doc]: ...", not yet wrapped.
Result<MappingTree> parse_mapping_tree(const json::Value& body, const MappingContext& context);
// One field's or object's definition, of the name `name`, added to `parent` (dots expand).
Status parse_property(ObjectNode& parent, std::string_view name, const json::Value& definition,
                      const MappingContext& context);

struct MergeOptions {
  bool accept_conflicts = false;  // a field and an object may share a path
  bool lenient = false;  // what conflicts stays as it was, and what is over a limit is left out
};
// Joins `from` into `into`, or says why not.
Status merge_trees(MappingTree& into, MappingTree from, const MappingLimits& limits,
                   const MergeOptions& options);

// Elasticsearch's checks of a finished tree: counts and depths, copy_to, aliases, names.
Status check_mapping(const MappingTree& tree, const MappingLimits& limits);

// Fields, objects and multi-fields, as index.mapping.total_fields.limit counts.
uint32_t count_fields(const ObjectNode& object);
uint32_t count_fields(const FieldNode& field);

json::Value print_mapping(const MappingTree& tree);

// "a.b" of "a" and "b"; "b" of "" and "b".
std::string join_path(std::string_view parent, std::string_view name);
// A value as Java's toString gives it, for error texts: {a=1, b=[x]}.
std::string java_text(const json::Value& value);
std::string_view dynamic_name(Dynamic dynamic);

}  // namespace stratalog::index
