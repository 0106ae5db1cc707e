#include "index/catalog/settings.h"

#include <algorithm>
#include <vector>

#include "index/catalog/names.h"
#include "index/catalog/setting_specs.h"
#include "index/catalog/wildcard.h"

namespace stratalog::index {

namespace {

constexpr std::string_view kPrefix = "index.";

std::string with_prefix(std::string_view name) {
  return name.starts_with(kPrefix) ? std::string(name) : std::string(kPrefix) + std::string(name);
}

Result<json::Value> leaf(const json::Value& value, const std::string& name) {
  if (value.is_null()) return value;
  if (!value.is_array()) return json::Value(value.to_text());
  json::Value list = json::Value::array();
  for (const json::Value& item : value.as_array()) {
    if (item.is_object() || item.is_array()) {
      return Error(error_types::kIllegalArgument,
                   "setting [" + name + "] must be a list of plain values");
    }
    list.push_back(item.to_text());
  }
  return list;
}

Status flatten_into(const json::Value& node, const std::string& path, FlatSettings& out) {
  for (const json::Member& member : node.as_object()) {
    const std::string name = path.empty() ? member.key : path + "." + member.key;
    if (member.value.is_object()) {
      RETURN_IF_ERROR(flatten_into(member.value, name, out));
    } else {
      ASSIGN_OR_RETURN(out[with_prefix(name)], leaf(member.value, name));
    }
  }
  return {};
}

void flatten_tree_into(const json::Value& node, const std::string& path, FlatSettings& out) {
  for (const json::Member& member : node.as_object()) {
    const std::string name = path + "." + member.key;
    if (member.value.is_object()) {
      flatten_tree_into(member.value, name, out);
    } else {
      out[name] = member.value;
    }
  }
}

// Sets tree["a"]["b"] for "a.b"; where a plain value stands in the way, the rest of the name is one
// key.
void set_in_tree(json::Value& tree, std::string_view name, const json::Value& value) {
  json::Value* node = &tree;
  while (true) {
    const size_t dot = name.find('.');
    if (dot == std::string_view::npos) break;
    json::Value* child = node->find(name.substr(0, dot));
    if (child != nullptr && !child->is_object()) break;
    if (child == nullptr) {
      node->set(name.substr(0, dot), json::Value::object());
      child = node->find(name.substr(0, dot));
    }
    node = child;
    name.remove_prefix(dot + 1);
  }
  node->set(name, value);
}

const SettingSpec* spec_of(std::string_view full_name) {
  return find_setting_spec(full_name.substr(kPrefix.size()));
}

Status validate(const FlatSettings& flat, bool creation) {
  std::vector<std::string> set_privately;
  for (const auto& [name, value] : flat) {
    const SettingSpec* spec = spec_of(name);
    if (spec == nullptr) return unknown_setting(name);
    if (!value.is_null()) RETURN_IF_ERROR(validate_setting_value(*spec, name, value));
    if (spec->scope == SettingScope::kPrivate) {
      set_privately.push_back("private index setting [" + name + "] can not be set explicitly");
    }
  }
  if (creation && !set_privately.empty()) {
    return Error({"validation_exception", 400}, validation_failed(set_privately));
  }
  return {};
}

Status check_updatable(const IndexMetadata& index, const FlatSettings& changes) {
  std::string fixed;
  for (const auto& [name, value] : changes) {
    if (is_wildcard(name)) continue;
    const SettingSpec* spec = spec_of(name);
    if (spec->scope == SettingScope::kPrivate) {
      return Error(error_types::kIllegalArgument,
                   "can not update private setting [" + name +
                       "]; this setting is managed by Elasticsearch");
    }
    if (spec->scope == SettingScope::kDynamic) continue;
    if (index.state == IndexState::kOpen) {
      fixed += (fixed.empty() ? "" : ", ") + name;
    } else if (spec->scope == SettingScope::kFinal) {
      return Error(error_types::kIllegalArgument,
                   "final " + index.name + " setting [" + name + "], not updateable");
    }
  }
  if (fixed.empty()) return {};
  return Error(error_types::kIllegalArgument, "Can't update non dynamic settings [[" + fixed +
                                                  "]] for open indices [[" + index.name + "/" +
                                                  index.uuid + "]]");
}

}  // namespace

Result<FlatSettings> flatten_settings(const json::Value& body) {
  FlatSettings flat;
  if (body.is_null()) return flat;
  if (!body.is_object())
    return Error(error_types::kElasticsearchParse, "key [settings] must be an object");
  RETURN_IF_ERROR(flatten_into(body, "", flat));
  return flat;
}

FlatSettings flatten_tree(const json::Value& tree) {
  FlatSettings flat;
  if (tree.is_object()) flatten_tree_into(tree, "index", flat);
  return flat;
}

json::Value settings_tree(const FlatSettings& flat) {
  json::Value tree = json::Value::object();
  for (const auto& [name, value] : flat) {
    if (!value.is_null()) set_in_tree(tree, std::string_view(name).substr(kPrefix.size()), value);
  }
  return tree;
}

Status validate_settings(const FlatSettings& flat) { return validate(flat, false); }
Status validate_creation_settings(const FlatSettings& flat) { return validate(flat, true); }

void overlay_settings(FlatSettings& base, const FlatSettings& over) {
  for (const auto& [name, value] : over) {
    if (!value.is_null()) {
      base[name] = value;
    } else if (is_wildcard(name)) {
      std::erase_if(base, [&](const auto& entry) { return wildcard_match(name, entry.first); });
    } else {
      base.erase(name);
    }
  }
}

FlatSettings default_settings(std::string_view index_name) {
  FlatSettings flat;
  flat["index.number_of_shards"] = "1";
  flat["index.number_of_replicas"] = "1";
  flat["index.routing.allocation.include._tier_preference"] = "data_content";
  if (wildcard_match("logstash-*", index_name) || wildcard_match("logs-*-*", index_name)) {
    flat["index.mapping.conflicts"] = "accept";
    flat["index.bulk.deduplicate_retries"] = "true";
  }
  return flat;
}

Result<json::Value> update_settings(const IndexMetadata& index, const json::Value& body,
                                    bool preserve_existing) {
  // Clients send the settings themselves or under "settings".
  const json::Value* inner = body.find("settings");
  ASSIGN_OR_RETURN(FlatSettings changes,
                   flatten_settings(inner != nullptr && inner->is_object() ? *inner : body));
  if (changes.empty()) {
    return Error(error_types::kActionRequestValidation,
                 "Validation Failed: 1: no settings to update;");
  }
  FlatSettings known = changes;
  std::erase_if(
      known, [](const auto& entry) { return is_wildcard(entry.first) && entry.second.is_null(); });
  RETURN_IF_ERROR(validate_settings(known));
  FlatSettings merged = flatten_tree(index.settings);
  if (preserve_existing) {
    std::erase_if(changes, [&](const auto& entry) { return merged.contains(entry.first); });
  }
  RETURN_IF_ERROR(check_updatable(index, changes));
  overlay_settings(merged, changes);
  merged.try_emplace("index.number_of_replicas", "1");
  return settings_tree(merged);
}

}  // namespace stratalog::index
