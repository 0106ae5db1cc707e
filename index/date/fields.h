// What a date text says, field by field, and the instant that follows from it: what java.time calls
// resolving.
#pragma once

#include <cstdint>
#include <optional>

#include "index/date/instant.h"
#include "index/date/time_zone.h"

namespace stratalog::index {

enum class DateField : uint8_t {
  kEra,   // 0 BC, 1 AD
  kYear,  // proleptic: 0 is 1 BC
  kYearOfEra,
  kMonth,
  kDay,
  kDayOfYear,
  kQuarter,
  kWeekYear,  // ISO 8601
  kWeek,
  kDayOfWeek,  // 1 Monday
  kAmPm,
  kClockHourOfAmPm,  // 1..12
  kHourOfAmPm,       // 0..11
  kClockHour,        // 1..24
  kHour,
  kMinute,
  kSecond,
  kNano,
  kMilliOfDay,
  kNanoOfDay,
  kOffset,  // seconds
  kCount
};

// Lenient carries over (February 31 is March 3), smart cuts (February 28), strict refuses.
enum class Resolving : uint8_t { kStrict, kSmart, kLenient };

class DateFields {
 public:
  bool has(DateField field) const { return (present_ >> static_cast<uint32_t>(field) & 1) != 0; }
  int64_t get(DateField field) const { return values_[static_cast<size_t>(field)]; }
  int64_t get_or(DateField field, int64_t otherwise) const {
    return has(field) ? get(field) : otherwise;
  }
  // False if the field already has another value.
  bool set(DateField field, int64_t value) {
    if (has(field)) return get(field) == value;
    present_ |= 1u << static_cast<uint32_t>(field);
    values_[static_cast<size_t>(field)] = value;
    return true;
  }
  void set_default(DateField field, int64_t value) {
    if (!has(field)) set(field, value);
  }

  std::optional<TimeZone> zone;

  // A mark to go back to: fields only ever come new, so what was present says it all.
  struct Mark {
    uint32_t present;
    bool zone;
  };
  Mark mark() const { return {present_, zone.has_value()}; }
  void go_back(Mark mark) {
    present_ = mark.present;
    if (!mark.zone) zone.reset();
  }

 private:
  uint32_t present_ = 0;
  int64_t values_[static_cast<size_t>(DateField::kCount)];
};

// `default_zone` is that of texts that name none. Empty if the fields contradict each other or a
// value is out of range.
std::optional<Instant> resolve(DateFields fields, Resolving resolving,
                               const TimeZone& default_zone);

}  // namespace stratalog::index
