#include "index/document/document_walk.h"

#include <algorithm>

#include "index/document/json_problem.h"

namespace stratalog::index {

namespace {

using error_types::kIllegalArgument;
using error_types::kMapperParsing;

// Smaller sub-objects are not worth sharing between documents.
constexpr uint32_t kSharedBytesMin = 64;

}  // namespace

bool DocumentWalk::run(MappingKeys& keys) {
  keys_ = &keys;
  nested_objects_ = 0;
  names_.clear();
  const CompiledObject& root = context_.mapping->root();
  if (json_.peek() != '{') return false;
  const bool good = root.enabled ? object(root, {}) : skip({});
  if (!good || !json_.done()) return false;
  auto& shared = context_.out->sub_objects;
  std::sort(shared.begin(), shared.end(),
            [](const auto& a, const auto& b) { return a.end - a.begin > b.end - b.begin; });
  return true;
}

bool DocumentWalk::enter(Place& place) {
  if (++place.depth <= kDocumentDepthMax) return true;
  return context_.fail(
      Error(kMapperParsing, "failed to parse")
          .because(Error(kIllegalArgument, "Depth of the document is over the limit of [" +
                                               std::to_string(kDocumentDepthMax) + "]")));
}

bool DocumentWalk::duplicate(std::string_view key) {
  const size_t after_key = json_.string_end();
  return context_.fail(
      Error(kMapperParsing, "failed to parse")
          .because(duplicate_field(context_.source, key, static_cast<uint32_t>(after_key))));
}

bool DocumentWalk::count_nested(const CompiledObject& nested) {
  if (!nested.nested || ++nested_objects_ <= context_.mapping->limits().nested_objects ||
      context_.accept)
    return true;
  return context_.fail(
      Error(kMapperParsing, "The number of nested documents has exceeded the allowed limit of [" +
                                std::to_string(context_.mapping->limits().nested_objects) +
                                "]. This limit can be set by changing the "
                                "[index.mapping.nested_objects.limit] index level setting."));
}

bool DocumentWalk::object(const CompiledObject& mapped, Place place) {
  if (!json_.take('{') || !enter(place) || !count_nested(mapped)) return false;
  if (json_.take('}')) return true;
  ObjectKeys& keys = keys_->objects[mapped.number];
  const uint64_t visit = cache_.next_visit();
  KeyEntry* previous = nullptr;
  place.in_array = false;
  while (true) {
    std::string_view key;
    if (!json_.read_string(key)) return false;
    KeyEntry& entry = keys.find(mapped, previous, key, keys_->entry_count);
    if (entry.visit == visit) return duplicate(key);
    entry.visit = visit;
    previous = &entry;
    if (!json_.take(':')) return false;
    const bool shared = place.depth == 1 && json_.peek() == '{';
    if (!(shared ? root_object(entry, place) : value(entry, place))) return false;
    if (json_.take(',')) continue;
    return json_.take('}');
  }
}

// An object right under the root: what other documents may bring again.
bool DocumentWalk::root_object(KeyEntry& entry, Place place) {
  ParsedDocument& out = *context_.out;
  const uint32_t begin = json_.offset();
  const uint32_t* const first = json_.token();
  const bool plain = entry.state == KeyEntry::kMapped && entry.child.field == nullptr;
  if (plain) {
    const auto first_value = static_cast<uint32_t>(out.values.size());
    const ObjectMemo::Known known =
        keys_->memo.find(context_.source.substr(begin), entry.memo, *context_.arena, out.values);
    if (known.bytes > 0) {
      json_.seek(first + known.tokens);
      const auto count = static_cast<uint32_t>(out.values.size()) - first_value;
      out.sub_objects.push_back({begin, begin + known.bytes, first_value, count, known.number,
                                 entry.child.object->number});
      return true;
    }
  }
  const size_t values = out.values.size();
  const size_t ignored = out.ignored.size();
  const uint32_t nested = nested_objects_;
  const size_t constants = context_.constants.size();
  const bool nothing_new = dynamic_.empty();
  if (!value(entry, place)) return false;
  const uint32_t end = *(json_.token() - 1) + 1;
  if (end - begin >= kSharedBytesMin) out.sub_objects.push_back({begin, end});
  // Only what its values alone say in full may stand for the object.
  const bool whole = plain && nothing_new && dynamic_.empty() && ignored == out.ignored.size() &&
                     nested == nested_objects_ && constants == context_.constants.size();
  if (whole) {
    keys_->memo.enter(context_.source.substr(begin, end - begin), entry.memo,
                      static_cast<uint32_t>(json_.token() - first), out.values.data() + values,
                      out.values.size() - values);
  }
  return true;
}

bool DocumentWalk::value(KeyEntry& entry, Place place) {
  if (entry.state != KeyEntry::kMapped) [[unlikely]]
    return unmapped(entry, place);
  switch (json_.peek()) {
    case '{':
      return mapped_object(entry, place);
    case '[': {
      const CompiledField* field = entry.child.field;
      if (field != nullptr && field->field->type == FieldType::kUnsearched) {
        if (field->emits) values_.push(*field->field, Kind::kOrdinals, {});
        return skip(place);
      }
      return each_element(place, [&](Place inside) { return value(entry, inside); });
    }
    default:
      return mapped_scalar(entry, place);
  }
}

bool DocumentWalk::mapped_object(const KeyEntry& entry, Place place) {
  const auto [field, sub] = entry.child;
  if (sub == nullptr) return object_on_field(*field, entry, place);
  if (!sub->enabled) return skip(place);
  if (field != nullptr) context_.ignore(field->field->path);
  return object(*sub, place);
}

bool DocumentWalk::mapped_scalar(const KeyEntry& entry, Place place) {
  Scalar scalar;
  if (!json_.read_scalar(scalar)) return false;
  const auto [field, sub] = entry.child;
  if (field != nullptr) {
    return values_.put(*field, scalar) && (field->field->copy_to.empty() || copy(*field, scalar));
  }
  if (scalar.kind == Scalar::kNull || !sub->enabled) return true;
  if (!context_.accept) {
    const std::string name = place.in_array ? "null" : entry.path.substr(entry.path.rfind('.') + 1);
    return context_.fail(Error(kMapperParsing, "object mapping for [" + entry.path +
                                                   "] tried to parse field [" + name +
                                                   "] as object, but found a concrete value"));
  }
  context_.ignore(entry.path);
  const bool plain =
      !sub->nested && sub->dynamic != Dynamic::kFalse && sub->dynamic != Dynamic::kStrict;
  if (plain && !context_.frozen) {
    const std::string_view name = std::string_view(entry.path).substr(entry.path.rfind('.') + 1);
    switch (dynamic_.add_scalar(entry.path, name, scalar, sub->dynamic)) {
      case DynamicFields::Answer::kError:
        return false;
      case DynamicFields::Answer::kNoRoom:
        break;
      default:
        return true;
    }
  }
  if (sub->emits)
    put_flattened(*context_.mapping->fields()[kFlattenedField], entry.path, scalar.text);
  return true;
}

bool DocumentWalk::copy(const CompiledField& field, const Scalar& scalar) {
  if (scalar.kind == Scalar::kNull) return true;
  for (const std::string& path : field.field->copy_to) {
    const CompiledField* target = context_.mapping->find_compiled(path);
    const bool good =
        target != nullptr ? values_.put(*target, scalar) : new_copy_target(path, scalar);
    if (!good) return false;
  }
  return true;
}

// An object where a field is mapped.
bool DocumentWalk::object_on_field(const CompiledField& compiled, const KeyEntry& entry,
                                   Place place) {
  const MappedField& field = *compiled.field;
  if (field.type == FieldType::kFlattened) return flattened(compiled, place);
  if (field.type == FieldType::kUnsearched) {
    if (compiled.emits) values_.push(field, Kind::kOrdinals, {});
    return skip(place);
  }
  if (context_.accept) {
    context_.ignore(field.path);
    return new_object(entry.path, *entry.owner, place);
  }
  const uint32_t begin = json_.offset();
  if (!skip(place)) return false;
  if (field.type == FieldType::kAlias) {
    return context_.fail(Error(kMapperParsing, "failed to parse")
                             .because(Error(kIllegalArgument, "Cannot write to a field alias [" +
                                                                  field.path + "].")));
  }
  const uint32_t end = *(json_.token() - 1) + 1;
  const std::string preview = ValueReader::preview(context_.source.substr(begin, end - begin));
  if (field.numeric() && !field.date()) {
    const bool boolean = field.type == FieldType::kBoolean;
    return context_.fail(values_.refusal(
        field, preview,
        Error(error_types::kJsonParse,
              std::string("Current token (START_OBJECT) not ") +
                  (boolean ? "of boolean type" : "numeric, can not use numeric value accessors") +
                  json_location(context_.source, begin + 1))));
  }
  return context_.fail(values_.refusal(
      field, preview,
      Error(error_types::kIllegalState,
            "Can't get text on a START_OBJECT at " + short_location(context_.source, begin))));
}

}  // namespace stratalog::index
