// DocumentWalk over what has no fields of its own: values that are only checked, and flattened
// ones.
#include <algorithm>

#include "index/document/document_walk.h"

namespace stratalog::index {

using error_types::kIllegalArgument;

bool DocumentWalk::skip(Place place) {
  switch (json_.peek()) {
    case '{':
      return each_member(place, [&](std::string_view, Place inside) { return skip(inside); });
    case '[':
      return each_element(place, [&](Place inside) { return skip(inside); });
    default: {
      Scalar scalar;
      return json_.read_scalar(scalar);
    }
  }
}

void DocumentWalk::put_flattened(const MappedField& field, std::string_view path,
                                 std::string_view text) {
  const size_t bytes = path.size() + 1 + text.size();
  const bool too_long = bytes > kTermBytesMax;
  // What the catch-all takes is asked of differently than a field: hits tell.
  if (field.id == kFlattenedField) {
    context_.ignore(path);
  } else if (too_long) {
    context_.ignore(field.path);
  }
  if (too_long) return;
  char* const term = context_.arena->allocate(bytes);
  std::copy(path.begin(), path.end(), term);
  term[path.size()] = '\0';
  std::copy(text.begin(), text.end(), term + path.size() + 1);
  values_.push(field, Kind::kFlattened, {term, bytes});
}

// Every leaf of the value, under `path` and what the value's own names add to it, in the field that
// takes what has no other place. `path` is the same afterwards.
bool DocumentWalk::catch_all(std::string& path, Place place, bool emits) {
  switch (json_.peek()) {
    case '{':
      return each_member(place, [&](std::string_view key, Place inside) {
        const size_t length = path.size();
        path += '.';
        path += key;
        const bool good = catch_all(path, inside, emits);
        path.resize(length);
        return good;
      });
    case '[':
      return each_element(place, [&](Place inside) { return catch_all(path, inside, emits); });
    default: {
      Scalar scalar;
      if (!json_.read_scalar(scalar)) return false;
      if (scalar.kind == Scalar::kNull || !emits) return true;
      put_flattened(*context_.mapping->fields()[kFlattenedField], path, scalar.text);
      return true;
    }
  }
}

bool DocumentWalk::flattened(const CompiledField& field, Place place) {
  std::string path;
  return flattened_inside(field, path, 0, place);
}

bool DocumentWalk::flattened_inside(const CompiledField& field, std::string& path, uint32_t level,
                                    Place place) {
  switch (json_.peek()) {
    case '{': {
      const uint32_t begin = json_.offset();
      if (level >= field.field->depth_limit && level > 0) {
        if (!skip(place)) return false;
        if (context_.accept) {
          context_.ignore(field.field->path);
          return true;
        }
        const uint32_t end = *(json_.token() - 1) + 1;
        return context_.fail(values_.refusal(
            *field.field, ValueReader::preview(context_.source.substr(begin, end - begin)),
            Error(kIllegalArgument, "The provided [flattened] field [" + field.field->path +
                                        "] exceeds the maximum depth limit of [" +
                                        std::to_string(field.field->depth_limit) + "].")));
      }
      return each_member(place, [&](std::string_view key, Place inside) {
        const size_t length = path.size();
        if (level > 0) path += '.';
        path += key;
        const bool good = flattened_inside(field, path, level + 1, inside);
        path.resize(length);
        return good;
      });
    }
    case '[':
      return each_element(
          place, [&](Place inside) { return flattened_inside(field, path, level, inside); });
    default: {
      Scalar scalar;
      return json_.read_scalar(scalar) && flattened_leaf(field, path, scalar);
    }
  }
}

bool DocumentWalk::flattened_leaf(const CompiledField& compiled, std::string_view path,
                                  const Scalar& scalar) {
  const MappedField& field = *compiled.field;
  std::string_view text = scalar.text;
  if (scalar.kind == Scalar::kNull) {
    if (!field.null_value) return true;
    text = context_.arena->copy(field.null_value->to_text());
  }
  if (text.size() > field.ignore_above) return true;
  const auto refuse = [&](std::string why) {
    if (context_.accept) {
      context_.ignore(field.path);
      return true;
    }
    return context_.fail(values_.refusal(field, text, Error(kIllegalArgument, std::move(why))));
  };
  if (path.find('\0') != std::string_view::npos) {
    return refuse(
        "Keys in [flattened] fields cannot contain the reserved character \\0. Offending key: [" +
        std::string(path) + "].");
  }
  if (path.size() + 1 + text.size() > kTermBytesMax) {
    return refuse("Flattened field [" + field.path +
                  "] contains one immense field whose keyed encoding is longer than the allowed "
                  "max length of 32766 bytes. "
                  "Key length: " +
                  std::to_string(path.size()) + ", value length: " + std::to_string(text.size()) +
                  " for key starting with [" + std::string(path.substr(0, 50)) + "]");
  }
  if (!compiled.emits) return true;
  values_.push(field, Kind::kOrdinals, text);
  put_flattened(field, path, text);
  return true;
}

}  // namespace stratalog::index
