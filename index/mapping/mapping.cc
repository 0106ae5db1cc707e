#include "index/mapping/mapping.h"

#include <algorithm>
#include <atomic>

#include "index/analysis/registry.h"
#include "index/date/date_format.h"
#include "index/mapping/compiled_mapping.h"
#include "index/mapping/field_builder.h"

namespace stratalog::index {

namespace {

// The formats that dynamic date detection tries without dynamic_date_formats.
constexpr std::string_view kDetectedSlashes = "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis";

Error wrapped(const Error& inner, std::string_view type) {
  const std::string name(type.empty() ? kDefaultType : type);
  Error error(error_types::kMapperParsing,
              "Failed to parse mapping [" + name + "]: " + inner.reason);
  if (inner.type == error_types::kMapperParsing) error.root_causes.push_back(inner);
  return std::move(error).because(inner);
}

uint64_t next_serial() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

// Whether anything of the field is kept for its row.
bool keeps_values(const MappedField& field) {
  if (field.type == FieldType::kAlias) return false;
  if (field.type == FieldType::kBinary) return field.doc_values;
  if (field.type == FieldType::kUnsearched) return true;
  return field.indexed || field.doc_values;
}

Result<uint32_t> read_limit(const json::Value& settings, std::string_view name, uint32_t fallback) {
  const json::Value* value = settings.find_path(name);
  if (value == nullptr) return fallback;
  const std::string setting = "index." + std::string(name);
  const std::optional<int64_t> number = value->to_int();
  if (!number) {
    return Error(error_types::kIllegalArgument,
                 "Failed to parse value [" + value->to_text() + "] for setting [" + setting + "]");
  }
  if (*number < 0) {
    return Error(error_types::kIllegalArgument, "Failed to parse value [" + value->to_text() +
                                                    "] for setting [" + setting + "] must be >= 0");
  }
  return static_cast<uint32_t>(std::min<int64_t>(*number, UINT32_MAX));
}

Result<bool> read_flag(const json::Value& settings, std::string_view name, bool fallback) {
  const json::Value* value = settings.find_path(name);
  if (value == nullptr) return fallback;
  const std::optional<bool> flag = value->to_bool();
  if (flag) return *flag;
  return Error(error_types::kIllegalArgument, "Failed to parse value [" + value->to_text() +
                                                  "] as only [true] or [false] are allowed.");
}

}  // namespace

Result<MappingLimits> MappingLimits::from_settings(const json::Value& index_settings) {
  MappingLimits out;
  ASSIGN_OR_RETURN(out.total_fields,
                   read_limit(index_settings, "mapping.total_fields.limit", out.total_fields));
  ASSIGN_OR_RETURN(out.depth, read_limit(index_settings, "mapping.depth.limit", out.depth));
  ASSIGN_OR_RETURN(out.nested_fields,
                   read_limit(index_settings, "mapping.nested_fields.limit", out.nested_fields));
  ASSIGN_OR_RETURN(out.nested_objects,
                   read_limit(index_settings, "mapping.nested_objects.limit", out.nested_objects));
  ASSIGN_OR_RETURN(
      out.field_name_length,
      read_limit(index_settings, "mapping.field_name_length.limit", out.field_name_length));
  ASSIGN_OR_RETURN(out.ignore_malformed,
                   read_flag(index_settings, "mapping.ignore_malformed", out.ignore_malformed));
  ASSIGN_OR_RETURN(out.coerce, read_flag(index_settings, "mapping.coerce", out.coerce));
  if (const json::Value* conflicts = index_settings.find_path("mapping.conflicts")) {
    const std::string text = conflicts->to_text();
    if (text != "accept" && text != "reject") {
      return Error(error_types::kIllegalArgument,
                   "Failed to parse value [" + text +
                       "] for setting [index.mapping.conflicts] must be [accept] or [reject]");
    }
    out.accept_conflicts = text == "accept";
  }
  return out;
}

Result<std::shared_ptr<const Mapping>> Mapping::parse(
    const json::Value& body, std::shared_ptr<const AnalysisRegistry> analysis,
    const MappingLimits& limits, std::string_view type) {
  Result<MappingTree> tree = parse_mapping_tree(body, {*analysis, limits});
  if (!tree) return wrapped(tree.error(), type);
  tree->type = type;
  return CompiledMapping::build(std::move(*tree), std::move(analysis), limits, nullptr);
}

Result<std::shared_ptr<const Mapping>> CompiledMapping::build(
    MappingTree tree, std::shared_ptr<const AnalysisRegistry> analysis, const MappingLimits& limits,
    const CompiledMapping* grown_from) {
  RETURN_IF_ERROR(check_mapping(tree, limits));
  std::shared_ptr<CompiledMapping> out(new CompiledMapping());
  out->serial_ = next_serial();
  out->tree_ = std::move(tree);
  out->analysis_ = std::move(analysis);
  out->limits_ = limits;
  out->lineage_ = grown_from == nullptr ? out->serial_ : grown_from->lineage_;
  if (grown_from != nullptr) out->fields_ = grown_from->fields_;
  RETURN_IF_ERROR(out->compile());
  return std::shared_ptr<const Mapping>(std::move(out));
}

Result<std::shared_ptr<const Mapping>> CompiledMapping::merge(const json::Value& body,
                                                              bool dynamic_update) const {
  Result<MappingTree> incoming = parse_mapping_tree(body, {*analysis_, limits_, dynamic_update});
  if (!incoming) return wrapped(incoming.error(), tree_.type);
  MappingTree merged = tree_;
  const MergeOptions options{.accept_conflicts = limits_.accept_conflicts,
                             .lenient = limits_.accept_conflicts && dynamic_update};
  RETURN_IF_ERROR(merge_trees(merged, std::move(*incoming), limits_, options));
  if (print_mapping(merged) == json_) return std::shared_ptr<const Mapping>(shared_from_this());
  return build(std::move(merged), analysis_, limits_, this);
}

Result<std::shared_ptr<const Mapping>> CompiledMapping::with_type(std::string_view type) const {
  MappingTree tree = tree_;
  tree.type = type;
  return build(std::move(tree), analysis_, limits_, this);
}

const std::string& Mapping::shown_type() const {
  static const std::string by_default(kDefaultType);
  return type().empty() ? by_default : type();
}

bool Mapping::has_type(std::string_view name) const {
  return name.empty() || name == kDefaultType || name == type() || limits().accept_conflicts;
}

CompiledObject& CompiledMapping::add_object(std::string path, const ObjectNode& node,
                                            const CompiledObject* parent) {
  auto object = std::make_unique<CompiledObject>();
  object->number = static_cast<uint32_t>(objects_.size());
  object->depth = parent == nullptr ? 0 : parent->depth + 1;
  object->dynamic = node.dynamic.value_or(parent == nullptr ? Dynamic::kTrue : parent->dynamic);
  object->enabled = node.enabled.value_or(true);
  object->nested = node.nested;
  // A nested object inside one that is not in the root's row gets there only through its own
  // include_in_root.
  const bool parent_emits = parent == nullptr || parent->emits;
  object->emits =
      node.nested ? node.include_in_root || (node.include_in_parent && parent_emits) : parent_emits;
  object->path = path;
  objects_by_path_.emplace(std::move(path), object->number);
  objects_.push_back(std::move(object));
  return *objects_.back();
}

Result<const CompiledField*> CompiledMapping::add_field(const std::string& path, FieldNode& node,
                                                        const CompiledObject& owner,
                                                        const MappedField* parent) {
  ASSIGN_OR_RETURN(std::shared_ptr<MappedField> field, build_field(path, node, analysis_, limits_));
  if (node.id == kNoField) {
    node.id = static_cast<FieldId>(fields_.size());
    fields_.emplace_back();
  }
  field->id = node.id;
  if (parent != nullptr) field->parent = parent->id;
  auto compiled = std::make_unique<CompiledField>();
  compiled->emits = keeps_values(*field) && owner.emits;
  compiled->has_null = field->null_value.has_value();
  for (auto& [name, multi] : node.fields) {
    ASSIGN_OR_RETURN(const CompiledField* child,
                     add_field(join_path(path, name), multi, owner, field.get()));
    compiled->multi_fields.push_back(child);
    field->multi_fields.push_back(child->field->id);
  }
  compiled->field = field.get();
  by_path_[path] = field->id;
  fields_[field->id] = std::move(field);
  if (compiled_.size() <= node.id) compiled_.resize(fields_.size());
  compiled_[node.id] = std::move(compiled);
  return compiled_[node.id].get();
}

Status CompiledMapping::compile() {
  static const TypeSpec* const flattened = find_type("flattened");
  FieldNode catch_all;
  catch_all.spec = flattened;
  catch_all.id = kFlattenedField;
  if (fields_.empty()) fields_.emplace_back();
  CompiledObject& root_object = add_object("", tree_.root, nullptr);
  ASSIGN_OR_RETURN(const CompiledField* flat,
                   add_field(std::string(kFlattenedPath), catch_all, root_object, nullptr));
  ENSURE(flat->field->id == kFlattenedField);

  std::vector<std::pair<ObjectNode*, CompiledObject*>> open{{&tree_.root, &root_object}};
  while (!open.empty()) {
    const auto [node, object] = open.back();
    open.pop_back();
    for (auto& [name, child] : node->children) {
      const std::string path = join_path(object->path, name);
      CompiledChild out;
      if (child.field) {
        ASSIGN_OR_RETURN(out.field, add_field(path, *child.field, *object, nullptr));
      }
      if (child.object) {
        CompiledObject& sub = add_object(path, *child.object, object);
        out.object = &sub;
        open.emplace_back(child.object.get(), &sub);
      }
      object->children.emplace(name, out);
    }
  }
  for (const auto& field : fields_) {
    if (field->id != kFlattenedField) sorted_.push_back(field.get());
  }
  std::sort(sorted_.begin(), sorted_.end(),
            [](const MappedField* a, const MappedField* b) { return a->path < b->path; });
  if (tree_.dynamic_date_formats) {
    for (const std::string& text : *tree_.dynamic_date_formats) {
      ASSIGN_OR_RETURN(auto format, DateFormat::compile(text));
      dynamic_date_formats_.push_back({text == kDateFormatDefault ? "" : text, std::move(format)});
    }
  } else {
    ASSIGN_OR_RETURN(auto slashes, DateFormat::compile(kDetectedSlashes));
    dynamic_date_formats_ = {{"", DateFormat::default_format()},
                             {std::string(kDetectedSlashes), std::move(slashes)}};
  }
  total_fields_ = count_fields(tree_.root);
  json_ = print_mapping(tree_);
  return {};
}

const MappedField* CompiledMapping::find(std::string_view path) const {
  const auto it = by_path_.find(path);
  return it == by_path_.end() ? nullptr : fields_[it->second].get();
}

const CompiledField* CompiledMapping::find_compiled(std::string_view path) const {
  const auto it = by_path_.find(path);
  return it == by_path_.end() ? nullptr : compiled_[it->second].get();
}

const MappedField* CompiledMapping::resolve(std::string_view path) const {
  const MappedField* field = find(path);
  return field != nullptr && field->type == FieldType::kAlias ? find(field->alias_target) : field;
}

bool CompiledMapping::is_object(std::string_view path) const {
  return !path.empty() && objects_by_path_.contains(path);
}

bool CompiledMapping::is_nested(std::string_view path) const {
  const auto it = objects_by_path_.find(path);
  return it != objects_by_path_.end() && objects_[it->second]->nested;
}

std::vector<const MappedField*> CompiledMapping::match(std::string_view pattern) const {
  std::vector<const MappedField*> out;
  if (pattern.find('*') == std::string_view::npos) {
    const MappedField* field = find(pattern);
    if (field != nullptr && field->id != kFlattenedField) out.push_back(field);
    return out;
  }
  for (const MappedField* field : sorted_) {
    if (simple_match(pattern, field->path)) out.push_back(field);
  }
  return out;
}

}  // namespace stratalog::index
