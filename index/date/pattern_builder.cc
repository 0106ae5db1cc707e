#include "index/date/pattern.h"

namespace stratalog::index {

namespace {

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kDays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                      "Friday", "Saturday", "Sunday"};
constexpr std::string_view kHalves[] = {"AM", "PM"};
constexpr std::string_view kEras[] = {"BC", "AD"};
constexpr std::string_view kErasFull[] = {"BC", "AD"};
constexpr std::string_view kErasNarrow[] = {"B", "A"};
constexpr std::string_view kQuarters[] = {"Q1", "Q2", "Q3", "Q4"};
constexpr std::string_view kQuartersFull[] = {"Q1", "Q2", "Q3", "Q4"};

std::string_view shortened(std::string_view name, TextStyle style) {
  if (style == TextStyle::kFull) return name;
  return name.substr(0, style == TextStyle::kShort ? 3 : 1);
}

}  // namespace

size_t field_name_count(DateField field) {
  switch (field) {
    case DateField::kMonth:
      return 12;
    case DateField::kDayOfWeek:
      return 7;
    case DateField::kQuarter:
      return 4;
    default:
      return 2;
  }
}

std::string_view field_name(DateField field, TextStyle style, size_t index) {
  switch (field) {
    case DateField::kMonth:
      return shortened(kMonths[index], style);
    case DateField::kDayOfWeek:
      return shortened(kDays[index], style);
    case DateField::kQuarter:
      return style == TextStyle::kFull ? kQuartersFull[index] : kQuarters[index];
    case DateField::kEra:
      return style == TextStyle::kNarrow ? kErasNarrow[index]
             : style == TextStyle::kFull ? kErasFull[index]
                                         : kEras[index];
    default:
      return kHalves[index];
  }
}

uint8_t offset_form(std::string_view form) {
  for (size_t i = 0; i < std::size(kOffsetForms); ++i) {
    if (kOffsetForms[i] == form) return static_cast<uint8_t>(i);
  }
  ENSURE(false, "no such offset form");
}

void PatternBuilder::add(PatternStep step) {
  levels_.back().number_at = -1;
  levels_.back().steps.push_back(std::move(step));
}

void PatternBuilder::add_number(PatternStep step) {
  Level& level = levels_.back();
  const bool fixed = step.width_min == step.width_max && step.sign == SignStyle::kNotNegative;
  if (level.number_at >= 0 && fixed) {
    level.steps[static_cast<size_t>(level.number_at)].reserved += step.width_max;
  } else {
    level.number_at = static_cast<int>(level.steps.size());
  }
  level.steps.push_back(std::move(step));
}

void PatternBuilder::literal(std::string_view text) {
  if (!text.empty()) add({.kind = PatternStep::kLiteral, .literal = std::string(text)});
}
void PatternBuilder::number(DateField field, uint32_t width_min, uint32_t width_max,
                            SignStyle sign) {
  add_number({.kind = PatternStep::kNumber,
              .field = field,
              .width_min = width_min,
              .width_max = width_max,
              .sign = sign});
}
void PatternBuilder::reduced_year(DateField field) {
  add_number({.kind = PatternStep::kReduced, .field = field, .width_min = 2, .width_max = 2});
}
void PatternBuilder::fraction(uint32_t width_min, uint32_t width_max, bool decimal_point) {
  PatternStep step{.kind = PatternStep::kFraction,
                   .field = DateField::kNano,
                   .width_min = width_min,
                   .width_max = width_max,
                   .decimal_point = decimal_point};
  if (width_min == width_max && !decimal_point) {
    add_number(std::move(step));
  } else {
    add(std::move(step));
  }
}
void PatternBuilder::text(DateField field, TextStyle style) {
  add({.kind = PatternStep::kText, .field = field, .text_style = style});
}
void PatternBuilder::offset(std::string_view form, std::string_view zero_text) {
  add({.kind = PatternStep::kOffset,
       .literal = std::string(zero_text),
       .offset_form = offset_form(form)});
}
void PatternBuilder::zone_or_offset() { add({.kind = PatternStep::kZoneOrOffset}); }
void PatternBuilder::zone_name() { add({.kind = PatternStep::kZoneName}); }
void PatternBuilder::zone_id() { add({.kind = PatternStep::kZoneId}); }

void PatternBuilder::optional_start() {
  levels_.back().number_at = -1;
  levels_.emplace_back();
}

bool PatternBuilder::optional_end() {
  if (levels_.size() == 1) return false;
  std::vector<PatternStep> inner = std::move(levels_.back().steps);
  levels_.pop_back();
  if (!inner.empty()) add({.kind = PatternStep::kOptional, .inner = std::move(inner)});
  return true;
}

std::vector<PatternStep> PatternBuilder::finish() {
  while (optional_end()) {
  }
  return std::move(levels_.back().steps);
}

}  // namespace stratalog::index
