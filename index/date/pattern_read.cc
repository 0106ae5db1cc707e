// Reading a text by a pattern: each step is java.time's strict parse of it.
#include <algorithm>

#include "index/date/pattern.h"

namespace stratalog::index {

namespace {

// Steps give the position behind what they read, or kFailed.
constexpr size_t kFailed = static_cast<size_t>(-1);
constexpr size_t kDigitsMax = 18;  // that fit 64 bits whatever they are

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether a sign is allowed in front.
bool allows_sign(SignStyle style, bool positive) {
  switch (style) {
    case SignStyle::kNormal:
      return !positive;
    case SignStyle::kAlways:
    case SignStyle::kExceedsPad:
      return true;
    default:
      return false;
  }
}

struct Digits {
  size_t end = 0;  // kFailed: too few, or too many for 64 bits
  int64_t value = 0;
};

Digits read_digits(std::string_view text, size_t at, size_t least, size_t most) {
  if (at + least > text.size()) return {kFailed, 0};
  const size_t limit = std::min(text.size(), at + most);
  size_t end = at;
  uint64_t value = 0;
  for (; end < limit && is_digit(text[end]); ++end) {
    if (end - at >= kDigitsMax && value > (static_cast<uint64_t>(INT64_MAX) - 9) / 10)
      return {kFailed, 0};
    value = value * 10 + static_cast<uint64_t>(text[end] - '0');
  }
  if (end < at + least) return {kFailed, 0};
  return {end, static_cast<int64_t>(value)};
}

size_t read_number(const PatternStep& step, std::string_view text, size_t at, DateFields& fields) {
  if (at == text.size()) return kFailed;
  const bool plus = text[at] == '+';
  const bool minus = text[at] == '-';
  if (plus || minus) {
    if (!allows_sign(step.sign, plus)) return kFailed;
    ++at;
  } else if (step.sign == SignStyle::kAlways) {
    return kFailed;
  }
  Digits digits = read_digits(text, at, step.width_min, step.width_max + step.reserved);
  if (digits.end == kFailed) return kFailed;
  if (step.reserved > 0) {  // leave what the numbers behind need
    const size_t length = digits.end - at;
    const size_t own = length > step.reserved ? length - step.reserved : 0;
    digits = read_digits(text, at, step.width_min, std::max<size_t>(step.width_min, own));
    if (digits.end == kFailed) return kFailed;
  }
  const size_t length = digits.end - at;
  if (minus) {
    if (digits.value == 0) return kFailed;
    digits.value = -digits.value;
  } else if (step.sign == SignStyle::kExceedsPad) {
    if (plus ? length <= step.width_min : length > step.width_min) return kFailed;
  }
  return fields.set(step.field, digits.value) ? digits.end : kFailed;
}

size_t read_reduced(const PatternStep& step, std::string_view text, size_t at, DateFields& fields) {
  const Digits digits = read_digits(text, at, 2, 2);
  if (digits.end == kFailed || !fields.set(step.field, 2000 + digits.value)) return kFailed;
  return digits.end;
}

size_t read_fraction(const PatternStep& step, std::string_view text, size_t at,
                     DateFields& fields) {
  if (at == text.size()) return step.width_min > 0 ? kFailed : at;
  if (step.decimal_point) {
    if (text[at] != '.') return step.width_min > 0 ? kFailed : at;
    ++at;
  }
  const Digits digits = read_digits(text, at, step.width_min, step.width_max);
  if (digits.end == kFailed) return kFailed;
  int64_t nanos = digits.value;
  for (size_t length = digits.end - at; length < 9; ++length) nanos *= 10;
  return fields.set(DateField::kNano, nanos) ? digits.end : kFailed;
}

size_t read_text(const PatternStep& step, std::string_view text, size_t at, DateFields& fields) {
  const std::string_view rest = text.substr(at);
  const size_t count = field_name_count(step.field);
  size_t best = 0;
  size_t found = 0;
  for (size_t i = 0; i < count; ++i) {
    const std::string_view name = field_name(step.field, step.text_style, i);
    if (name.size() > best && rest.starts_with(name)) {
      best = name.size();
      found = i;
    }
  }
  if (best == 0) return kFailed;
  const bool from_zero = step.field == DateField::kEra || step.field == DateField::kAmPm;
  return fields.set(step.field, static_cast<int64_t>(found) + (from_zero ? 0 : 1)) ? at + best
                                                                                   : kFailed;
}

// Two digits up to 59, behind a colon if the form has one; false leaves `at`.
bool read_pair(std::string_view text, bool colon, size_t& at, int64_t& value) {
  size_t from = at;
  if (colon) {
    if (from >= text.size() || text[from] != ':') return false;
    ++from;
  }
  if (from + 2 > text.size() || !is_digit(text[from]) || !is_digit(text[from + 1])) return false;
  const int64_t pair = (text[from] - '0') * 10 + (text[from + 1] - '0');
  if (pair > 59) return false;
  value = pair;
  at = from + 2;
  return true;
}

// Behind the sign. Forms spell what they want: capitals are needed, small letters are read if they
// are there.
size_t read_offset_digits(std::string_view form, std::string_view text, size_t at,
                          int64_t& seconds) {
  const bool colon = form.find(':') != form.npos;
  int64_t hour = 0, minute = 0, second = 0;
  if (!read_pair(text, false, at, hour)) return kFailed;
  const bool minute_read =
      form.find_first_of("Mm") != form.npos && read_pair(text, colon, at, minute);
  if (!minute_read && form.find('M') != form.npos) return kFailed;
  if (minute_read || form.find('M') != form.npos) {
    const bool second_read =
        form.find_first_of("Ss") != form.npos && read_pair(text, colon, at, second);
    if (!second_read && form.find('S') != form.npos) return kFailed;
  }
  if (hour > 23) return kFailed;
  seconds = hour * int64_t{3600} + minute * int64_t{60} + second;
  return seconds > int64_t{18} * 3600 ? kFailed : at;
}

size_t read_offset(const PatternStep& step, std::string_view text, size_t at, DateFields& fields) {
  const auto set = [&](int64_t seconds, size_t end) {
    return fields.set(DateField::kOffset, seconds) ? end : kFailed;
  };
  const std::string_view rest = text.substr(at);
  if (!step.literal.empty() && rest.starts_with(step.literal))
    return set(0, at + step.literal.size());
  if (!rest.empty() && (rest[0] == '+' || rest[0] == '-')) {
    int64_t seconds = 0;
    const size_t end = read_offset_digits(kOffsetForms[step.offset_form], text, at + 1, seconds);
    return end == kFailed ? kFailed : set(rest[0] == '-' ? -seconds : seconds, end);
  }
  return step.literal.empty() ? set(0, at) : kFailed;
}

bool in_zone_id(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '/' || c == '_' ||
         c == '-' || c == '+';
}

// An offset, "UTC" or "GMT" with or without one, a region, or Z.
size_t read_zone(std::string_view text, size_t at, DateFields& fields) {
  const auto set = [&](TimeZone zone, size_t end) {
    fields.zone = zone;
    return end;
  };
  const std::string_view rest = text.substr(at);
  if (rest.empty()) return kFailed;
  int64_t seconds = 0;
  if (rest[0] == '+' || rest[0] == '-') {
    const size_t end = read_offset_digits("+HH:MM:ss", text, at + 1, seconds);
    if (end == kFailed) return kFailed;
    return set(TimeZone::fixed(static_cast<int32_t>(rest[0] == '-' ? -seconds : seconds)), end);
  }
  for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (!rest.starts_with(prefix)) continue;
    size_t end = at + prefix.size();
    std::string id(prefix);
    if (end < text.size() && (text[end] == '+' || text[end] == '-')) {
      const size_t behind = read_offset_digits("+HH:MM:ss", text, end + 1, seconds);
      if (behind != kFailed) {
        id += offset_text(static_cast<int32_t>(text[end] == '-' ? -seconds : seconds));
        end = behind;
      }
    }
    auto zone = TimeZone::make(id);
    return zone ? set(*zone, end) : kFailed;
  }
  size_t length = 0;
  while (length < rest.size() && in_zone_id(rest[length])) ++length;
  for (; length > 1; --length) {
    if (auto zone = TimeZone::make(rest.substr(0, length))) return set(*zone, at + length);
  }
  return rest[0] == 'Z' ? set(TimeZone(), at + 1) : kFailed;
}

size_t read_steps(const std::vector<PatternStep>& steps, std::string_view text, size_t at,
                  DateFields& fields) {
  for (const PatternStep& step : steps) {
    switch (step.kind) {
      case PatternStep::kLiteral:
        at = text.substr(at).starts_with(step.literal) ? at + step.literal.size() : kFailed;
        break;
      case PatternStep::kNumber:
        at = read_number(step, text, at, fields);
        break;
      case PatternStep::kReduced:
        at = read_reduced(step, text, at, fields);
        break;
      case PatternStep::kFraction:
        at = read_fraction(step, text, at, fields);
        break;
      case PatternStep::kText:
        at = read_text(step, text, at, fields);
        break;
      case PatternStep::kOffset:
        at = read_offset(step, text, at, fields);
        break;
      case PatternStep::kZoneOrOffset:
      case PatternStep::kZoneName:
      case PatternStep::kZoneId:
        at = read_zone(text, at, fields);
        break;
      case PatternStep::kOptional: {
        const DateFields::Mark mark = fields.mark();
        const size_t end = read_steps(step.inner, text, at, fields);
        if (end == kFailed) {
          fields.go_back(mark);
        } else {
          at = end;
        }
        break;
      }
    }
    if (at == kFailed) return kFailed;
  }
  return at;
}

bool any_mentions(const std::vector<PatternStep>& steps, DateField field) {
  return std::any_of(steps.begin(), steps.end(), [&](const PatternStep& step) {
    const bool has_field = step.kind == PatternStep::kNumber ||
                           step.kind == PatternStep::kReduced ||
                           step.kind == PatternStep::kFraction || step.kind == PatternStep::kText;
    return (has_field && step.field == field) || any_mentions(step.inner, field);
  });
}

}  // namespace

std::optional<size_t> Pattern::read(std::string_view text, DateFields& fields) const {
  const size_t end = read_steps(steps_, text, 0, fields);
  return end == kFailed ? std::nullopt : std::optional<size_t>(end);
}

bool Pattern::mentions(DateField field) const { return any_mentions(steps_, field); }

}  // namespace stratalog::index
