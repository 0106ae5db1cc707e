// What the parts of the document parser share while they work on one document.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/error.h"
#include "index/document/parsed_document.h"
#include "index/mapping/compiled_mapping.h"

namespace stratalog::index {

// Lucene's longest term, in bytes.
inline constexpr size_t kTermBytesMax = 32766;

struct ParseContext {
  const CompiledMapping* mapping = nullptr;
  std::string_view source;
  std::string_view id;
  Arena* arena = nullptr;
  ParsedDocument* out = nullptr;
  bool accept = false;                       // never refuse because of the mapping
  bool frozen = false;                       // never ask for an update
  const CompiledField* timestamp = nullptr;  // "@timestamp" if it is a date
  // constant_keyword fields that have no value yet, with the one they got
  std::vector<std::pair<const MappedField*, std::string_view>> constants;
  std::optional<Error>
      error;  // why the document is refused; without one a failed parse means: no JSON

  bool fail(Error why) {
    error = std::move(why);
    return false;
  }
  void ignore(std::string_view path) {
    std::vector<std::string_view>& known = out->ignored;
    constexpr size_t kFew = 16;
    if (known.size() < kFew) {
      many_ignored.clear();
      if (std::find(known.begin(), known.end(), path) == known.end())
        known.push_back(arena->copy(path));
      return;
    }
    if (many_ignored.empty()) many_ignored.insert(known.begin(), known.end());
    if (many_ignored.contains(path)) return;
    known.push_back(arena->copy(path));
    many_ignored.insert(known.back());
  }

  std::unordered_set<std::string_view> many_ignored;  // out->ignored, once it is long
};

}  // namespace stratalog::index
