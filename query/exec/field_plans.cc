#include "query/exec/field_plans.h"

#include <algorithm>
#include <set>

#include "index/analysis/analyzer.h"
#include "index/analysis/token.h"
#include "index/sortable.h"
#include "query/exec/bm25.h"
#include "query/exec/boolean.h"
#include "query/exec/field_value.h"
#include "query/exec/metadata_fields.h"

namespace stratalog::query {

using index::FieldType;
using index::Kind;
using index::MappedField;

namespace {

// Kinds that the index's segments hold for a path beside the mapped one: values that met a field of
// another type.
std::vector<Kind> other_kinds(const IndexContext& index, const std::string& path,
                              std::optional<Kind> mapped) {
  if (!index.mapping().limits().accept_conflicts || index.mapping().hides(path)) return {};
  std::set<Kind> kinds;
  for (const index::SegmentView& segment : index.view.segments) {
    const auto& fields = segment.segment->fields();
    const auto first = std::lower_bound(
        fields.begin(), fields.end(), path,
        [](const index::FieldKey& key, const std::string& p) { return key.path < p; });
    for (auto it = first; it != fields.end() && it->path == path; ++it) {
      if (!mapped || it->kind != *mapped) kinds.insert(it->kind);
    }
  }
  return {kinds.begin(), kinds.end()};
}

// A stand-in for the mapping of a value that is kept under another kind than its field's.
MappedField conflict_field(const std::string& path, Kind kind) {
  MappedField field;
  field.path = path;
  field.kind = kind;
  switch (kind) {
    case Kind::kI64:
      field.type = FieldType::kLong;
      break;
    case Kind::kU64:
      field.type = FieldType::kUnsignedLong;
      break;
    case Kind::kF64:
      field.type = FieldType::kDouble;
      break;
    case Kind::kNanos:
      field.type = FieldType::kDateNanos;
      break;
    case Kind::kIp:
      field.type = FieldType::kIp;
      break;
    case Kind::kOrdinals:
      field.type = FieldType::kKeyword;
      break;
    default:
      field.type = FieldType::kText;
  }
  return field;
}

std::string keyword_text(const MappedField& field, const std::string& text) {
  if (field.type != FieldType::kKeyword || field.analyzer == nullptr) return text;
  return field.analyzer->normalize(text);
}

std::string constant_value(const MappedField& field) {
  const json::Value* value = field.parameters.find("value");
  return value == nullptr ? std::string() : value->to_text();
}

Error not_indexed(const std::string& name) {
  return Error(error_types::kIllegalArgument,
               "Cannot search on field [" + name + "] since it is not indexed.");
}

Result<PlanPtr> date_range(const PlanContext& context, const MappedField& field,
                           const RangeBounds& bounds) {
  const DateContext date{context.index.request.now_ms, bounds.format, bounds.time_zone};
  int64_t low = INT64_MIN, high = INT64_MAX;
  if (bounds.low) {
    ASSIGN_OR_RETURN(low, parse_date(field, bounds.low->text, !bounds.include_low, date));
    if (!bounds.include_low) {
      if (low == INT64_MAX) return none_plan();
      ++low;
    }
  }
  if (bounds.high) {
    ASSIGN_OR_RETURN(high, parse_date(field, bounds.high->text, bounds.include_high, date));
    if (!bounds.include_high) {
      if (high == INT64_MIN) return none_plan();
      --high;
    }
  }
  return numeric_range_plan(field.path, field.kind, low, high, context.boost);
}

// A number of a query as the field takes it: sequence numbers have no fractions, not even when they
// are asked for.
Result<NumberValue> number_of(const MappedField& field, const std::string& text) {
  ASSIGN_OR_RETURN(const NumberValue number, parse_number(field, text));
  if (number.fraction && is_metadata(field))
    return Error(error_types::kIllegalArgument, "Value [" + text + "] has a decimal part");
  return number;
}

Result<PlanPtr> number_range(const PlanContext& context, const MappedField& field,
                             const RangeBounds& bounds) {
  int64_t low = INT64_MIN, high = INT64_MAX;
  if (bounds.low) {
    ASSIGN_OR_RETURN(const NumberValue number, number_of(field, bounds.low->text));
    low = number.value;
    const bool up = number.fraction ? !number.negative : !bounds.include_low;
    if (up) {
      if (low == INT64_MAX) return none_plan();
      ++low;
    }
  }
  if (bounds.high) {
    ASSIGN_OR_RETURN(const NumberValue number, number_of(field, bounds.high->text));
    high = number.value;
    const bool down = number.fraction ? number.negative : !bounds.include_high;
    if (down) {
      if (high == INT64_MIN) return none_plan();
      --high;
    }
  }
  return numeric_range_plan(field.path, field.kind, low, high, context.boost);
}

Result<PlanPtr> boolean_range(const PlanContext& context, const MappedField& field,
                              const RangeBounds& bounds) {
  int64_t low = 0, high = 1;
  if (bounds.low) {
    ASSIGN_OR_RETURN(const bool value, parse_boolean_value(bounds.low->text));
    low = (value ? 1 : 0) + (bounds.include_low ? 0 : 1);
  }
  if (bounds.high) {
    ASSIGN_OR_RETURN(const bool value, parse_boolean_value(bounds.high->text));
    high = (value ? 1 : 0) - (bounds.include_high ? 0 : 1);
  }
  return numeric_range_plan(field.path, field.kind, low, high, context.boost);
}

Result<PlanPtr> ip_range(const PlanContext& context, const MappedField& field,
                         const RangeBounds& bounds) {
  TermRange range;
  range.low = std::string(16, '\0');
  range.high = std::string(16, '\xff');
  const auto parse = [](const std::string& text) -> Result<std::string> {
    if (auto address = parse_ip(text)) return *address;
    return Error(error_types::kIllegalArgument, "'" + text + "' is not an IP string literal.");
  };
  if (bounds.low) {
    ASSIGN_OR_RETURN(range.low, parse(bounds.low->text));
    range.include_low = bounds.include_low;
  }
  if (bounds.high) {
    ASSIGN_OR_RETURN(range.high, parse(bounds.high->text));
    range.include_high = bounds.include_high;
  }
  return term_range_plan(field.path, Kind::kIp, std::move(range), context.boost);
}

Result<PlanPtr> string_range(const PlanContext& context, const MappedField& field,
                             const RangeBounds& bounds) {
  TermRange range;
  if (bounds.low) range.low = keyword_text(field, bounds.low->text);
  if (bounds.high) range.high = keyword_text(field, bounds.high->text);
  range.include_low = bounds.include_low;
  range.include_high = bounds.include_high;
  return term_range_plan(field.path, field.kind, std::move(range), context.boost);
}

Result<PlanPtr> range_of(const PlanContext& context, const MappedField& field,
                         const RangeBounds& bounds) {
  if (field.date()) return date_range(context, field, bounds);
  if (field.type == FieldType::kBoolean) return boolean_range(context, field, bounds);
  if (field.numeric()) return number_range(context, field, bounds);
  if (field.kind == Kind::kIp) return ip_range(context, field, bounds);
  if (field.kind == Kind::kOrdinals || field.kind == Kind::kTerms)
    return string_range(context, field, bounds);
  return Error(error_types::kIllegalArgument, "Field [" + field.path + "] of type [" +
                                                  field.type_name +
                                                  "] does not support range queries");
}

// Booleans are terms to Elasticsearch and score as such: by how rare the value is.
float boolean_score(const PlanContext& context, const MappedField& field, bool truth) {
  FieldStats stats;
  uint64_t doc_freq = 0;
  std::vector<uint64_t> bits;
  for (const index::SegmentReader* segment : scored_segments(context.index)) {
    const index::NumericColumn* column = segment->numeric(field.path, field.kind);
    if (column == nullptr) continue;
    stats.doc_count += column->present_rows();
    const uint32_t rows = segment->row_count();
    for (index::RowId begin = 0; begin < rows; begin += kWindowRows) {
      const index::RowId end = std::min(rows, begin + kWindowRows);
      for (const int64_t value : {0, 1}) {
        bits.assign(words_for(end - begin), 0);
        column->fill_range(begin, end, value, value, bits.data());
        const uint64_t count = count_bits(bits);
        stats.sum_total_term_freq += count;
        if ((value == 1) == truth) doc_freq += count;
      }
    }
  }
  return Bm25Scorer(bm25_idf(doc_freq, stats.doc_count), context.boost, stats).score(1, 1);
}

// One value of a mapped field (or of a conflicting kind).
Result<PlanPtr> term_of(const PlanContext& context, const MappedField& field,
                        const Literal& value) {
  switch (field.type) {
    case FieldType::kDate:
    case FieldType::kDateNanos: {
      RangeBounds bounds;
      bounds.low = bounds.high = value;
      Result<PlanPtr> plan = date_range(context, field, bounds);
      if (plan) return plan;
      const std::string reason = "failed to create query: " + plan.error().reason;
      return context.index.shard_error(reason).because(std::move(plan.error()));
    }
    case FieldType::kBoolean: {
      ASSIGN_OR_RETURN(const bool truth, parse_boolean_value(value.text));
      return numeric_range_plan(
          field.path, field.kind, truth ? 1 : 0, truth ? 1 : 0,
          context.scores ? boolean_score(context, field, truth) : context.boost);
    }
    case FieldType::kIp: {
      ASSIGN_OR_RETURN(IpRange range, parse_ip_or_block(value.text));
      if (range.low == range.high)
        return terms_plan(field.path, Kind::kIp, {std::move(range.low)}, context.boost);
      return term_range_plan(field.path, Kind::kIp, {std::move(range.low), std::move(range.high)},
                             context.boost);
    }
    case FieldType::kConstantKeyword:
      return constant_value(field) == value.text ? all_plan(context.boost) : none_plan();
    case FieldType::kWildcard:
      return terms_plan(field.path, field.kind, {value.text}, context.boost);
    case FieldType::kKeyword:
      return term_plan(context.index, {field.path, field.kind, keyword_text(field, value.text)},
                       context.boost, context.scores);
    case FieldType::kText:
      return term_plan(context.index, {field.path, field.kind, value.text}, context.boost,
                       context.scores);
    case FieldType::kBinary:
    case FieldType::kUnsearched:
    case FieldType::kAlias:
    case FieldType::kFlattened:
      return Error(error_types::kIllegalArgument, field.type == FieldType::kBinary
                                                      ? "Binary fields do not support searching"
                                                      : "Field [" + field.path + "] of type [" +
                                                            field.type_name +
                                                            "] does not support term queries");
    default:
      break;
  }
  ASSIGN_OR_RETURN(const NumberValue number, number_of(field, value.text));
  if (number.fraction) return none_plan();
  return numeric_range_plan(field.path, field.kind, number.value, number.value, context.boost);
}

// A flattened field's terms are "key\0value": under a key an exact term, at the root any key's.
PlanPtr flattened_term(const PlanContext& context, const FieldRef& ref, const std::string& value) {
  if (ref.keyed) {
    return terms_plan(ref.path, Kind::kFlattened, {ref.flattened_key + '\0' + value},
                      context.boost);
  }
  TermPattern pattern;
  const std::string tail = '\0' + value;
  pattern.parts.push_back(tail);
  pattern.matches = [tail](std::string_view term) { return term.ends_with(tail); };
  return pattern_plan(ref.path, Kind::kFlattened, std::move(pattern), context.boost);
}

// Of a whole flattened field: rows with a value, under any key, that is taken. Each begins with
// `prefix`.
PlanPtr flattened_root(const PlanContext& context, const FieldRef& ref, const std::string& prefix,
                       std::function<bool(std::string_view)> takes) {
  TermPattern pattern;
  pattern.parts.push_back('\0' + prefix);
  pattern.matches = [takes = std::move(takes)](std::string_view term) {
    return takes(term.substr(term.find('\0') + 1));
  };
  return pattern_plan(ref.path, Kind::kFlattened, std::move(pattern), context.boost);
}

std::function<bool(std::string_view)> values_between(const RangeBounds& bounds) {
  return [bounds](std::string_view value) {
    const int low = bounds.low ? value.compare(bounds.low->text) : 1;
    const int high = bounds.high ? value.compare(bounds.high->text) : -1;
    return (low > 0 || (low == 0 && bounds.include_low)) &&
           (high < 0 || (high == 0 && bounds.include_high));
  };
}

PlanPtr keyed_range(const PlanContext& context, const std::string& path, const std::string& key,
                    const RangeBounds& bounds) {
  TermRange terms;
  terms.low = key + '\0' + bounds.low->text;
  terms.include_low = bounds.include_low;
  terms.high = key + '\0' + bounds.high->text;
  terms.include_high = bounds.include_high;
  return term_range_plan(path, Kind::kFlattened, std::move(terms), context.boost);
}

// The union of what the mapped type says and what the other kinds say; of these an unreadable value
// is no error.
template <typename Of>
Result<PlanPtr> with_conflicts(const PlanContext& context, const FieldRef& ref,
                               Result<PlanPtr> mapped, Of&& of) {
  const std::vector<Kind> kinds =
      other_kinds(context.index, ref.path,
                  ref.field == nullptr ? std::nullopt : std::optional(ref.field->kind));
  if (kinds.empty()) return mapped;
  std::vector<PlanPtr> plans;
  if (mapped) plans.push_back(std::move(*mapped));
  for (const Kind kind : kinds) {
    Result<PlanPtr> plan = of(conflict_field(ref.path, kind));
    if (plan) plans.push_back(std::move(*plan));
  }
  return dis_max_plan(std::move(plans), 0, context.scores);
}

// Of a path for which the mapping had no room, some time at least, values are terms "path\0value"
// of the catch-all column: they are asked too.
bool has_catch_all(const IndexContext& index) {
  // Its terms are of all paths, of those that may not be seen too.
  if (index.metadata->access != nullptr && index.metadata->access->fields_hidden()) return false;
  return !other_kinds(index, std::string(index::kFlattenedPath), std::nullopt).empty();
}

Result<PlanPtr> or_catch_all(const PlanContext& context, const FieldRef& ref,
                             Result<PlanPtr> mapped, const std::string& value) {
  if (!mapped || !has_catch_all(context.index)) return mapped;
  std::vector<PlanPtr> plans = {std::move(*mapped)};
  plans.push_back(terms_plan(std::string(index::kFlattenedPath), Kind::kFlattened,
                             {ref.path + '\0' + value}, context.boost));
  return dis_max_plan(std::move(plans), 0, context.scores);
}

// Whether the catch-all has values of this very path.
bool catch_all_holds(const IndexContext& index, std::string_view path) {
  if (!index.mapping().limits().accept_conflicts) return false;
  const std::string prefix = std::string(path) + '\0';
  for (const index::SegmentView& segment : index.view.segments) {
    const index::TermsIndex* terms =
        segment.segment->terms(index::kFlattenedPath, Kind::kFlattened);
    if (terms == nullptr) continue;
    const auto it = terms->iterate(prefix);
    if (it->valid() && it->term().starts_with(prefix)) return true;
  }
  return false;
}

bool is_catch_all(const MappedField& field) { return field.path == index::kFlattenedPath; }

PlanPtr catch_all_prefix(const PlanContext& context, std::string prefix) {
  TermPattern pattern;
  pattern.prefix = std::move(prefix);
  return pattern_plan(std::string(index::kFlattenedPath), Kind::kFlattened, std::move(pattern),
                      context.boost);
}

}  // namespace

Literal Literal::of(const Node& node) {
  switch (node.type()) {
    case Node::Type::kNull:
      return {Type::kNull, {}};
    case Node::Type::kBool:
      return {Type::kBool, node.text()};
    case Node::Type::kString:
      return {Type::kString, node.text()};
    default:
      return {Type::kNumber, node.text()};
  }
}

FieldRef resolve_field(const IndexContext& index, std::string_view name) {
  FieldRef ref;
  ref.path = name;
  if (const MappedField* field = metadata_field(name)) {
    ref.field = field;
    return ref;
  }
  if (const MappedField* field = index.mapping().resolve(name)) {
    ref.field = field;
    ref.path = field->path;
    return ref;
  }
  for (size_t dot = name.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = name.rfind('.', dot - 1)) {
    const MappedField* parent = index.mapping().resolve(name.substr(0, dot));
    if (parent == nullptr || parent->type != FieldType::kFlattened) continue;
    ref.field = parent;
    ref.path = parent->path;
    ref.flattened_key = name.substr(dot + 1);
    ref.keyed = true;
    return ref;
  }
  if (catch_all_holds(index, name) && other_kinds(index, ref.path, std::nullopt).empty()) {
    ref.field = index.mapping().find(index::kFlattenedPath);
    ref.path = index::kFlattenedPath;
    ref.flattened_key = name;
    ref.keyed = true;
  }
  return ref;
}

std::string shown_path(const FieldRef& ref) {
  if (!ref.keyed) return ref.path;
  return is_catch_all(*ref.field) ? ref.flattened_key : ref.path + "._keyed";
}

Result<PlanPtr> field_term_plan(const PlanContext& context, std::string_view name,
                                const Literal& value) {
  const FieldRef ref = resolve_field(context.index, name);
  const auto term = [&](const MappedField& field) { return term_of(context, field, value); };
  if (ref.field == nullptr) {
    return or_catch_all(context, ref, with_conflicts(context, ref, none_plan(), term), value.text);
  }
  if (is_virtual(*ref.field)) return metadata_term_plan(context, *ref.field, value.text);
  if (ref.field->type == FieldType::kFlattened) return flattened_term(context, ref, value.text);
  if (!ref.field->indexed) return not_indexed(std::string(name));
  return or_catch_all(context, ref, with_conflicts(context, ref, term(*ref.field), term),
                      value.text);
}

Result<PlanPtr> field_terms_plan(const PlanContext& context, std::string_view name,
                                 const std::vector<Literal>& values) {
  if (values.empty()) return none_plan();
  if (name == "_id") {
    std::vector<std::string> ids;
    ids.reserve(values.size());
    for (const Literal& value : values) {
      if (value.text.empty()) return Error(error_types::kIllegalArgument, "Ids can't be empty");
      ids.push_back(value.text);
    }
    return ids_plan(context.index, ids, context.boost);
  }
  const FieldRef ref = resolve_field(context.index, name);
  const bool catch_all = has_catch_all(context.index);
  const bool strings =
      ref.field != nullptr && ref.field->indexed &&
      (ref.field->type == FieldType::kKeyword || ref.field->type == FieldType::kText ||
       ref.field->type == FieldType::kWildcard);
  if (strings && !catch_all && other_kinds(context.index, ref.path, ref.field->kind).empty()) {
    std::vector<std::string> terms;
    terms.reserve(values.size());
    for (const Literal& value : values) terms.push_back(keyword_text(*ref.field, value.text));
    std::sort(terms.begin(), terms.end());
    terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
    return terms_plan(ref.path, ref.field->kind, std::move(terms), context.boost);
  }
  const bool numbers = ref.field != nullptr && ref.field->indexed && ref.field->numeric() &&
                       !ref.field->date() && ref.field->type != FieldType::kBoolean &&
                       !is_virtual(*ref.field);
  if (numbers && !catch_all && other_kinds(context.index, ref.path, ref.field->kind).empty()) {
    std::vector<int64_t> set;
    for (const Literal& value : values) {
      ASSIGN_OR_RETURN(const NumberValue number, number_of(*ref.field, value.text));
      if (!number.fraction) set.push_back(number.value);
    }
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    return numeric_set_plan(ref.path, ref.field->kind, std::move(set), context.boost);
  }
  BoolParts parts;
  parts.min_should = 1;
  for (const Literal& value : values) {
    ASSIGN_OR_RETURN(PlanPtr plan, field_term_plan(context.without_scores(), name, value));
    parts.should.push_back(std::move(plan));
  }
  return constant_score_plan(bool_plan(std::move(parts), false), context.boost);
}

Result<PlanPtr> field_range_plan(const PlanContext& context, std::string_view name,
                                 const RangeBounds& bounds) {
  const FieldRef ref = resolve_field(context.index, name);
  if (ref.field != nullptr && is_virtual(*ref.field))
    return metadata_range_plan(context, *ref.field, bounds);
  const auto range = [&](const MappedField& field) { return range_of(context, field, bounds); };
  if (ref.field == nullptr) return with_conflicts(context, ref, none_plan(), range);
  if (ref.field->type == FieldType::kFlattened) {
    if (!ref.keyed) return flattened_root(context, ref, "", values_between(bounds));
    if (!bounds.low || !bounds.high) {
      return Error(error_types::kIllegalArgument,
                   "[range] queries on keyed [flattened] fields must include both an upper and a "
                   "lower bound.");
    }
    return keyed_range(context, ref.path, ref.flattened_key, bounds);
  }
  if (!ref.field->indexed) return not_indexed(std::string(name));
  Result<PlanPtr> mapped = with_conflicts(context, ref, range(*ref.field), range);
  // Texts compare in the catch-all as in the field; numbers would not.
  if (!mapped || !bounds.low || !bounds.high || !is_string_field(*ref.field) ||
      !catch_all_holds(context.index, ref.path)) {
    return mapped;
  }
  return dis_max_plan({std::move(*mapped),
                       keyed_range(context, std::string(index::kFlattenedPath), ref.path, bounds)},
                      0, context.scores);
}

Result<PlanPtr> field_exists_plan(const PlanContext& context, std::string_view pattern) {
  const IndexContext& index = context.index;
  std::vector<PlanPtr> plans;
  const auto add_path = [&](const std::string& path, std::optional<Kind> mapped) {
    if (mapped) plans.push_back(present_plan(path, *mapped, context.boost));
    for (const Kind kind : other_kinds(index, path, mapped)) {
      plans.push_back(present_plan(path, kind, context.boost));
    }
  };
  if (const MappedField* field = metadata_field(pattern)) {
    if (is_virtual(*field)) return metadata_exists_plan(context, *field);
    return present_plan(field->path, field->kind, context.boost);
  }
  std::vector<const MappedField*> fields;
  if (pattern.find('*') != std::string_view::npos) {
    fields = index.mapping().match(pattern);
  } else if (const FieldRef ref = resolve_field(index, pattern); ref.field != nullptr) {
    if (ref.keyed && !is_catch_all(*ref.field)) {
      TermPattern keys;
      keys.prefix = ref.flattened_key + '\0';
      return pattern_plan(ref.path, Kind::kFlattened, std::move(keys), context.boost);
    }
    if (!ref.keyed) fields.push_back(ref.field);
  } else if (index.mapping().is_object(pattern)) {
    fields = index.mapping().match(std::string(pattern) + ".*");
  } else {
    add_path(std::string(pattern), std::nullopt);
  }
  for (const MappedField* field : fields) {
    if (field->type == FieldType::kAlias) field = index.mapping().resolve(field->path);
    if (field == nullptr) continue;
    if (field->type == FieldType::kConstantKeyword) {
      if (!constant_value(*field).empty()) plans.push_back(all_plan(context.boost));
      continue;
    }
    add_path(field->path, field->kind);
  }
  if (pattern.find('*') == std::string_view::npos && has_catch_all(index)) {
    const MappedField* field = index.mapping().resolve(pattern);
    const std::string path = field != nullptr ? field->path : std::string(pattern);
    plans.push_back(catch_all_prefix(context, path + '\0'));
    plans.push_back(catch_all_prefix(context, path + '.'));
  }
  if (plans.empty()) return none_plan();
  if (plans.size() == 1) return plans[0];
  BoolParts parts;
  parts.should = std::move(plans);
  parts.min_should = 1;
  return constant_score_plan(bool_plan(std::move(parts), false), context.boost);
}

bool is_string_field(const MappedField& field) {
  switch (field.type) {
    case FieldType::kText:
    case FieldType::kKeyword:
    case FieldType::kWildcard:
    case FieldType::kConstantKeyword:
    case FieldType::kFlattened:
      return true;
    default:
      return false;
  }
}

Result<PlanPtr> field_pattern_plan(const PlanContext& context, std::string_view name,
                                   std::string_view what, TermPattern pattern) {
  const FieldRef ref = resolve_field(context.index, name);
  const auto plan_of = [&](const MappedField& field) -> Result<PlanPtr> {
    if (!is_string_field(field)) return none_plan();
    return pattern_plan(field.path, field.kind, pattern, context.boost);
  };
  if (ref.field == nullptr) return with_conflicts(context, ref, none_plan(), plan_of);
  if (is_constant(*ref.field) && (what == "prefix" || what == "wildcard"))
    return metadata_pattern_plan(context, *ref.field, pattern);
  if (!is_string_field(*ref.field)) {
    if (!other_kinds(context.index, ref.path, ref.field->kind).empty()) {
      return with_conflicts(context, ref, none_plan(), plan_of);
    }
    std::string reason =
        "Can only use " + std::string(what) + " queries on keyword" +
        (what == "prefix" || what == "wildcard" ? ", text and wildcard" : " and text") +
        " fields - not on [" + std::string(name) + "] which is of type [" + ref.field->type_name +
        "]";
    if (what == "fuzzy") return Error(error_types::kIllegalArgument, std::move(reason));
    return context.index.shard_error(std::move(reason));
  }
  if (ref.field->type == FieldType::kConstantKeyword) {
    return pattern.takes(constant_value(*ref.field)) ? all_plan(context.boost) : none_plan();
  }
  if (ref.field->type == FieldType::kFlattened) {
    if (what == "fuzzy" || (ref.keyed && what != "prefix" && what != "term")) {
      return Error({"unsupported_operation_exception", 400},
                   "[" + std::string(what) + "] queries are not currently supported on " +
                       (ref.keyed ? "keyed" : "root") + " [flattened] fields.");
    }
    if (!ref.keyed) {
      const auto takes = [pattern](std::string_view value) { return pattern.takes(value); };
      return flattened_root(context, ref, pattern.prefix, takes);
    }
    const std::string key = ref.flattened_key + '\0';
    auto inner = pattern;
    pattern.matches = [key, inner](std::string_view term) {
      return inner.takes(term.substr(key.size()));
    };
    pattern.key.clear();
    pattern.prefix = key + pattern.prefix;
    pattern.parts.clear();
    return pattern_plan(ref.path, Kind::kFlattened, std::move(pattern), context.boost);
  }
  if (!ref.field->indexed) return not_indexed(std::string(name));
  Result<PlanPtr> mapped = with_conflicts(context, ref, plan_of(*ref.field), plan_of);
  if (!mapped || !pattern.prefix_only() || !catch_all_holds(context.index, ref.path)) return mapped;
  return dis_max_plan(
      {std::move(*mapped), catch_all_prefix(context, ref.path + '\0' + pattern.prefix)}, 0,
      context.scores);
}

bool is_elasticsearch_exception(const Error& error) {
  const std::string_view type = error.type.name;
  if (type == "parse_exception")
    return error.type.status == 400;  // Lucene's is made with another status
  return type == "parsing_exception" || type == "query_shard_exception" ||
         type == "search_exception" || type == "search_parse_exception" ||
         type == "search_context_missing_exception" || type == "too_many_buckets_exception" ||
         type == "circuit_breaking_exception" || type == "index_not_found_exception" ||
         type == "es_rejected_execution_exception" || type == "aggregation_execution_exception" ||
         type == "mapper_parsing_exception";
}

Error wrap_query_error(const IndexContext& index, Error error) {
  const std::string_view type = error.type.name;
  if (type == "query_shard_exception" || type == "parsing_exception" || type == "search_exception")
    return error;
  // Of date ranges, which Elasticsearch reads before it makes the query.
  if (error.type == error_types::kElasticsearchParse) return error;
  return index.shard_error("failed to create query: " + error.reason).because(std::move(error));
}

}  // namespace stratalog::query
