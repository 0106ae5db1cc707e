#include "index/catalog/mapping_bodies.h"

#include <string>

namespace stratalog::index {

namespace {

bool is_object_mapping(const json::Value& field) {
  const json::Value* type = field.find("type");
  if (type == nullptr) return field.find("properties") != nullptr || field.empty();
  return type->is_string() && (type->as_string() == "object" || type->as_string() == "nested");
}

// Dynamic templates are a list of objects with one member, its name.
json::Value merge_named_list(const json::Value& base, const json::Value& over) {
  json::Value merged = base;
  for (const json::Value& item : over.as_array()) {
    const bool named = item.is_object() && item.size() == 1;
    bool replaced = false;
    for (json::Value& old : merged.as_array()) {
      if (named && old.find(item.as_object().front().key) != nullptr) {
        old = item;
        replaced = true;
      }
    }
    if (!replaced) merged.push_back(item);
  }
  return merged;
}

Status merge_object(json::Value& base, const json::Value& over, const std::string& path);

Status merge_properties(json::Value& base, const json::Value& over, const std::string& path) {
  for (const json::Member& field : over.as_object()) {
    const std::string full = path.empty() ? field.key : path + "." + field.key;
    json::Value* old = base.find(field.key);
    if (old == nullptr) {
      base.set(field.key, field.value);
      continue;
    }
    const bool old_object = is_object_mapping(*old), new_object = is_object_mapping(field.value);
    if (!old->is_object() || !field.value.is_object()) {
      return Error(error_types::kMapperParsing,
                   "Failed to parse mapping [_doc]: Expected map for property [" + full + "]");
    }
    if (old_object != new_object) {
      return Error(error_types::kIllegalArgument,
                   "can't merge a non object mapping [" + full + "] with an object mapping");
    }
    if (new_object) {
      RETURN_IF_ERROR(merge_object(*old, field.value, full));
    } else {
      *old = field.value;
    }
  }
  return {};
}

Status merge_object(json::Value& base, const json::Value& over, const std::string& path) {
  for (const json::Member& member : over.as_object()) {
    json::Value* old = base.find(member.key);
    if (member.key == "properties" && old != nullptr && old->is_object() &&
        member.value.is_object()) {
      RETURN_IF_ERROR(merge_properties(*old, member.value, path));
    } else if (member.key == "dynamic_templates" && old != nullptr && old->is_array() &&
               member.value.is_array()) {
      *old = merge_named_list(*old, member.value);
    } else {
      base.set(member.key, member.value);
    }
  }
  return {};
}

}  // namespace

Result<json::Value> merge_mapping_bodies(const json::Value& base, const json::Value& over) {
  if (!over.is_object()) return base;
  if (!base.is_object()) return over;
  json::Value merged = base;
  RETURN_IF_ERROR(merge_object(merged, over, ""));
  return merged;
}

json::Value merge_mapping_defaults(const json::Value& base, const json::Value& over) {
  if (base.is_object() && over.is_object()) {
    json::Value merged = over;
    for (const json::Member& member : base.as_object()) {
      const json::Value* mine = merged.find(member.key);
      merged.set(member.key,
                 mine == nullptr ? member.value : merge_mapping_defaults(member.value, *mine));
    }
    return merged;
  }
  if (base.is_array() && over.is_array()) return merge_named_list(base, over);
  return over.is_null() ? base : over;
}

}  // namespace stratalog::index
