// Trees as GET _mapping shows them.
#include "base/json_writer.h"
#include "index/mapping/mapping_tree.h"

namespace stratalog::index {

namespace {

// Members are appended without a search: names are distinct by construction.
void add(json::Value& object, std::string_view key, json::Value value) {
  object.as_object().push_back({std::string(key), std::move(value)});
}

json::Value print_field(const FieldNode& field);

// "fields" and "copy_to".
void add_further(json::Value& out, const FieldNode& field) {
  if (!field.fields.empty()) {
    json::Value fields = json::Value::object();
    for (const auto& [name, multi] : field.fields) add(fields, name, print_field(multi));
    add(out, "fields", std::move(fields));
  }
  if (!field.copy_to.empty()) {
    json::Value list = json::Value::array();
    for (const std::string& path : field.copy_to) list.push_back(json::Value(path));
    add(out, "copy_to", std::move(list));
  }
}

json::Value print_field(const FieldNode& field) {
  json::Value out = json::Value::object();
  add(out, "type", json::Value(field.spec->name));
  // Text fields alone show them in the middle.
  bool pending = true;
  for (const auto& [key, value] : field.params.as_object()) {
    const bool early = key == "boost" || key == "index" || key == "store";
    if (pending && field.spec->type == FieldType::kText && !early) {
      add_further(out, field);
      pending = false;
    }
    add(out, key, value);
  }
  if (pending) add_further(out, field);
  return out;
}

void print_children(const ObjectNode& object, const std::string& prefix, json::Value& properties);

json::Value print_object(const ObjectNode& object) {
  json::Value out = json::Value::object();
  if (object.nested) {
    add(out, "type", "nested");
    if (object.include_in_parent) add(out, "include_in_parent", true);
    if (object.include_in_root) add(out, "include_in_root", true);
  } else if (object.children.empty()) {
    add(out, "type", "object");
  }
  if (object.dynamic) add(out, "dynamic", json::Value(dynamic_name(*object.dynamic)));
  if (object.enabled && !*object.enabled) add(out, "enabled", false);
  if (!object.children.empty()) {
    json::Value properties = json::Value::object();
    print_children(object, "", properties);
    add(out, "properties", std::move(properties));
  }
  return out;
}

// `prefix`: of names whose parent is shown as a field: "app."
void print_children(const ObjectNode& object, const std::string& prefix, json::Value& properties) {
  for (const auto& [name, node] : object.children) {
    if (node.field) add(properties, prefix + name, print_field(*node.field));
    if (!node.object) continue;
    if (node.field) {
      print_children(*node.object, prefix + name + ".", properties);
    } else {
      add(properties, prefix + name, print_object(*node.object));
    }
  }
}

}  // namespace

json::Value print_mapping(const MappingTree& tree) {
  json::Value out = json::Value::object();
  if (tree.root.dynamic) add(out, "dynamic", json::Value(dynamic_name(*tree.root.dynamic)));
  if (tree.root.enabled && !*tree.root.enabled) add(out, "enabled", false);
  if (!tree.meta.is_null()) add(out, "_meta", tree.meta);
  if (tree.routing_required.value_or(false)) {
    add(out, "_routing", json::Value::object({{"required", true}}));
  }
  if (!tree.source.empty()) add(out, "_source", tree.source);
  if (tree.dynamic_date_formats) {
    json::Value formats = json::Value::array();
    for (const std::string& format : *tree.dynamic_date_formats)
      formats.push_back(json::Value(format));
    add(out, "dynamic_date_formats", std::move(formats));
  }
  if (tree.dynamic_templates) {
    json::Value templates = json::Value::array();
    for (const DynamicTemplate& entry : *tree.dynamic_templates)
      templates.push_back(entry.to_json());
    add(out, "dynamic_templates", std::move(templates));
  }
  if (tree.date_detection) add(out, "date_detection", *tree.date_detection);
  if (tree.numeric_detection) add(out, "numeric_detection", *tree.numeric_detection);
  if (!tree.root.children.empty()) {
    json::Value properties = json::Value::object();
    print_children(tree.root, "", properties);
    add(out, "properties", std::move(properties));
  }
  return out;
}

std::string join_path(std::string_view parent, std::string_view name) {
  std::string out(parent);
  if (!out.empty()) out += '.';
  out += name;
  return out;
}

std::string java_text(const json::Value& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_array()) {
    std::string out = "[";
    for (const json::Value& element : value.as_array()) {
      if (out.size() > 1) out += ", ";
      out += java_text(element);
    }
    return out + "]";
  }
  if (value.is_object()) {
    std::string out = "{";
    for (const auto& [key, entry] : value.as_object()) {
      if (out.size() > 1) out += ", ";
      out += key + "=" + java_text(entry);
    }
    return out + "}";
  }
  return json::to_string(value);
}

std::string_view dynamic_name(Dynamic dynamic) {
  switch (dynamic) {
    case Dynamic::kTrue:
      return "true";
    case Dynamic::kFalse:
      return "false";
    case Dynamic::kStrict:
      return "strict";
    case Dynamic::kRuntime:
      return "runtime";
  }
  return "true";
}

}  // namespace stratalog::index
