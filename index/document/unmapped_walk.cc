// DocumentWalk where the mapping says nothing: dynamic mapping, and names that can't be mapped.
#include <algorithm>

#include "index/document/document_walk.h"
#include "index/document/json_problem.h"

namespace stratalog::index {

namespace {

using error_types::kIllegalArgument;
using error_types::kMapperParsing;

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('.') + 1); }

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\n\r\f\v") == std::string_view::npos;
}

Error strict_error(const Mapping& mapping, const CompiledObject& owner, std::string_view name) {
  return Error(error_types::kStrictDynamicMapping,
               "mapping set to strict, dynamic introduction of [" + std::string(name) +
                   "] within [" + (owner.path.empty() ? mapping.shown_type() : owner.path) +
                   "] is not allowed");
}

}  // namespace

bool DocumentWalk::unmapped(const KeyEntry& entry, Place place) {
  switch (entry.state) {
    case KeyEntry::kIgnored:
      return skip(place);
    case KeyEntry::kUnmapped:
      break;
    case KeyEntry::kThroughField:
      if (context_.accept && !context_.frozen && entry.owner->dynamic == Dynamic::kTrue) break;
      return refuse_entry(entry, place);
    default:
      return refuse_entry(entry, place);
  }
  const CompiledObject& owner = *entry.owner;
  if (owner.dynamic == Dynamic::kFalse) return skip(place);
  if (owner.dynamic == Dynamic::kStrict) {
    if (!context_.accept)
      return context_.fail(strict_error(*context_.mapping, owner, entry.missing));
    context_.ignore(entry.path);
    std::string path = entry.path;
    return catch_all(path, place, owner.emits);
  }
  const std::string_view name = last_part(entry.path);
  if (is_blank(name) && !owner.path.empty() && !context_.accept) {
    return context_.fail(Error(
        kIllegalArgument, "object field cannot contain only whitespace: ['" + entry.path + "']"));
  }
  return new_value(entry.path, name, owner, place);
}

bool DocumentWalk::refuse_entry(const KeyEntry& entry, Place place) {
  if (context_.accept) {
    context_.ignore(entry.path);
    std::string path = entry.path;
    return catch_all(path, place, entry.owner->emits);
  }
  if (entry.state == KeyEntry::kBadName) {
    return context_.fail(
        Error(kMapperParsing, "failed to parse").because(Error(kIllegalArgument, entry.missing)));
  }
  const uint32_t begin = json_.offset();
  if (!skip(place)) return false;
  if (context_.source[begin] == 'n') return true;  // null
  if (entry.state == KeyEntry::kThroughNested) {
    return context_.fail(
        Error(kMapperParsing,
              "Cannot add a value for field [" + entry.path +
                  "] since one of the intermediate objects is mapped as a nested object: [" +
                  entry.missing + "]"));
  }
  if (entry.state == KeyEntry::kThroughField) {
    if (entry.owner->dynamic == Dynamic::kFalse) return true;
    const MappedField* field = context_.mapping->find(entry.missing);
    return context_.fail(
        Error(kMapperParsing, "Could not dynamically add mapping for field [" + entry.path +
                                  "]. Existing mapping for [" + entry.missing +
                                  "] must be of type object but found [" +
                                  (field == nullptr ? "object" : field->type_name) + "]."));
  }
  const std::string_view text = context_.source.substr(begin, json_.offset() - begin);
  const size_t last = text.find_last_not_of(" \t\r\n,}]");
  MappedField field;
  field.path = field.type_name = entry.key;
  if (entry.key == "_doc_count" && text.find_first_not_of("0123456789") > 0) return true;
  return context_.fail(values_.refusal(
      field, ValueReader::preview(text.substr(0, last + 1)),
      Error(kMapperParsing, "Field [" + entry.key +
                                "] is a metadata field and cannot be added inside a document. "
                                "Use the index API request parameters.")));
}

// A value that asks for a new field or object at `path`.
bool DocumentWalk::new_value(std::string_view path, std::string_view name,
                             const CompiledObject& owner, Place place) {
  switch (json_.peek()) {
    case '{':
      return new_object(path, owner, place);
    case '[':
      return each_element(place,
                          [&](Place inside) { return new_value(path, name, owner, inside); });
    default:
      break;
  }
  Scalar scalar;
  if (!json_.read_scalar(scalar)) return false;
  if (scalar.kind == Scalar::kNull) return true;
  if (!context_.frozen) {
    switch (dynamic_.add_scalar(path, name, scalar, owner.dynamic)) {
      case DynamicFields::Answer::kError:
        return false;
      case DynamicFields::Answer::kNoRoom:
        break;
      default:
        return true;
    }
  }
  if (context_.accept && owner.emits)
    put_flattened(*context_.mapping->fields()[kFlattenedField], path, scalar.text);
  return true;
}

bool DocumentWalk::new_object(std::string_view path, const CompiledObject& owner, Place place) {
  const auto leave = [&] {
    if (!context_.accept) return skip(place);
    std::string whole(path);
    return catch_all(whole, place, owner.emits);
  };
  if (context_.frozen || owner.dynamic == Dynamic::kFalse || owner.dynamic == Dynamic::kStrict)
    return leave();
  // Below a field nothing but its leaves is asked for: the object comes with them.
  if (context_.mapping->find(path) == nullptr) {
    switch (dynamic_.add_object(path, last_part(path), owner.dynamic)) {
      case DynamicFields::Answer::kError:
        return false;
      case DynamicFields::Answer::kNoRoom:
        return leave();
      case DynamicFields::Answer::kOpaque:
        return skip(place);
      case DynamicFields::Answer::kAdded:
        break;
    }
  }
  const std::string parent(path);
  return each_member(place, [&](std::string_view key, Place inside) {
    std::string child;
    std::string_view name;
    if (check_new_name(key, parent, child, name)) return new_value(child, name, owner, inside);
    if (!context_.accept) return false;
    child = join_path(parent, key);
    context_.ignore(child);
    return catch_all(child, inside, owner.emits);
  });
}

// The path of a key inside a new object; false (and an error, unless conflicts are accepted) if it
// can't be one.
bool DocumentWalk::check_new_name(std::string_view key, const std::string& parent,
                                  std::string& path, std::string_view& name) {
  const auto bad = [&](std::string why, bool wrapped) {
    if (context_.accept) return false;
    Error cause(kIllegalArgument, std::move(why));
    if (!wrapped) return context_.fail(std::move(cause));
    return context_.fail(Error(kMapperParsing, "failed to parse").because(std::move(cause)));
  };
  if (key.empty()) return bad("field name cannot be an empty string", true);
  if (key.find('.') == std::string_view::npos) {
    if (is_blank(key))
      return bad("object field cannot contain only whitespace: ['" + join_path(parent, key) + "']",
                 false);
    path = join_path(parent, key);
    name = key;
    return true;
  }
  std::string_view rest = key;
  while (!rest.empty() && rest.back() == '.') rest.remove_suffix(1);
  if (rest.empty()) return bad("field name cannot contain only dots", true);
  path = parent;
  while (true) {
    const size_t dot = rest.find('.');
    name = rest.substr(0, dot);
    if (name.empty()) {
      return bad("object field starting or ending with a [.] makes object resolution ambiguous: [" +
                     std::string(key) + "]",
                 true);
    }
    if (is_blank(name))
      return bad("object field cannot contain only whitespace: ['" + std::string(key) + "']", true);
    path = join_path(path, name);
    if (dot == std::string_view::npos) return true;
    rest.remove_prefix(dot + 1);
  }
}

// copy_to names a path that is not mapped.
bool DocumentWalk::new_copy_target(std::string_view path, const Scalar& scalar) {
  const CompiledObject* owner = &context_.mapping->root();
  std::string_view rest = path;
  for (size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
    const auto it = owner->children.find(rest.substr(0, dot));
    if (it == owner->children.end() || it->second.object == nullptr) break;
    owner = it->second.object;
    rest.remove_prefix(dot + 1);
  }
  const std::string_view missing = rest.substr(0, rest.find('.'));
  if (owner->dynamic == Dynamic::kFalse || !owner->enabled) return true;
  if (owner->dynamic == Dynamic::kStrict) {
    return context_.accept || context_.fail(strict_error(*context_.mapping, *owner, missing));
  }
  if (!context_.frozen) {
    const DynamicFields::Answer answer =
        dynamic_.add_scalar(path, last_part(path), scalar, owner->dynamic);
    if (answer == DynamicFields::Answer::kError) return false;
    if (answer != DynamicFields::Answer::kNoRoom) return true;
  }
  if (context_.accept && owner->emits)
    put_flattened(*context_.mapping->fields()[kFlattenedField], path, scalar.text);
  return true;
}

}  // namespace stratalog::index
