#include "index/document/dynamic_fields.h"

#include <algorithm>
#include <cmath>

#include "index/date/date_format.h"
#include "index/document/json_problem.h"
#include "index/document/value_reader.h"
#include "index/mapping/numbers.h"

namespace stratalog::index {

namespace {

using error_types::kIllegalArgument;

constexpr int64_t kKeywordIgnoreAbove = 256;  // of "x.keyword", as Elasticsearch

bool is_long(std::string_view text) {
  const WholeNumber v = java_long(text);
  const bool plain = text.find_first_not_of(
                         "0123456789", text.starts_with('-') || text.starts_with('+') ? 1 : 0) ==
                     std::string_view::npos;
  return v.kind == WholeNumber::kWhole && plain;
}

json::Value default_definition(DetectedType type, const std::string& date_format, Dynamic dynamic) {
  const auto of_type = [](std::string_view name) {
    return json::Value::object({{"type", json::Value(name)}});
  };
  const bool runtime = dynamic == Dynamic::kRuntime;
  switch (type) {
    case DetectedType::kObject:
      return of_type("object");
    case DetectedType::kLong:
      return of_type("long");
    case DetectedType::kDouble:
      return of_type(runtime ? "double" : "float");
    case DetectedType::kBoolean:
      return of_type("boolean");
    case DetectedType::kBinary:
      return of_type("binary");
    case DetectedType::kDate: {
      json::Value out = of_type("date");
      if (!date_format.empty()) out.set("format", json::Value(date_format));
      return out;
    }
    case DetectedType::kString:
      break;
  }
  if (runtime) return of_type("keyword");
  json::Value keyword = of_type("keyword");
  keyword.set("ignore_above", kKeywordIgnoreAbove);
  json::Value out = of_type("text");
  out.set("fields", json::Value::object({{"keyword", std::move(keyword)}}));
  return out;
}

uint32_t fields_of(const json::Value& definition) {
  uint32_t count = 1;
  for (const std::string_view inside : {"fields", "properties"}) {
    const json::Value* members = definition.find(inside);
    if (members == nullptr || !members->is_object()) continue;
    for (const json::Member& member : members->as_object()) count += fields_of(member.value);
  }
  return count;
}

}  // namespace

DynamicFields::Detected DynamicFields::detect(const Scalar& scalar) const {
  switch (scalar.kind) {
    case Scalar::kWhole:
      return {DetectedType::kLong, ""};
    case Scalar::kFraction:
      return {DetectedType::kDouble, ""};
    case Scalar::kTrue:
    case Scalar::kFalse:
      return {DetectedType::kBoolean, ""};
    default:
      break;
  }
  const CompiledMapping& mapping = *context_.mapping;
  const bool as_long = is_long(scalar.text);
  const bool as_double = as_long || java_double(scalar.text).has_value();
  if (mapping.numeric_detection() && as_double) {
    return {as_long ? DetectedType::kLong : DetectedType::kDouble, ""};
  }
  if (as_double || !mapping.date_detection()) return {DetectedType::kString, ""};
  for (const CompiledMapping::DynamicDateFormat& format : mapping.dynamic_date_formats()) {
    if (format.format->try_parse(scalar.text)) return {DetectedType::kDate, format.text};
  }
  return {DetectedType::kString, ""};
}

DynamicFields::Proposal DynamicFields::propose(std::string_view path, std::string_view name,
                                               const Detected& detected, Dynamic dynamic) const {
  Proposal out;
  const auto& templates = context_.mapping->tree().dynamic_templates;
  const DynamicTemplate* matched = nullptr;
  if (templates) {
    for (const DynamicTemplate& entry : *templates) {
      if (!entry.matches(path, name, detected.type)) continue;
      matched = &entry;
      break;
    }
  }
  if (matched != nullptr) {
    out.definition = matched->definition(name, detected.type);
    const bool date =
        detected.type == DetectedType::kDate && out.definition.find("type")->to_text() == "date";
    if (date && !detected.date_format.empty() && out.definition.find("format") == nullptr) {
      out.definition.set("format", json::Value(detected.date_format));
    }
  } else {
    out.definition = default_definition(detected.type, detected.date_format, dynamic);
  }
  const json::Value* type = out.definition.find("type");
  out.type = type == nullptr ? "object" : type->to_text();
  out.object = out.type == "object" || out.type == "nested";
  out.opaque =
      detected.type == DetectedType::kObject && (out.type != "object" || out.definition.size() > 1);
  return out;
}

DynamicFields::Answer DynamicFields::conflict(std::string_view path, const Proposal& before,
                                              const Proposal& now) {
  if (before.object == now.object && before.type == now.type)
    return before.opaque ? Answer::kOpaque : Answer::kAdded;
  if (context_.accept)
    return Answer::kAdded;  // the first stays; the second look at the document finds the conflict
  if (before.object != now.object) {
    context_.fail(Error(kIllegalArgument, "can't merge a non object mapping [" + std::string(path) +
                                              "] with an object mapping"));
    return Answer::kError;
  }
  // Elasticsearch joins what is inside of objects the other way round.
  const bool below = path.find('.') != std::string_view::npos;
  context_.fail(Error(kIllegalArgument, "mapper [" + std::string(path) +
                                            "] cannot be changed from type [" +
                                            (below ? now : before).type + "] to [" +
                                            (below ? before : now).type + "]"));
  return Answer::kError;
}

bool DynamicFields::count_parents(std::string_view path, uint32_t& missing,
                                  std::string& field_above) const {
  missing = 0;
  for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    const std::string_view above = path.substr(0, dot);
    if (const auto it = proposals_.find(above); it != proposals_.end()) {
      if (!it->second.object) field_above = above;
    } else if (!context_.mapping->is_object(above)) {
      ++missing;
    }
  }
  return field_above.empty();
}

DynamicFields::Answer DynamicFields::add(std::string_view path, std::string_view name,
                                         const Detected& detected, Dynamic dynamic) {
  if (const MappedField* taken = context_.mapping->find(path); taken != nullptr && taken->parent) {
    // A multi-field has the path: no object beside its parent can.
    context_.ignore(path);
    return Answer::kNoRoom;
  }
  Proposal proposal = propose(path, name, detected, dynamic);
  if (const auto it = proposals_.find(path); it != proposals_.end())
    return conflict(path, it->second, proposal);
  uint32_t more = 0;
  std::string field_above;
  if (!count_parents(path, more, field_above) && !context_.accept) {
    context_.fail(Error(kIllegalArgument, "can't merge a non object mapping [" + field_above +
                                              "] with an object mapping"));
    return Answer::kError;
  }
  // An object that earlier dotted names of this document imply is one already.
  for (const auto* other : order_) {
    const bool above = other->first.size() > path.size() && other->first.starts_with(path) &&
                       other->first[path.size()] == '.';
    if (!above || proposal.object || context_.accept) continue;
    context_.fail(Error(kIllegalArgument, "can't merge a non object mapping [" + std::string(path) +
                                              "] with an object mapping"));
    return Answer::kError;
  }
  if (!proposal.object && find_type(proposal.type) == nullptr) {
    if (context_.accept) return Answer::kNoRoom;
    context_.fail(Error(
        error_types::kMapperParsing,
        "failed to find type parsed [" + proposal.type + "] for [" + std::string(name) + "]"));
    return Answer::kError;
  }
  more += fields_of(proposal.definition);
  if (context_.accept) {
    const MappingLimits& limits = context_.mapping->limits();
    const auto dots = static_cast<uint32_t>(std::count(path.begin(), path.end(), '.'));
    const bool room =
        context_.mapping->total_fields() + added_fields_ + more <= limits.total_fields &&
        dots + (proposal.object ? 2 : 1) <= limits.depth && name.size() <= limits.field_name_length;
    if (!room) return Answer::kNoRoom;
  }
  added_fields_ += more;
  const bool opaque = proposal.opaque;
  const auto [it, added] = proposals_.emplace(std::string(path), std::move(proposal));
  order_.push_back(&*it);
  return opaque ? Answer::kOpaque : Answer::kAdded;
}

DynamicFields::Answer DynamicFields::add_scalar(std::string_view path, std::string_view name,
                                                const Scalar& scalar, Dynamic dynamic) {
  const Detected detected = detect(scalar);
  const Answer answer = add(path, name, detected, dynamic);
  if (answer != Answer::kAdded || context_.accept) return answer;
  // What the new field would refuse is refused before it is made.
  const auto it = proposals_.find(path);
  if (it == proposals_.end()) return answer;
  MappedField field;
  field.path = path;
  field.type_name = it->second.type;
  const ValueReader reader(context_);
  if (field.type_name == "long" && scalar.kind == Scalar::kWhole &&
      java_long(scalar.text).kind != WholeNumber::kWhole) {
    context_.fail(reader.refusal(
        field, scalar.text,
        Error({"input_coercion_exception", 400},
              "Numeric value (" + std::string(scalar.text) +
                  ") out of range of long (-9223372036854775808 - 9223372036854775807)" +
                  json_location(context_.source, scalar.end))));
    return Answer::kError;
  }
  if (field.type_name == "float" && detected.type == DetectedType::kDouble) {
    const std::optional<float> v = java_float(scalar.text);
    if (v && std::isfinite(*v)) return answer;
    const std::string shown = v ? float_text(*v) : "NaN";
    const std::string preview = scalar.kind == Scalar::kString ? std::string(scalar.text)
                                                               : ValueReader::preview(scalar.text);
    context_.fail(reader.refusal(
        field, preview,
        Error(kIllegalArgument, "[float] supports only finite values, but got [" + shown + "]")));
    return Answer::kError;
  }
  return answer;
}

DynamicFields::Answer DynamicFields::add_object(std::string_view path, std::string_view name,
                                                Dynamic dynamic) {
  return add(path, name, {DetectedType::kObject, ""}, dynamic);
}

void DynamicFields::set_constant(const MappedField& field, std::string_view value) {
  Proposal proposal;
  proposal.definition = field.parameters;
  proposal.definition.set("value", json::Value(value));
  proposal.type = field.type_name;
  const auto [it, added] = proposals_.emplace(field.path, std::move(proposal));
  if (added) order_.push_back(&*it);
}

json::Value DynamicFields::update() const {
  json::Value properties = json::Value::object();
  for (const auto* proposal : order_) {
    properties.as_object().push_back({proposal->first, proposal->second.definition});
  }
  return json::Value::object({{"properties", std::move(properties)}});
}

}  // namespace stratalog::index
