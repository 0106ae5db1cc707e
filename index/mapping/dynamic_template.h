// Dynamic templates: what new fields of documents become. Elasticsearch doc page "Dynamic
// templates".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace re2 {
class RE2;
}

namespace stratalog::index {

// What a JSON value looks like to dynamic mapping.
enum class DetectedType : uint8_t { kObject, kString, kLong, kDouble, kBoolean, kDate, kBinary };

std::string_view detected_type_name(DetectedType type);     // as match_mapping_type names it
std::string_view detected_default_type(DetectedType type);  // {dynamic_type}: "text", "long", ...

class DynamicTemplate {
 public:
  // Of {"name": {"match": ...}}. Errors as Elasticsearch's, not wrapped.
  static Result<DynamicTemplate> parse(const json::Value& entry);

  const std::string& name() const { return name_; }
  bool matches(std::string_view path, std::string_view field_name, DetectedType type) const;
  // The definition of a new field, {name} and {dynamic_type} replaced, with its type.
  json::Value definition(std::string_view field_name, DetectedType type) const;
  json::Value to_json() const;  // {"name": {...}}

 private:
  struct Pattern {
    std::string text;
    std::shared_ptr<const re2::RE2> regex;  // null: a simple pattern with "*"
    bool matches(std::string_view value) const;
  };

  std::string name_;
  std::optional<Pattern> match_, unmatch_, path_match_, path_unmatch_;
  std::string match_mapping_type_;  // "": not given; "*": all
  bool regex_ = false;
  json::Value mapping_;
};

// Elasticsearch's simple patterns: "*" stands for any text.
bool simple_match(std::string_view pattern, std::string_view text);

}  // namespace stratalog::index
