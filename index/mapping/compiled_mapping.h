// A Mapping as the document parser walks it: objects with their children by name, fields with what
// follows from them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "index/mapping/mapping.h"
#include "index/mapping/mapping_tree.h"

namespace stratalog::index {

struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

struct CompiledField {
  const MappedField* field = nullptr;
  bool emits = true;  // has an index or a column that belongs to the root row
  bool has_null = false;
  std::vector<const CompiledField*> multi_fields;
};

struct CompiledObject;

// What a name stands for inside an object: a field, an object, or both (accepted conflicts).
struct CompiledChild {
  const CompiledField* field = nullptr;
  const CompiledObject* object = nullptr;
};

struct CompiledObject {
  uint32_t number = 0;               // in CompiledMapping::objects; 0 is the root
  std::string path;                  // "" for the root
  Dynamic dynamic = Dynamic::kTrue;  // its own or inherited
  bool enabled = true;
  bool nested = false;
  bool emits = true;   // its leaves belong to the root row
  uint32_t depth = 0;  // parts of path
  std::unordered_map<std::string, CompiledChild, StringHash, std::equal_to<>> children;
};

class CompiledMapping final : public Mapping, public std::enable_shared_from_this<CompiledMapping> {
 public:
  static Result<std::shared_ptr<const Mapping>> build(
      MappingTree tree, std::shared_ptr<const AnalysisRegistry> analysis,
      const MappingLimits& limits, const CompiledMapping* grown_from);

  Result<std::shared_ptr<const Mapping>> merge(const json::Value& body,
                                               bool dynamic_update) const override;
  const std::string& type() const override { return tree_.type; }
  Result<std::shared_ptr<const Mapping>> with_type(std::string_view type) const override;
  const std::vector<std::shared_ptr<const MappedField>>& fields() const override { return fields_; }
  const MappedField* find(std::string_view path) const override;
  const MappedField* resolve(std::string_view path) const override;
  bool is_object(std::string_view path) const override;
  bool is_nested(std::string_view path) const override;
  std::vector<const MappedField*> match(std::string_view pattern) const override;
  const json::Value& to_json() const override { return json_; }
  const MappingLimits& limits() const override { return limits_; }
  uint32_t total_fields() const override { return total_fields_; }
  bool source_enabled() const override { return tree_.source.find("enabled") == nullptr; }
  bool routing_required() const override { return tree_.routing_required.value_or(false); }
  const std::shared_ptr<const AnalysisRegistry>& analysis() const override { return analysis_; }

  uint64_t lineage() const override { return lineage_; }
  // Unlike any other mapping's of this process: a key for caches.
  uint64_t serial() const { return serial_; }
  const MappingTree& tree() const { return tree_; }
  const CompiledObject& root() const { return *objects_.front(); }
  const std::vector<std::unique_ptr<CompiledObject>>& objects() const { return objects_; }
  const CompiledField* compiled(FieldId id) const { return compiled_[id].get(); }
  const CompiledField* find_compiled(std::string_view path) const;
  bool date_detection() const { return tree_.date_detection.value_or(true); }
  bool numeric_detection() const { return tree_.numeric_detection.value_or(false); }
  struct DynamicDateFormat {
    std::string text;  // "": the default, which is not written into new fields
    std::shared_ptr<const DateFormat> format;
  };
  const std::vector<DynamicDateFormat>& dynamic_date_formats() const {
    return dynamic_date_formats_;
  }

 private:
  CompiledMapping() = default;
  Status compile();
  CompiledObject& add_object(std::string path, const ObjectNode& node,
                             const CompiledObject* parent);
  Result<const CompiledField*> add_field(const std::string& path, FieldNode& node,
                                         const CompiledObject& owner, const MappedField* parent);

  uint64_t serial_ = 0;
  uint64_t lineage_ = 0;  // the serial of the first
  MappingTree tree_;
  std::shared_ptr<const AnalysisRegistry> analysis_;
  MappingLimits limits_;
  json::Value json_;
  uint32_t total_fields_ = 0;
  std::vector<std::shared_ptr<const MappedField>> fields_;
  std::vector<std::unique_ptr<CompiledField>> compiled_;
  std::vector<std::unique_ptr<CompiledObject>> objects_;
  std::unordered_map<std::string, FieldId, StringHash, std::equal_to<>> by_path_;
  std::unordered_map<std::string, uint32_t, StringHash, std::equal_to<>> objects_by_path_;
  std::vector<const MappedField*> sorted_;  // by path, without kFlattenedPath
  std::vector<DynamicDateFormat> dynamic_date_formats_;
};

}  // namespace stratalog::index
