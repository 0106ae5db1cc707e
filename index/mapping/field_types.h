// The field types that a mapping may name, with the parameters that each takes: a table, read when
// mappings are parsed, merged and printed. Elasticsearch doc page "Mapping parameters"; order and
// defaults are those of 7.17.3.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "index/mapping/mapping.h"

namespace stratalog::index {

// How a parameter's JSON is read, and what it becomes in _mapping.
enum class ParamKind : uint8_t {
  kBool,
  kInt,
  kGap,  // an integer >= 0
  kDouble,
  kScale,  // a positive double, required
  kText,
  kChoice,  // one of `choices`
  kAnalyzer,
  kNormalizer,
  kSimilarity,
  kFormat,
  kMeta,
  kNull,  // null_value: a value of the field's type
  kAny,   // kept as given
};

struct ParamSpec {
  std::string_view name;
  ParamKind kind;
  json::Value fallback;                   // what holds when it is not given
  bool fixed = true;                      // can't change in a merge
  bool keep_default = false;              // shown when it was given, even if it is the default
  std::vector<std::string_view> choices;  // kChoice
};

struct TypeSpec {
  std::string_view name;
  FieldType type;
  Kind kind;
  std::vector<ParamSpec> params;  // in the order in which _mapping shows them
  bool any_params = false;        // further parameters are kept as given
  std::vector<std::pair<std::string_view, json::Value>> shown_defaults =
      {};  // of those, shown in any case

  const ParamSpec* find(std::string_view param) const;
};

const TypeSpec* find_type(std::string_view name);

}  // namespace stratalog::index
