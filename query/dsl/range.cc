#include "index/date/date_format.h"
#include "index/date/time_zone.h"
#include "query/dsl/parse_helpers.h"
#include "query/dsl/registry.h"
#include "query/exec/field_plans.h"

namespace stratalog::query {
namespace {

class Range final : public Clause {
 public:
  std::string_view kind() const override { return "range"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    if (!bounds.low && !bounds.high) return field_exists_plan(context, field);
    return field_range_plan(context, field, bounds);
  }

  std::string field;
  RangeBounds bounds;
};

// As a builder's setter shows it: the cause's Java name before its text.
Error zone_error(Error cause) {
  const bool unknown = cause.reason.starts_with("Unknown time-zone ID");
  cause.type = {unknown ? "zone_rules_exception" : "date_time_exception", 400};
  std::string reason =
      (unknown ? "java.time.zone.ZoneRulesException: " : "java.time.DateTimeException: ") +
      cause.reason;
  return Error(error_types::kIllegalArgument, std::move(reason)).because(std::move(cause));
}

std::optional<Literal> bound_of(const Node& node) {
  if (node.is_null()) return std::nullopt;
  return Literal::of(node);
}

Status read_member(Range& range, const NodeMember& member, ParseContext& context) {
  const std::string& key = member.key;
  RangeBounds& bounds = range.bounds;
  if (!member.value.is_scalar()) return unsupported_member("range", member, context);
  if (key == "from") {
    bounds.low = bound_of(member.value);
  } else if (key == "to") {
    bounds.high = bound_of(member.value);
  } else if (key == "gt" || key == "gte" || key == "ge") {
    bounds.low = bound_of(member.value);
    bounds.include_low = key != "gt";
  } else if (key == "lt" || key == "lte" || key == "le") {
    bounds.high = bound_of(member.value);
    bounds.include_high = key != "lt";
  } else if (key == "include_lower") {
    ASSIGN_OR_RETURN(bounds.include_low, read_bool(member.value, context));
  } else if (key == "include_upper") {
    ASSIGN_OR_RETURN(bounds.include_high, read_bool(member.value, context));
  } else if (key == "time_zone" || key == "timeZone") {
    ASSIGN_OR_RETURN(bounds.time_zone, read_text_or_null(member.value, context));
    if (bounds.time_zone.empty()) return {};
    if (auto zone = index::TimeZone::make(bounds.time_zone); !zone) {
      return fail_with(context, member.value.start(), zone_error(std::move(zone.error())));
    }
  } else if (key == "format") {
    ASSIGN_OR_RETURN(bounds.format, read_text_or_null(member.value, context));
    if (bounds.format.empty()) return {};
    if (auto format = index::DateFormat::compile(bounds.format); !format) {
      return fail_with(context, member.value.start(), std::move(format.error()));
    }
  } else if (key == "relation") {
    ASSIGN_OR_RETURN(std::string relation, read_text(member.value, context));
    for (char& c : relation) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    // One value is within, intersects and contains the same ranges.
    if (relation != "intersects" && relation != "within" && relation != "contains") {
      return fail_with(
          context, member.value.start(),
          Error(error_types::kIllegalArgument, member.value.text() + " is not a valid relation"));
    }
  } else {
    return unsupported_member("range", member, context);
  }
  return {};
}

}  // namespace

Result<ClausePtr> parse_range(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<Range>();
  auto field = read_field_form(
      body, "range", context, *clause,
      [&](const Node& node) -> Status {
        return fail_at(context, node.start(),
                       "[range] query does not support [" + body.members()[0].key + "]");
      },
      [&](const NodeMember& member) { return read_member(*clause, member, context); }, true);
  if (!field) return field.error();
  if (field->empty()) {
    return fail_with(context, body.end(),
                     Error(error_types::kIllegalArgument, "field name is null or empty"));
  }
  clause->field = std::move(*field);
  return ClausePtr(std::move(clause));
}

}  // namespace stratalog::query
