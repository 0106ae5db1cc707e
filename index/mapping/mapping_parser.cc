// Mapping bodies to trees. Error texts are those of 7.17.3 (ObjectMapper, FieldMapper, TypeParsers
// there).
#include <algorithm>
#include <charconv>
#include <cmath>

#include "index/analysis/registry.h"
#include "index/date/date_format.h"
#include "index/mapping/field_values.h"
#include "index/mapping/mapping_tree.h"

namespace stratalog::index {

namespace {

using error_types::kArithmetic;
using error_types::kElasticsearchParse;
using error_types::kIllegalArgument;
using error_types::kMapperParsing;
using error_types::kNumberFormat;

Error not_boolean(const json::Value& value) {
  return Error(kIllegalArgument, "Failed to parse value [" + java_text(value) +
                                     "] as only [true] or [false] are allowed.");
}

Result<bool> read_bool(const json::Value& value) {
  const std::optional<bool> out = value.to_bool();
  if (!out) return not_boolean(value);
  return *out;
}

// What is searched in another way shows how it is indexed, what is quoted in another way how it is
// searched; what is as it would be anyway is not shown.
void settle_analyzers(json::Value& params) {
  const auto get = [&](const char* name, const json::Value& fallback) {
    const json::Value* value = params.find(name);
    return value == nullptr ? fallback : *value;
  };
  const json::Value indexed = get("analyzer", "default");
  const json::Value searched = get("search_analyzer", indexed);
  const json::Value quoted = get("search_quote_analyzer", searched);
  if (searched == indexed && quoted == searched) {
    params.erase("search_analyzer");
  } else {
    params.set("analyzer", indexed);
    params.set("search_analyzer", searched);
  }
  if (quoted == searched) params.erase("search_quote_analyzer");
}

// A boolean beside "properties": its errors name the parameter.
Result<bool> read_named_bool(const json::Value& value, std::string_view name) {
  Result<bool> out = read_bool(value);
  if (out) return out;
  return Error(kIllegalArgument, "Could not convert [" + std::string(name) + "] to boolean")
      .because(out.error());
}

// As Elasticsearch's Numbers.toIntExact.
Result<int64_t> read_whole_number(const json::Value& value) {
  int64_t out = 0;
  if (value.is_int()) {
    out = value.as_int();
  } else if (value.is_uint()) {
    return Error(kArithmetic, "BigInteger out of long range");
  } else if (const double number = value.as_double();
             number == std::trunc(number) && std::abs(number) < 0x1p63) {
    out = static_cast<int64_t>(number);
  } else {
    return Error(kIllegalArgument, java_text(value) + " is not an integer value");
  }
  if (out != static_cast<int32_t>(out)) return Error(kArithmetic, "integer overflow");
  return out;
}

Result<int64_t> read_int(const json::Value& value) {
  if (value.is_number()) return read_whole_number(value);
  const std::string text = value.to_text();
  int32_t out = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (ec != std::errc{} || end != text.data() + text.size() || text.empty()) {
    return Error(kNumberFormat, "For input string: \"" + text + "\"");
  }
  return int64_t{out};
}

Result<double> read_double(const json::Value& value) {
  const std::optional<double> out = value.to_double();
  if (!out) return Error(kNumberFormat, "For input string: \"" + java_text(value) + "\"");
  return *out;
}

std::string java_class(const json::Value& value) {
  if (value.is_string()) return "String";
  if (value.is_bool()) return "Boolean";
  if (value.is_int()) {
    return value.as_int() == static_cast<int32_t>(value.as_int()) ? "Integer" : "Long";
  }
  if (value.is_uint()) return "BigInteger";
  if (value.is_double()) return "Double";
  return value.is_array() ? "ArrayList" : "LinkedHashMap";
}

std::string java_class_path(const json::Value& value) {
  const std::string name = java_class(value);
  if (name == "ArrayList" || name == "LinkedHashMap") return "java.util." + name;
  return (name == "BigInteger" ? "java.math." : "java.lang.") + name;
}

// One field's parameters. Holds what all its steps need.
class FieldReader {
 public:
  FieldReader(std::string_view name, const TypeSpec& spec, const MappingContext& context)
      : name_(name), spec_(spec), context_(context) {}

  Result<FieldNode> read(const json::Value& definition);

 private:
  Status read_fields(const json::Value& fields, FieldNode& node);
  Result<json::Value> read_param(const ParamSpec& param, const json::Value& value) const;
  Result<json::Value> read_choice(const ParamSpec& param, const json::Value& value) const;
  Result<json::Value> read_meta(const json::Value& value) const;
  Status check(const FieldNode& node) const;

  std::string name_;
  const TypeSpec& spec_;
  const MappingContext& context_;
};

// Parameters of other types that 7.x lets pass without effect.
bool is_tolerated(std::string_view param) {
  constexpr std::string_view kNames[] = {"store",         "meta",       "index", "doc_values",
                                         "index_options", "similarity", "boost"};
  return std::find(std::begin(kNames), std::end(kNames), param) != std::end(kNames);
}

Result<FieldNode> FieldReader::read(const json::Value& definition) {
  FieldNode node;
  node.spec = &spec_;
  json::Value given = json::Value::object();
  for (const auto& [key, value] : definition.as_object()) {
    if (key == "type") continue;
    if (spec_.type != FieldType::kAlias) {
      if (key == "fields") {
        RETURN_IF_ERROR(read_fields(value, node));
        continue;
      }
      if (key == "copy_to") {
        if (value.is_array()) {
          for (const json::Value& path : value.as_array()) node.copy_to.push_back(path.to_text());
        } else {
          node.copy_to.push_back(value.to_text());
        }
        continue;
      }
    }
    const ParamSpec* param = spec_.find(key);
    if (param == nullptr) {
      if (spec_.any_params) {
        given.set(key, value);
        continue;
      }
      if (spec_.type == FieldType::kAlias) {
        return Error(kMapperParsing, "Mapping definition for [" + name_ +
                                         "] has unsupported parameters:  [" + key + " : " +
                                         java_text(value) + "]");
      }
      if (is_tolerated(key) || context_.from_template) continue;
      return Error(kMapperParsing, "unknown parameter [" + key + "] on mapper [" + name_ +
                                       "] of type [" + std::string(spec_.name) + "]");
    }
    if (value.is_null()) {
      const bool nullable = param->kind == ParamKind::kNull || param->fallback.is_null();
      if (nullable) continue;
      return Error(kMapperParsing, "[" + key + "] on mapper [" + name_ + "] of type [" +
                                       std::string(spec_.name) + "] must not have a [null] value");
    }
    ASSIGN_OR_RETURN(json::Value canonical, read_param(*param, value));
    given.set(key, std::move(canonical));
  }
  if (spec_.type == FieldType::kText) settle_analyzers(given);
  for (const auto& [key, value] : spec_.shown_defaults) {
    if (given.find(key) == nullptr) given.set(key, value);
  }
  for (const ParamSpec& param : spec_.params) {
    const json::Value* value = given.find(param.name);
    const bool kept = param.keep_default ||
                      (param.name == "analyzer" && given.find("search_analyzer") != nullptr);
    if (value == nullptr || (!kept && *value == param.fallback)) continue;
    node.params.set(param.name, *value);
  }
  if (spec_.any_params) {
    for (const auto& [key, value] : given.as_object()) node.params.set(key, value);
  }
  RETURN_IF_ERROR(check(node));
  return node;
}

Status FieldReader::read_fields(const json::Value& fields, FieldNode& node) {
  if (!fields.is_object()) {
    if (fields.is_array() && fields.empty()) return {};
    return Error(kMapperParsing, "expected map for property [fields] on field [" +
                                     java_text(fields) + "] or [fields] but got a class " +
                                     java_class_path(fields));
  }
  for (const auto& [name, definition] : fields.as_object()) {
    if (name.find('.') != std::string::npos) {
      return Error(kMapperParsing, "Field name [" + name + "] which is a multi field of [" + name_ +
                                       "] cannot contain '.'");
    }
    const json::Value* type = definition.find("type");
    if (type == nullptr || type->is_null()) {
      return Error(kMapperParsing, "no type specified for property [" + name + "]");
    }
    const std::string type_name = java_text(*type);
    if (type_name == "object" || type_name == "nested" || type_name == "alias") {
      return Error(kMapperParsing, "Type [" + type_name + "] cannot be used in multi field");
    }
    const TypeSpec* spec = find_type(type_name);
    if (spec == nullptr) {
      return Error(kMapperParsing,
                   "no handler for type [" + type_name + "] declared on field [" + name + "]");
    }
    ASSIGN_OR_RETURN(FieldNode field, FieldReader(name, *spec, context_).read(definition));
    node.fields.insert_or_assign(name, std::move(field));
  }
  return {};
}

Result<json::Value> FieldReader::read_choice(const ParamSpec& param,
                                             const json::Value& value) const {
  const std::string text = java_text(value);
  if (std::find(param.choices.begin(), param.choices.end(), text) != param.choices.end())
    return json::Value(text);
  std::string choices;
  for (const std::string_view choice : param.choices) {
    if (!choices.empty()) choices += ", ";
    choices += choice;
  }
  return Error(kMapperParsing, "Unknown value [" + text + "] for field [" +
                                   std::string(param.name) + "] - accepted values are [" + choices +
                                   "]");
}

Result<json::Value> FieldReader::read_meta(const json::Value& value) const {
  const auto shown = [](const json::Value& v) { return java_class(v) + "[" + java_text(v) + "]"; };
  if (!value.is_object()) {
    return Error(kMapperParsing,
                 "[meta] must be an object, got " + shown(value) + " for field [" + name_ + "]");
  }
  constexpr size_t kEntriesMax = 5;  // as Elasticsearch
  if (value.size() > kEntriesMax) {
    return Error(kMapperParsing, "[meta] can't have more than 5 entries, but got " +
                                     std::to_string(value.size()) + " on field [" + name_ + "]");
  }
  for (const auto& [key, entry] : value.as_object()) {
    if (!entry.is_string()) {
      return Error(kMapperParsing, "[meta] values can only be strings, but got " + shown(entry) +
                                       " for field [" + name_ + "]");
    }
  }
  json::Value out = value;
  std::sort(out.as_object().begin(), out.as_object().end(),
            [](const json::Member& a, const json::Member& b) { return a.key < b.key; });
  return out;
}

Result<json::Value> FieldReader::read_param(const ParamSpec& param,
                                            const json::Value& value) const {
  switch (param.kind) {
    case ParamKind::kBool: {
      ASSIGN_OR_RETURN(const bool v, read_bool(value));
      return json::Value(v);
    }
    case ParamKind::kInt: {
      ASSIGN_OR_RETURN(const int64_t v, read_int(value));
      return json::Value(v);
    }
    case ParamKind::kGap: {
      ASSIGN_OR_RETURN(const int64_t v, read_int(value));
      if (v >= 0) return json::Value(v);
      return Error(kMapperParsing, "[" + std::string(param.name) + "] must be positive, got [" +
                                       std::to_string(v) + "]");
    }
    case ParamKind::kDouble: {
      ASSIGN_OR_RETURN(const double v, read_double(value));
      return json::Value(v);
    }
    case ParamKind::kScale: {
      ASSIGN_OR_RETURN(const double v, read_double(value));
      if (v > 0 && std::isfinite(v)) return json::Value(v);
      return Error(kIllegalArgument, "[scaling_factor] must be a positive number, got [" +
                                         java_text(json::Value(v)) + "]");
    }
    case ParamKind::kText:
      return json::Value(java_text(value));
    case ParamKind::kChoice:
      return read_choice(param, value);
    case ParamKind::kAnalyzer: {
      const std::string name = java_text(value);
      if (name != "default" && context_.analysis.analyzer(name) == nullptr) {
        return Error(kIllegalArgument,
                     "analyzer [" + name + "] has not been configured in mappings");
      }
      return json::Value(name);
    }
    case ParamKind::kNormalizer: {
      const std::string name = java_text(value);
      if (context_.analysis.normalizer(name) == nullptr) {
        return Error(kMapperParsing,
                     "normalizer [" + name + "] not found for field [" + name_ + "]");
      }
      return json::Value(name);
    }
    case ParamKind::kSimilarity: {
      const std::string name = java_text(value);
      if (name == "BM25" || name == "boolean") return json::Value(name);
      if (name == "default") return json::Value("BM25");
      return Error(kMapperParsing,
                   "Unknown Similarity type [" + name + "] for field [" + name_ + "]");
    }
    case ParamKind::kFormat: {
      const std::string text = java_text(value);
      if (auto format = DateFormat::compile(text); !format) {
        return Error(kIllegalArgument,
                     "Error parsing [format] on field [" + name_ + "]: " + format.error().reason)
            .because(format.error());
      }
      return json::Value(text);
    }
    case ParamKind::kMeta:
      return read_meta(value);
    case ParamKind::kNull:
      return canonical_null_value(spec_.type, value);
    case ParamKind::kAny:
      if (param.name == "script") {
        return Error(kMapperParsing,
                     "scripts of fields are not supported, field [" + name_ + "] has one");
      }
      return value;
  }
  return value;
}

Status FieldReader::check(const FieldNode& node) const {
  if (spec_.type == FieldType::kScaledFloat && node.params.find("scaling_factor") == nullptr) {
    return Error(kIllegalArgument, "Field [scaling_factor] is required");
  }
  if (spec_.name == "token_count" && node.params.find("analyzer") == nullptr) {
    return Error(kMapperParsing, "Analyzer must be set for field [" + name_ + "] but wasn't.");
  }
  if (spec_.type == FieldType::kAlias && node.params.find("path") == nullptr) {
    return Error(kMapperParsing,
                 "The [path] property must be specified for field [" + name_ + "].");
  }
  if (spec_.type == FieldType::kText) {
    const json::Value* options = node.params.find("index_options");
    const bool positions = options == nullptr || options->as_string() == "offsets";
    if (!positions && node.params.find("position_increment_gap") != nullptr) {
      return Error(kIllegalArgument, "Cannot set position_increment_gap on field [" + name_ +
                                         "] without positions enabled");
    }
    if (node.params.find("search_quote_analyzer") != nullptr &&
        node.params.find("search_analyzer") == nullptr && node.params.find("analyzer") == nullptr) {
      return Error(kMapperParsing, "analyzer on field [" + name_ +
                                       "] must be set when search_quote_analyzer is set");
    }
  }
  return {};
}

Result<Dynamic> read_dynamic(const json::Value& value) {
  const std::string text = java_text(value);
  if (text == "strict" || text == "STRICT") return Dynamic::kStrict;
  if (text == "runtime") return Dynamic::kRuntime;
  ASSIGN_OR_RETURN(const bool on, read_named_bool(value, "dynamic.dynamic"));
  return on ? Dynamic::kTrue : Dynamic::kFalse;
}

Status read_properties(ObjectNode& object, const json::Value& value,
                       const MappingContext& context) {
  if (!value.is_object()) {
    if (value.is_array() && value.empty()) return {};
    return Error(kElasticsearchParse, "properties must be a map type");
  }
  for (const auto& [name, definition] : value.as_object()) {
    RETURN_IF_ERROR(parse_property(object, name, definition, context));
  }
  return {};
}

Error unsupported(std::string_view where, std::vector<std::string> members) {
  std::sort(members.begin(), members.end());
  std::string reason(where);
  reason += " has unsupported parameters: ";
  for (const std::string& member : members) reason += " [" + member + "]";
  return Error(kMapperParsing, std::move(reason));
}

Result<ObjectNode> read_object(std::string_view name, const json::Value& definition,
                               const MappingContext& context) {
  ObjectNode object;
  std::vector<std::string> unknown;
  for (const auto& [key, value] : definition.as_object()) {
    if (key == "type") {
      object.nested = value == json::Value("nested");
    } else if (key == "dynamic") {
      ASSIGN_OR_RETURN(object.dynamic, read_dynamic(value));
    } else if (key == "enabled") {
      ASSIGN_OR_RETURN(const bool on, read_named_bool(value, "enabled.enabled"));
      object.enabled = on;
    } else if (key == "properties") {
      RETURN_IF_ERROR(read_properties(object, value, context));
    } else if (key == "include_in_all") {
      continue;
    } else if (key == "include_in_parent") {
      ASSIGN_OR_RETURN(object.include_in_parent,
                       read_named_bool(value, std::string(name) + ".include_in_parent"));
    } else if (key == "include_in_root") {
      ASSIGN_OR_RETURN(object.include_in_root,
                       read_named_bool(value, std::string(name) + ".include_in_root"));
    } else {
      unknown.push_back(key + " : " + java_text(value));
    }
  }
  if (!unknown.empty()) {
    return unsupported("Mapping definition for [" + std::string(name) + "]", std::move(unknown));
  }
  return object;
}

// Where `name` leads: its last part and the object that holds it, made on the way. Trailing dots
// are dropped, as Java's String.split does.
Result<std::pair<ObjectNode*, std::string>> open_path(ObjectNode& parent, std::string_view name) {
  ObjectNode* at = &parent;
  while (!name.empty() && name.back() == '.') name.remove_suffix(1);
  for (size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
    const std::string_view part = name.substr(0, dot);
    if (part.empty()) return Error(kIllegalArgument, "name cannot be empty string");
    Node& node = at->children[std::string(part)];
    if (!node.object) node.object.emplace().implicit = true;
    at = node.object.get();
    name.remove_prefix(dot + 1);
  }
  if (name.empty()) return Error(kIllegalArgument, "name cannot be empty string");
  return std::pair(at, std::string(name));
}

Result<std::vector<std::string>> read_strings(const json::Value& value) {
  std::vector<std::string> out;
  if (value.is_array()) {
    for (const json::Value& element : value.as_array()) out.push_back(java_text(element));
  } else {
    out.push_back(java_text(value));
  }
  return out;
}

Error unknown_metadata_parameter(std::string_view field, std::string_view key) {
  return Error(kMapperParsing, "unknown parameter [" + std::string(key) + "] on mapper [" +
                                   std::string(field) + "] of type [null]");
}

Status read_source(MappingTree& tree, const json::Value& value) {
  tree.source = json::Value::object();
  for (const auto& [key, entry] : value.as_object()) {
    if (key == "enabled") {
      ASSIGN_OR_RETURN(const bool on, read_bool(entry));
      if (!on) tree.source.set("enabled", false);
    } else if (key == "includes" || key == "excludes") {
      ASSIGN_OR_RETURN(const std::vector<std::string> patterns, read_strings(entry));
      json::Value list = json::Value::array();
      for (const std::string& pattern : patterns) list.push_back(json::Value(pattern));
      if (!list.empty()) tree.source.set(key, std::move(list));
    } else if (key != "compress" && key != "compress_threshold") {
      return unknown_metadata_parameter("_source", key);
    }
  }
  return {};
}

Status read_root_member(MappingTree& tree, const std::string& key, const json::Value& value,
                        std::vector<std::string>& unknown) {
  if (key == "date_detection") {
    ASSIGN_OR_RETURN(const bool on, read_named_bool(value, key));
    tree.date_detection = on;
  } else if (key == "numeric_detection") {
    ASSIGN_OR_RETURN(const bool on, read_named_bool(value, key));
    tree.numeric_detection = on;
  } else if (key == "dynamic_date_formats" || key == "date_formats") {
    tree.dynamic_date_formats.emplace();
    ASSIGN_OR_RETURN(const std::vector<std::string> formats, read_strings(value));
    for (const std::string& format : formats) {
      if (format == "none") continue;
      if (auto compiled = DateFormat::compile(format); !compiled) return compiled.error();
      tree.dynamic_date_formats->push_back(format);
    }
  } else if (key == "dynamic_templates") {
    if (!value.is_array()) {
      return Error(kMapperParsing,
                   "Dynamic template syntax error. An array of named objects is expected.");
    }
    tree.dynamic_templates.emplace();
    for (const json::Value& entry : value.as_array()) {
      ASSIGN_OR_RETURN(DynamicTemplate parsed, DynamicTemplate::parse(entry));
      tree.dynamic_templates->push_back(std::move(parsed));
    }
  } else if (key == "runtime") {
    if (!value.empty()) {
      const std::string name = value.is_object() ? value.as_object().front().key : std::string();
      return Error(kMapperParsing, "runtime fields are not supported, mapping has [" + name + "]");
    }
  } else if (key == "_meta") {
    tree.meta = value;
  } else if (key == "_source" || key == "_routing" || key == "_field_names") {
    if (!value.is_object()) {
      return Error(kIllegalArgument, "[_parent] must be an object containing [type]");
    }
    if (key == "_source") return read_source(tree, value);
    for (const auto& [name, entry] : value.as_object()) {
      if (name == "required" && key == "_routing") {
        ASSIGN_OR_RETURN(const bool required, read_bool(entry));
        tree.routing_required = required;
      } else if (name != "enabled" || key != "_field_names") {
        return unknown_metadata_parameter(key, name);
      }
    }
  } else if (key != "include_in_all" && key != "type") {
    unknown.push_back(key + " : " + java_text(value));
  }
  return {};
}

}  // namespace

Status parse_property(ObjectNode& parent, std::string_view name, const json::Value& definition,
                      const MappingContext& context) {
  if (!definition.is_object()) {
    if (definition.is_array() && definition.empty()) return {};
    return Error(kMapperParsing, "Expected map for property [fields] on field [" +
                                     std::string(name) + "] but got a class " +
                                     java_class_path(definition));
  }
  const json::Value* type = definition.find("type");
  std::string type_name = type == nullptr || type->is_null() ? "" : java_text(*type);
  if (type_name.empty()) {
    const bool object =
        definition.find("properties") != nullptr || definition.find("enabled") != nullptr;
    if (!object)
      return Error(kMapperParsing, "No type specified for field [" + std::string(name) + "]");
    type_name = "object";
  }
  ASSIGN_OR_RETURN(const auto place, open_path(parent, name));
  ObjectNode* const object = place.first;
  const std::string& leaf = place.second;
  Node incoming;
  if (type_name == "object" || type_name == "nested") {
    ASSIGN_OR_RETURN(ObjectNode read, read_object(name, definition, context));
    incoming.object.emplace() = std::move(read);
  } else {
    const TypeSpec* spec = find_type(type_name);
    if (spec == nullptr) {
      return Error(kMapperParsing, "No handler for type [" + type_name + "] declared on field [" +
                                       std::string(name) + "]");
    }
    ASSIGN_OR_RETURN(FieldNode read, FieldReader(leaf, *spec, context).read(definition));
    incoming.field.emplace() = std::move(read);
  }
  const auto [it, added] = object->children.try_emplace(leaf, incoming);
  if (added) return {};
  // The same path came before in this body, by another spelling.
  MappingTree before, after;
  before.root.children.emplace(leaf, std::move(it->second));
  after.root.children.emplace(leaf, std::move(incoming));
  const bool both = context.limits.accept_conflicts;
  const bool clash = !both && (static_cast<bool>(before.root.children[leaf].object) !=
                               static_cast<bool>(after.root.children[leaf].object));
  if (clash) {
    const Node& existing = before.root.children[leaf];
    const std::string old_type =
        existing.field ? std::string(existing.field->spec->name) : "ObjectMapper";
    return Error(kIllegalArgument, "mapper [" + leaf + "] cannot be changed from type [" +
                                       (existing.field ? old_type : type_name) +
                                       "] to [ObjectMapper]");
  }
  RETURN_IF_ERROR(
      merge_trees(before, std::move(after), context.limits, {.accept_conflicts = both}));
  it->second = std::move(before.root.children[leaf]);
  return {};
}

Result<MappingTree> parse_mapping_tree(const json::Value& body, const MappingContext& context) {
  MappingTree tree;
  if (body.is_null()) return tree;
  if (!body.is_object()) return Error(kElasticsearchParse, "a mapping must be an object");
  std::vector<std::string> unknown;
  for (const auto& [key, value] : body.as_object()) {
    if (key == "dynamic") {
      ASSIGN_OR_RETURN(tree.root.dynamic, read_dynamic(value));
    } else if (key == "enabled") {
      ASSIGN_OR_RETURN(const bool on, read_named_bool(value, "enabled.enabled"));
      tree.root.enabled = on;
    } else if (key == "properties") {
      RETURN_IF_ERROR(read_properties(tree.root, value, context));
    } else {
      RETURN_IF_ERROR(read_root_member(tree, key, value, unknown));
    }
  }
  if (!unknown.empty()) return unsupported("Root mapping definition", std::move(unknown));
  return tree;
}

}  // namespace stratalog::index
