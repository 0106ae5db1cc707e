// What a hit shows, as asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/json_tree.h"

namespace stratalog::query {

// `_source`: true, false, patterns.
struct SourceFilter {
  bool enabled = true;
  bool asked = false;  // it was said, not a default
  std::vector<std::string> includes;
  std::vector<std::string> excludes;
  bool whole() const { return includes.empty() && excludes.empty(); }
};

// One of `fields` or `docvalue_fields`.
struct FieldAndFormat {
  std::string field;  // may hold "*"
  std::string format;
  bool include_unmapped = false;
};

struct FetchRequest {
  SourceFilter source;
  std::vector<FieldAndFormat> fields;
  std::vector<FieldAndFormat> docvalue_fields;
  std::vector<std::string> stored_fields;  // "_none_" alone: not even _id and _type
  bool stored_fields_asked = false;
  bool version = false;
  bool seq_no_primary_term = false;

  bool stored_none() const { return stored_fields.size() == 1 && stored_fields[0] == "_none_"; }
};

Result<SourceFilter> parse_source_filter(const Node& value);
Result<std::vector<FieldAndFormat>> parse_fields(const Node& value, std::string_view parameter);

}  // namespace stratalog::query
