#include "query/field_caps.h"

#include <algorithm>
#include <map>

#include "base/json_writer.h"
#include "query/fetch/path_patterns.h"

namespace stratalog::query {

using index::FieldType;
using index::IndexMetadata;
using index::MappedField;

namespace {

struct Metadata {
  const char* name;
  const char* type;
  bool searchable;
  bool aggregatable;
};
// As 7.17.3 shows them.
constexpr Metadata kMetadata[] = {
    {"_doc_count", "integer", false, false},       {"_feature", "_feature", false, false},
    {"_field_names", "_field_names", true, false}, {"_id", "_id", true, true},
    {"_ignored", "_ignored", true, false},         {"_index", "_index", true, true},
    {"_routing", "_routing", true, false},         {"_seq_no", "_seq_no", true, true},
    {"_source", "_source", false, false},          {"_type", "_type", true, true},
    {"_version", "_version", false, true},
};

// What one type of a field is over the indices that have it so.
struct Caps {
  bool metadata = false;
  std::vector<std::string> indices;
  std::vector<std::string> not_searchable;
  std::vector<std::string> not_aggregatable;
};
using Field = std::map<std::string, Caps>;  // by type
using Fields = std::map<std::string, Field>;

void add(Fields& fields, const std::string& name, const std::string& type, const std::string& index,
         bool searchable, bool aggregatable, bool metadata = false) {
  Caps& caps = fields[name][type];
  caps.metadata = metadata;
  caps.indices.push_back(index);
  if (!searchable) caps.not_searchable.push_back(index);
  if (!aggregatable) caps.not_aggregatable.push_back(index);
}

// Types of a family count as one: Elasticsearch's familyTypeName.
std::string family(const MappedField& field) {
  if (field.type == FieldType::kConstantKeyword || field.type == FieldType::kWildcard)
    return "keyword";
  return field.type_name;
}

void add_index(Fields& fields, const IndexMetadata& index, const PathPatterns& patterns) {
  for (const Metadata& meta : kMetadata) {
    if (!patterns.matches(meta.name)) continue;
    add(fields, meta.name, meta.type, index.name, meta.searchable, meta.aggregatable, true);
  }
  const index::Mapping& mapping = *index.mapping;
  std::map<std::string, bool> objects;
  for (const auto& field : mapping.fields()) {
    if (field->id == index::kFlattenedField || !patterns.matches(field->path)) continue;
    if (mapping.hides(field->path)) continue;
    const MappedField* target = mapping.resolve(field->path);
    if (target == nullptr) continue;
    // The objects above a field come with it, whatever was asked for.
    for (size_t dot = field->path.find('.'); dot != std::string::npos;
         dot = field->path.find('.', dot + 1)) {
      const std::string parent = field->path.substr(0, dot);
      if (mapping.is_object(parent)) objects[parent] = mapping.is_nested(parent);
    }
    const bool text = target->type == FieldType::kText;
    const bool no_values =
        text || target->type == FieldType::kUnsearched || target->type == FieldType::kBinary;
    const bool constant = target->type == FieldType::kConstantKeyword;
    const bool searchable = constant || (target->indexed && target->type != FieldType::kBinary);
    add(fields, field->path, family(*target), index.name, searchable,
        constant || (target->doc_values && !no_values));
  }
  for (const auto& [path, nested] : objects) {
    if (mapping.find(path) != nullptr) continue;
    add(fields, path, nested ? "nested" : "object", index.name, false, false);
  }
}

void append_names(json::Writer& w, const char* key, const std::vector<std::string>& names) {
  w.key(key).begin_array();
  for (const std::string& name : names) w.string(name);
  w.end_array();
}

}  // namespace

void append_field_caps(std::string& out,
                       std::span<const std::shared_ptr<const IndexMetadata>> indices,
                       const FieldCapsRequest& request) {
  std::vector<std::shared_ptr<const IndexMetadata>> sorted(indices.begin(), indices.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a->name < b->name; });
  const PathPatterns patterns(request.fields);
  Fields fields;
  for (const auto& index : sorted) add_index(fields, *index, patterns);
  if (request.include_unmapped) {
    for (auto& [name, types] : fields) {
      std::vector<std::string> missing;
      for (const auto& index : sorted) {
        const bool has = std::any_of(types.begin(), types.end(), [&](const auto& type) {
          const auto& names = type.second.indices;
          return std::find(names.begin(), names.end(), index->name) != names.end();
        });
        if (!has) missing.push_back(index->name);
      }
      if (missing.empty()) continue;
      Caps& caps = types["unmapped"];
      caps.indices = caps.not_searchable = caps.not_aggregatable = std::move(missing);
    }
  }
  json::Writer w(out);
  w.begin_object().key("indices").begin_array();
  for (const auto& index : sorted) w.string(index->name);
  w.end_array().key("fields").begin_object();
  for (const auto& [name, types] : fields) {
    w.key(name).begin_object();
    for (const auto& [type, caps] : types) {
      w.key(type).begin_object().key("type").string(type);
      w.field("metadata_field", caps.metadata);
      w.field("searchable", caps.not_searchable.empty());
      w.field("aggregatable", caps.not_aggregatable.empty());
      if (types.size() > 1) append_names(w, "indices", caps.indices);
      // Named only where indices differ.
      const auto some = [&](const auto& list) {
        return !list.empty() && list.size() < caps.indices.size();
      };
      if (some(caps.not_searchable)) append_names(w, "non_searchable_indices", caps.not_searchable);
      if (some(caps.not_aggregatable))
        append_names(w, "non_aggregatable_indices", caps.not_aggregatable);
      w.end_object();
    }
    w.end_object();
  }
  w.end_object().end_object();
}

}  // namespace stratalog::query
