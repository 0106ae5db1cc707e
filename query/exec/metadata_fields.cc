#include "query/exec/metadata_fields.h"

#include <algorithm>
#include <array>

#include "index/catalog/wildcard.h"

namespace stratalog::query {

using index::FieldType;
using index::Kind;
using index::MappedField;

namespace {

MappedField stand_in(std::string name, FieldType type, Kind kind) {
  MappedField field;
  field.type_name = name;
  field.path = std::move(name);
  field.type = type;
  field.kind = kind;
  return field;
}

const std::array<MappedField, 10>& all() {
  static const std::array<MappedField, 10> kAll = {
      stand_in("_doc_count", FieldType::kUnsearched, Kind::kI64),
      stand_in("_field_names", FieldType::kUnsearched, Kind::kOrdinals),
      stand_in("_id", FieldType::kUnsearched, Kind::kOrdinals),
      stand_in("_ignored", FieldType::kKeyword, Kind::kOrdinals),
      stand_in("_index", FieldType::kUnsearched, Kind::kOrdinals),
      stand_in("_routing", FieldType::kKeyword, Kind::kOrdinals),
      stand_in("_seq_no", FieldType::kLong, Kind::kI64),
      stand_in("_source", FieldType::kUnsearched, Kind::kOrdinals),
      stand_in("_type", FieldType::kUnsearched, Kind::kOrdinals),
      stand_in("_version", FieldType::kUnsearched, Kind::kI64),
  };
  return kAll;
}

// By what an index is known; of its type the name alone.
std::vector<std::string> names_of(const IndexContext& index, const MappedField& field) {
  if (field.path == "_type") return {index.mapping().shown_type()};
  std::vector<std::string> names{index.name()};
  for (const auto& [alias, metadata] : index.metadata->aliases) names.push_back(alias);
  return names;
}

PlanPtr all_or_none(const PlanContext& context, bool matches) {
  return matches ? all_plan(context.boost) : none_plan();
}

Error not_searchable(const PlanContext& context, const MappedField& field) {
  if (field.path == "_doc_count") {
    return context.index.shard_error("Field [_doc_count] of type [_doc_count] is not searchable");
  }
  return context.index.shard_error("The " + field.path + " field is not searchable");
}

}  // namespace

const MappedField* metadata_field(std::string_view name) {
  if (!name.starts_with('_')) return nullptr;
  const auto found = std::find_if(all().begin(), all().end(),
                                  [&](const MappedField& field) { return field.path == name; });
  return found == all().end() ? nullptr : &*found;
}

std::vector<const MappedField*> match_metadata(std::string_view pattern) {
  std::vector<const MappedField*> found;
  if (pattern == "*") return found;
  for (const MappedField& field : all()) {
    if (takes_text(field) && index::wildcard_match(pattern, field.path)) found.push_back(&field);
  }
  return found;
}

bool is_metadata(const MappedField& field) {
  return &field >= all().data() && &field < all().data() + all().size();
}
bool is_virtual(const MappedField& field) {
  return field.type == FieldType::kUnsearched && is_metadata(field);
}
bool takes_text(const MappedField& field) {
  return field.path != "_version" && field.path != "_source" && field.path != "_doc_count";
}
bool is_constant(const MappedField& field) {
  return is_metadata(field) && (field.path == "_index" || field.path == "_type");
}

Result<PlanPtr> metadata_term_plan(const PlanContext& context, const MappedField& field,
                                   const std::string& value) {
  const IndexContext& index = context.index;
  if (field.path == "_id") {
    if (value.empty()) return Error(error_types::kIllegalArgument, "Ids can't be empty");
    return ids_plan(index, {value}, context.boost);
  }
  if (is_constant(field)) {
    const auto names = names_of(index, field);
    return all_or_none(context,
                       std::any_of(names.begin(), names.end(), [&](const std::string& name) {
                         return index::wildcard_match(value, name);
                       }));
  }
  if (field.path == "_field_names") {
    // Elasticsearch names there what has neither norms nor doc values to tell of it.
    const MappedField* named = index.mapping().resolve(value);
    const bool told = named != nullptr && named->indexed && !named->doc_values &&
                      !(named->type == FieldType::kText && named->norms);
    return told ? present_plan(named->path, named->kind, context.boost) : none_plan();
  }
  return not_searchable(context, field);
}

Result<PlanPtr> metadata_range_plan(const PlanContext& context, const MappedField& field,
                                    const RangeBounds& bounds) {
  if (field.path != "_type") {
    return Error(
        error_types::kIllegalArgument,
        "Field [" + field.path + "] of type [" + field.path + "] does not support range queries");
  }
  const std::string& type = context.index.mapping().shown_type();
  const auto within = [](int order, bool inclusive) { return inclusive ? order <= 0 : order < 0; };
  const bool above = !bounds.low || within(bounds.low->text.compare(type), bounds.include_low);
  const bool below = !bounds.high || within(type.compare(bounds.high->text), bounds.include_high);
  return all_or_none(context, above && below);
}

Result<PlanPtr> metadata_exists_plan(const PlanContext& context, const MappedField& field) {
  if (field.path == "_source") return not_searchable(context, field);
  if (field.path == "_field_names") {
    return Error({"unsupported_operation_exception", 400},
                 "Cannot run exists query on _field_names");
  }
  if (field.path == "_doc_count") {
    return context.index.shard_error(
        "Field [_doc_count] of type [_doc_count] does not support exists queries");
  }
  return all_plan(context.boost);
}

PlanPtr metadata_pattern_plan(const PlanContext& context, const MappedField& field,
                              const TermPattern& pattern) {
  const auto names = names_of(context.index, field);
  return all_or_none(context, std::any_of(names.begin(), names.end(), [&](const std::string& name) {
                       return pattern.takes(name);
                     }));
}

}  // namespace stratalog::query
