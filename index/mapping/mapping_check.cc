// What a whole mapping must keep, checked after each change.
#include <algorithm>
#include <set>

#include "index/mapping/mapping_tree.h"

namespace stratalog::index {

namespace {

using error_types::kIllegalArgument;
using error_types::kMapperParsing;

// Names of Elasticsearch's metadata fields that a mapping can't define at its root.
constexpr std::string_view kMetadataNames[] = {"_id",          "_index",
                                               "_type",        "_source",
                                               "_routing",     "_seq_no",
                                               "_version",     "_ignored",
                                               "_field_names", "_doc_count",
                                               "_nested_path", "_feature",
                                               "_tier",        "_data_stream_timestamp"};

struct Walk {
  explicit Walk(const MappingLimits& l) : limits(l) {}

  const MappingLimits& limits;
  std::set<std::string, std::less<>> leaves;  // fields that are no multi-fields
  std::set<std::string, std::less<>> multi_leaves;
  std::set<std::string, std::less<>> aliases;
  std::vector<std::pair<std::string, const FieldNode*>> fields;
  std::vector<std::string> objects;
  std::string long_name;
  std::string twice;  // a path that is a multi-field and an object's field
  uint32_t nested = 0;

  void name(const std::string& text) {
    if (text.size() > limits.field_name_length && long_name.empty()) long_name = text;
  }
  void multi_fields(const FieldNode& field, const std::string& path) {
    for (const auto& [child, multi] : field.fields) {
      name(child);
      const std::string child_path = join_path(path, child);
      multi_leaves.insert(child_path);
      fields.emplace_back(child_path, &multi);
      multi_fields(multi, child_path);
    }
  }
  // Depth is that of the mapping, which parsing bounds by the JSON's.
  void object(const ObjectNode& node, const std::string& path) {
    for (const auto& [child, entry] : node.children) {
      name(child);
      const std::string child_path = join_path(path, child);
      if (entry.field) {
        (entry.field->spec->type == FieldType::kAlias ? aliases : leaves).insert(child_path);
        fields.emplace_back(child_path, entry.field.get());
        multi_fields(*entry.field, child_path);
      }
      if (entry.object) {
        objects.push_back(child_path);
        for (const auto& [below, unused] : entry.object->children) {
          if (entry.field && entry.field->fields.contains(below))
            twice = join_path(child_path, below);
        }
        if (entry.object->nested) ++nested;
        object(*entry.object, child_path);
      }
    }
  }
};

Status check_limits(const MappingTree& tree, const Walk& walk, const MappingLimits& limits) {
  const auto exceeded = [](const std::string& what, uint32_t limit, const std::string& end) {
    return Error(kIllegalArgument,
                 "Limit of " + what + " [" + std::to_string(limit) + "] has been exceeded" + end);
  };
  if (count_fields(tree.root) > limits.total_fields) {
    return exceeded("total fields", limits.total_fields, "");
  }
  for (const std::string& path : walk.objects) {
    const auto depth = static_cast<uint32_t>(std::count(path.begin(), path.end(), '.')) + 2;
    if (depth > limits.depth) {
      return exceeded("mapping depth", limits.depth, " due to object field [" + path + "]");
    }
  }
  if (!walk.long_name.empty()) {
    return Error(kIllegalArgument, "Field name [" + walk.long_name +
                                       "] is longer than the limit of [" +
                                       std::to_string(limits.field_name_length) + "] characters");
  }
  if (walk.nested > limits.nested_fields)
    return exceeded("nested fields", limits.nested_fields, "");
  return {};
}

Status check_copy_to(const Walk& walk) {
  for (const auto& [path, field] : walk.fields) {
    if (field->copy_to.empty()) continue;
    if (walk.multi_leaves.contains(path)) {
      return Error(kIllegalArgument,
                   "[copy_to] may not be used to copy from a multi-field: [" + path + "]");
    }
    for (const std::string& target : field->copy_to) {
      if (walk.multi_leaves.contains(target)) {
        return Error(kIllegalArgument,
                     "[copy_to] may not be used to copy to a multi-field: [" + target + "]");
      }
      if (std::find(walk.objects.begin(), walk.objects.end(), target) != walk.objects.end() &&
          !walk.leaves.contains(target)) {
        return Error(kIllegalArgument,
                     "Cannot copy to field [" + target + "] since it is mapped as an object");
      }
    }
  }
  return {};
}

Status check_aliases(const Walk& walk) {
  for (const auto& [path, field] : walk.fields) {
    if (field->spec->type != FieldType::kAlias) continue;
    const std::string target = field->params.find("path")->as_string();
    const std::string start =
        "Invalid [path] value [" + target + "] for field alias [" + path + "]: ";
    if (target == path) {
      return Error(kMapperParsing, start + "an alias cannot refer to itself.");
    }
    if (walk.aliases.contains(target)) {
      return Error(kMapperParsing, start + "an alias cannot refer to another alias.");
    }
    if (!walk.leaves.contains(target) && !walk.multi_leaves.contains(target)) {
      return Error(kMapperParsing,
                   start + "an alias must refer to an existing field in the mappings.");
    }
  }
  return {};
}

}  // namespace

uint32_t count_fields(const FieldNode& field) {
  uint32_t count = 1;
  for (const auto& [name, multi] : field.fields) count += count_fields(multi);
  return count;
}

uint32_t count_fields(const ObjectNode& object) {
  uint32_t count = 0;
  for (const auto& [name, node] : object.children) {
    if (node.field) count += count_fields(*node.field);
    if (node.object) count += 1 + count_fields(*node.object);
  }
  return count;
}

Status check_mapping(const MappingTree& tree, const MappingLimits& limits) {
  Walk walk(limits);
  walk.object(tree.root, "");
  for (const std::string_view name : kMetadataNames) {
    if (tree.root.children.contains(name)) {
      return Error(kMapperParsing, "Field [" + std::string(name) + "] is defined more than once");
    }
  }
  if (tree.root.children.contains(kFlattenedPath)) {
    return Error(kMapperParsing,
                 "Field [" + std::string(kFlattenedPath) + "] is defined more than once");
  }
  if (!walk.twice.empty()) {
    return Error(kMapperParsing, "Field [" + walk.twice + "] is defined more than once");
  }
  RETURN_IF_ERROR(check_copy_to(walk));
  RETURN_IF_ERROR(check_aliases(walk));
  return check_limits(tree, walk, limits);
}

}  // namespace stratalog::index
