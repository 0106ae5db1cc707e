// Questions about fields -> plans, by how the field is mapped: what Elasticsearch's
// MappedFieldType.termQuery, rangeQuery, existsQuery and the like do. Every kind of value that a
// path holds is asked (D17).
//
// Errors  illegal_argument_exception, number_format_exception, parse_exception in Elasticsearch's
// words. They are what a
//         shard's "failed to create query: ..." wraps (wrap_query_error).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/date/time_zone.h"
#include "query/dsl/clause.h"
#include "query/exec/term.h"

namespace stratalog::query {

// A value as a query gives it.
struct Literal {
  enum class Type : uint8_t { kNull, kBool, kNumber, kString } type = Type::kString;
  std::string text;

  static Literal of(const Node& node);
  static Literal of_text(std::string text) { return {Type::kString, std::move(text)}; }
};

// A field as a query names it.
struct FieldRef {
  std::string path;                           // the alias' target
  const index::MappedField* field = nullptr;  // nullptr: not mapped
  std::string flattened_key;  // of a key inside a flattened field (path is then the field's)
  bool keyed = false;
};
// Of a path for which the mapping had no room: as a key of the catch-all, where that holds it.
FieldRef resolve_field(const IndexContext& index, std::string_view name);
// As errors name it: "flat._keyed" for a key.
std::string shown_path(const FieldRef& ref);

Result<PlanPtr> field_term_plan(const PlanContext& context, std::string_view name,
                                const Literal& value);
Result<PlanPtr> field_terms_plan(const PlanContext& context, std::string_view name,
                                 const std::vector<Literal>& values);
Result<PlanPtr> field_exists_plan(const PlanContext& context, std::string_view pattern);

struct RangeBounds {
  std::optional<Literal> low;
  std::optional<Literal> high;
  bool include_low = true;
  bool include_high = true;
  std::string format;     // dates
  std::string time_zone;  // dates
};
Result<PlanPtr> field_range_plan(const PlanContext& context, std::string_view name,
                                 const RangeBounds& bounds);

// Patterns over terms: prefix, wildcard, regexp, fuzzy. Fails for fields that are neither keyword
// nor text: `what` is the query's kind for the message.
Result<PlanPtr> field_pattern_plan(const PlanContext& context, std::string_view name,
                                   std::string_view what, TermPattern pattern);

// Whether prefix-like queries can be asked of a field.
bool is_string_field(const index::MappedField& field);

// "failed to create query: ..." around what is no query_shard_exception; parse errors of date
// ranges go as they are.
Error wrap_query_error(const IndexContext& index, Error error);

// Elasticsearch's exception classes carry metadata and are root causes; Java's own do not.
bool is_elasticsearch_exception(const Error& error);

}  // namespace stratalog::query
