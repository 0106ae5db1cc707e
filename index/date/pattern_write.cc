// Writing a date by a pattern. Optional parts are always written: a date with a zone has all
// fields.
#include <algorithm>
#include <cstdlib>

#include "index/date/calendar.h"
#include "index/date/pattern.h"

namespace stratalog::index {

namespace {

constexpr int64_t kSecondsPerDay = 86'400;

// The fields of an instant in a zone.
class LocalDate {
 public:
  LocalDate(Instant instant, const TimeZone& zone)
      : instant_(instant), zone_(zone), offset_(zone.offset_at(instant.seconds)) {
    const int64_t local = instant.seconds + offset_;
    days_ = floor_div(local, kSecondsPerDay);
    second_of_day_ = floor_mod(local, kSecondsPerDay);
    date_ = civil_from_days(days_);
  }

  int64_t field(DateField field) const {
    switch (field) {
      case DateField::kEra:
        return date_.year > 0 ? 1 : 0;
      case DateField::kYear:
        return date_.year;
      case DateField::kYearOfEra:
        return date_.year > 0 ? date_.year : 1 - date_.year;
      case DateField::kMonth:
        return date_.month;
      case DateField::kDay:
        return date_.day;
      case DateField::kDayOfYear:
        return day_of_year(days_);
      case DateField::kQuarter:
        return (date_.month - 1) / 3 + 1;
      case DateField::kWeekYear:
        return iso_week(days_).year;
      case DateField::kWeek:
        return iso_week(days_).week;
      case DateField::kDayOfWeek:
        return day_of_week(days_);
      case DateField::kAmPm:
        return second_of_day_ / 43'200;
      case DateField::kClockHourOfAmPm:
        return (second_of_day_ / 3600 + 11) % 12 + 1;
      case DateField::kHourOfAmPm:
        return second_of_day_ / 3600 % 12;
      case DateField::kClockHour:
        return (second_of_day_ / 3600 + 23) % 24 + 1;
      case DateField::kHour:
        return second_of_day_ / 3600;
      case DateField::kMinute:
        return second_of_day_ / 60 % 60;
      case DateField::kSecond:
        return second_of_day_ % 60;
      case DateField::kNano:
        return instant_.nanos;
      case DateField::kMilliOfDay:
        return second_of_day_ * 1000 + instant_.nanos / 1'000'000;
      case DateField::kNanoOfDay:
        return second_of_day_ * 1'000'000'000 + instant_.nanos;
      case DateField::kOffset:
      case DateField::kCount:
        return offset_;
    }
    return 0;
  }
  int32_t offset() const { return offset_; }
  int64_t utc_seconds() const { return instant_.seconds; }
  const TimeZone& zone() const { return zone_; }

 private:
  Instant instant_;
  const TimeZone& zone_;
  int32_t offset_;
  int64_t days_ = 0;
  int64_t second_of_day_ = 0;
  CivilDate date_{};
};

void write_padded(std::string& out, uint64_t value, size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

void write_number(std::string& out, const PatternStep& step, int64_t value) {
  const auto magnitude = static_cast<uint64_t>(std::llabs(value));
  if (value < 0) {
    out.push_back('-');
  } else if (step.sign == SignStyle::kExceedsPad &&
             std::to_string(magnitude).size() > step.width_min) {
    out.push_back('+');
  }
  write_padded(out, magnitude, step.width_min);
}

// Digits of a fraction: at least width_min, further ones while they are not zero, at most
// width_max.
void write_fraction(std::string& out, const PatternStep& step, int64_t nanos) {
  std::string digits;
  write_padded(digits, static_cast<uint64_t>(nanos), 9);
  size_t length = 9;
  while (length > 0 && digits[length - 1] == '0') --length;
  length = std::min<size_t>(std::max<size_t>(length, step.width_min), step.width_max);
  if (length == 0) return;
  if (step.decimal_point) out.push_back('.');
  out.append(digits, 0, length);
}

void write_offset(std::string& out, const PatternStep& step, int32_t offset) {
  if (offset == 0) {
    out += step.literal;
    return;
  }
  const std::string_view form = kOffsetForms[step.offset_form];
  const bool colon = form.find(':') != form.npos;
  const auto total = static_cast<uint64_t>(std::abs(offset));
  const uint64_t minute = total / 60 % 60;
  const uint64_t second = total % 60;
  out.push_back(offset < 0 ? '-' : '+');
  write_padded(out, total / 3600, 2);
  const bool minute_due =
      form.find('M') != form.npos || (form.find('m') != form.npos && (minute > 0 || second > 0));
  if (!minute_due) return;
  if (colon) out.push_back(':');
  write_padded(out, minute, 2);
  const bool second_due =
      form.find('S') != form.npos || (form.find('s') != form.npos && second > 0);
  if (!second_due) return;
  if (colon) out.push_back(':');
  write_padded(out, second, 2);
}

void write_steps(std::string& out, const std::vector<PatternStep>& steps, const LocalDate& date) {
  for (const PatternStep& step : steps) {
    switch (step.kind) {
      case PatternStep::kLiteral:
        out += step.literal;
        break;
      case PatternStep::kNumber:
        write_number(out, step, date.field(step.field));
        break;
      case PatternStep::kReduced:
        write_padded(out, static_cast<uint64_t>(floor_mod(date.field(step.field), 100)), 2);
        break;
      case PatternStep::kFraction:
        write_fraction(out, step, date.field(DateField::kNano));
        break;
      case PatternStep::kText: {
        const bool from_zero = step.field == DateField::kEra || step.field == DateField::kAmPm;
        const int64_t value = date.field(step.field);
        out += field_name(step.field, step.text_style,
                          static_cast<size_t>(from_zero ? value : value - 1));
        break;
      }
      case PatternStep::kOffset:
        write_offset(out, step, date.offset());
        break;
      case PatternStep::kZoneOrOffset:
      case PatternStep::kZoneName:
        out += date.zone().abbreviation_at(date.utc_seconds());
        break;
      case PatternStep::kZoneId:
        out += date.zone().id();
        break;
      case PatternStep::kOptional:
        write_steps(out, step.inner, date);
        break;
    }
  }
}

}  // namespace

void Pattern::write(std::string& out, Instant instant, const TimeZone& zone) const {
  write_steps(out, steps_, LocalDate(instant, zone));
}

}  // namespace stratalog::index
