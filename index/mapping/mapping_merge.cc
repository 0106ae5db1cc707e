// Joins two mapping trees. Elasticsearch's rules and texts of 7.17.3: ObjectMapper.merge,
// FieldMapper.merge, and the checks of MappingLookup and RootObjectMapper.
#include <algorithm>

#include "index/mapping/mapping_tree.h"

namespace stratalog::index {

namespace {

constexpr ErrorType kMapper{"mapper_exception", 500};

Error illegal(std::string reason) {
  return Error(error_types::kIllegalArgument, std::move(reason));
}

// The parameter's value as conflict texts show it.
std::string shown(const FieldNode& field, const ParamSpec& param) {
  const json::Value* value = field.params.find(param.name);
  return java_text(value == nullptr ? param.fallback : *value);
}

class Merger {
 public:
  Merger(const MappingLimits& limits, const MergeOptions& options, uint32_t count)
      : limits_(limits), options_(options), count_(count) {}

  Status join(ObjectNode& into, ObjectNode&& from, const std::string& path);

 private:
  Status join_fields(FieldNode& into, FieldNode&& from, const std::string& path);
  Status join_options(ObjectNode& into, const ObjectNode& from, const std::string& path);
  Status join_child(Node& into, Node&& from, const std::string& path);
  void add_lenient(ObjectNode& into, const std::string& name, Node&& from, const std::string& path);
  bool fits(uint32_t more, const std::string& path, std::string_view name) const;

  const MappingLimits& limits_;
  const MergeOptions& options_;
  uint32_t count_;  // fields so far; kept only when lenient
};

Status Merger::join_fields(FieldNode& into, FieldNode&& from, const std::string& path) {
  if (into.spec != from.spec) {
    if (options_.lenient) return {};
    if (into.spec->type == FieldType::kAlias) {
      return illegal("Cannot merge a field alias mapping [" + path +
                     "] with a mapping that is not for a field alias.");
    }
    return illegal("mapper [" + path + "] cannot be changed from type [" +
                   std::string(into.spec->name) + "] to [" + std::string(from.spec->name) + "]");
  }
  if (options_.lenient) {
    const json::Value* value = from.params.find("value");
    if (value != nullptr && into.params.find("value") == nullptr) into.params.set("value", *value);
    return {};
  }
  std::string conflicts;
  for (const ParamSpec& param : into.spec->params) {
    const std::string before = shown(into, param), after = shown(from, param);
    if (before == after) continue;
    const bool norms_off =
        param.name == "norms" && into.spec->type == FieldType::kText && before == "true";
    const bool value_set = param.name == "value" && into.params.find("value") == nullptr;
    const bool fixed = param.fixed && !norms_off;
    const bool constant = param.name == "value" && !value_set;
    if (constant && from.params.find("value") == nullptr) {
      from.params.set("value", *into.params.find("value"));
    } else if (fixed || constant) {
      conflicts += "\n\tCannot update parameter [" + std::string(param.name) + "] from [" + before +
                   "] to [" + after + "]";
    }
  }
  if (!conflicts.empty()) {
    return illegal("Mapper for [" + path + "] conflicts with existing mapper:" + conflicts);
  }
  into.params = std::move(from.params);
  into.copy_to = std::move(from.copy_to);
  for (auto& [name, field] : from.fields) {
    const auto [it, added] = into.fields.try_emplace(name, field);
    if (!added) RETURN_IF_ERROR(join_fields(it->second, std::move(field), join_path(path, name)));
  }
  return {};
}

Status Merger::join_options(ObjectNode& into, const ObjectNode& from, const std::string& path) {
  if (from.implicit) return {};
  if (into.implicit) {
    into.implicit = false;
    into.nested = from.nested;
    into.include_in_parent = from.include_in_parent;
    into.include_in_root = from.include_in_root;
    into.enabled = from.enabled;
    into.dynamic = from.dynamic;
    return {};
  }
  if (options_.lenient) return {};
  if (into.nested != from.nested) {
    return illegal(into.nested
                       ? "can't merge a non nested mapping [" + path + "] with a nested mapping"
                       : "can't merge a nested mapping [" + path + "] with a non-nested mapping");
  }
  if (into.include_in_parent != from.include_in_parent) {
    return Error(kMapper,
                 "the [include_in_parent] parameter can't be updated on a nested object mapping");
  }
  if (into.include_in_root != from.include_in_root) {
    return Error(kMapper,
                 "the [include_in_root] parameter can't be updated on a nested object mapping");
  }
  if (from.enabled && into.enabled.value_or(true) != *from.enabled) {
    return Error(kMapper,
                 "the [enabled] parameter can't be updated for the object mapping [" + path + "]");
  }
  if (from.dynamic) into.dynamic = from.dynamic;
  return {};
}

// An object without fields beside a field would be counted and not shown.
bool drop_hidden_object(Node& node) {
  if (!node.field || !node.object || !node.object->children.empty()) return false;
  node.object.reset();
  return true;
}

Status Merger::join_child(Node& into, Node&& from, const std::string& path) {
  const bool clash =
      (into.field && from.object && !into.object) || (into.object && from.field && !into.field);
  if (clash && !options_.accept_conflicts) {
    return illegal("can't merge a non object mapping [" + path + "] with an object mapping");
  }
  if (from.field) {
    if (into.field) {
      RETURN_IF_ERROR(join_fields(*into.field, std::move(*from.field), path));
    } else {
      into.field = std::move(from.field);
    }
  }
  if (from.object) {
    if (!into.object) into.object.emplace().implicit = true;
    RETURN_IF_ERROR(join(*into.object, std::move(*from.object), path));
  }
  drop_hidden_object(into);
  return {};
}

bool Merger::fits(uint32_t more, const std::string& path, std::string_view name) const {
  const auto dots = static_cast<uint32_t>(std::count(path.begin(), path.end(), '.'));
  return count_ + more <= limits_.total_fields && dots + 1 <= limits_.depth &&
         name.size() <= limits_.field_name_length;
}

// Adds what there is room for.
void Merger::add_lenient(ObjectNode& into, const std::string& name, Node&& from,
                         const std::string& path) {
  Node& node = into.children[name];
  if (from.field && node.field) {
    (void)join_fields(*node.field, std::move(*from.field), path);
  } else if (from.field) {
    const uint32_t more = count_fields(*from.field);
    if (fits(more, path, name)) {
      node.field = std::move(from.field);
      count_ += more;
    }
  }
  if (from.object) {
    const bool made = !node.object;
    if (made && !fits(1, path + ".", name)) return;
    if (made) {
      node.object.emplace().implicit = true;
      ++count_;
    }
    if (node.field) {
      std::erase_if(from.object->children,
                    [&](const auto& below) { return node.field->fields.contains(below.first); });
    }
    (void)join(*node.object, std::move(*from.object), path);
  }
  if (drop_hidden_object(node)) --count_;
}

Status Merger::join(ObjectNode& into, ObjectNode&& from, const std::string& path) {
  RETURN_IF_ERROR(join_options(into, from, path));
  for (auto& [name, child] : from.children) {
    const std::string child_path = join_path(path, name);
    if (options_.lenient) {
      add_lenient(into, name, std::move(child), child_path);
      const Node& node = into.children[name];
      if (!node.field && !node.object) into.children.erase(name);
      continue;
    }
    const auto it = into.children.find(name);
    if (it == into.children.end()) {
      into.children.emplace(name, std::move(child));
    } else {
      RETURN_IF_ERROR(join_child(it->second, std::move(child), child_path));
    }
  }
  return {};
}

Status join_metadata(MappingTree& into, MappingTree& from) {
  if (from.routing_required) {
    if (into.routing_required.value_or(false) != *from.routing_required) {
      const auto text = [](bool on) { return std::string(on ? "true" : "false"); };
      return illegal(
          "Mapper for [_routing] conflicts with existing mapper:\n\tCannot update parameter "
          "[required] from [" +
          text(into.routing_required.value_or(false)) + "] to [" + text(*from.routing_required) +
          "]");
    }
    into.routing_required = from.routing_required;
  }
  if (!from.source.is_null()) {
    std::string conflicts;
    for (const auto& [name, fallback] : {std::pair<std::string_view, json::Value>("enabled", true),
                                         {"includes", json::Value::array()},
                                         {"excludes", json::Value::array()}}) {
      const json::Value* before = into.source.find(name);
      const json::Value* after = from.source.find(name);
      const std::string old_text = java_text(before == nullptr ? fallback : *before);
      const std::string new_text = java_text(after == nullptr ? fallback : *after);
      if (old_text == new_text) continue;
      conflicts += "\n\tCannot update parameter [" + std::string(name) + "] from [" + old_text +
                   "] to [" + new_text + "]";
    }
    if (!conflicts.empty()) {
      return illegal("Mapper for [_source] conflicts with existing mapper:" + conflicts);
    }
  }
  if (!from.meta.is_null()) into.meta = std::move(from.meta);
  if (from.date_detection) into.date_detection = from.date_detection;
  if (from.numeric_detection) into.numeric_detection = from.numeric_detection;
  if (from.dynamic_date_formats) into.dynamic_date_formats = std::move(from.dynamic_date_formats);
  if (from.dynamic_templates) into.dynamic_templates = std::move(from.dynamic_templates);
  return {};
}

}  // namespace

Status merge_trees(MappingTree& into, MappingTree from, const MappingLimits& limits,
                   const MergeOptions& options) {
  Merger merger(limits, options, options.lenient ? count_fields(into.root) : 0);
  RETURN_IF_ERROR(merger.join(into.root, std::move(from.root), ""));
  return join_metadata(into, from);
}

}  // namespace stratalog::index
