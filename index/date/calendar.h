// The proleptic Gregorian calendar and ISO weeks as arithmetic on days since 1970-01-01.
// Algorithms: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
#pragma once

#include <cstdint>

namespace stratalog::index {

struct CivilDate {
  int64_t year;
  int32_t month;  // 1..12
  int32_t day;    // 1..31
};

constexpr int64_t floor_div(int64_t a, int64_t b) {
  return a / b - ((a % b != 0 && (a % b < 0) != (b < 0)) ? 1 : 0);
}
constexpr int64_t floor_mod(int64_t a, int64_t b) { return a - floor_div(a, b) * b; }

constexpr int64_t days_from_civil(int64_t year, int32_t month, int32_t day) {
  year -= month <= 2;
  const int64_t era = floor_div(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

constexpr CivilDate civil_from_days(int64_t days) {
  days += 719468;
  const int64_t era = floor_div(days, 146097);
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<int32_t>(day_of_year - (153 * shifted + 2) / 5 + 1);
  const auto month = static_cast<int32_t>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

constexpr bool is_leap_year(int64_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}
constexpr int32_t days_in_month(int64_t year, int32_t month) {
  if (month == 2) return is_leap_year(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}
constexpr int32_t day_of_week(int64_t days) {
  return static_cast<int32_t>(floor_mod(days + 3, 7)) + 1;
}  // Monday is 1
constexpr int32_t day_of_year(int64_t days) {
  return static_cast<int32_t>(days - days_from_civil(civil_from_days(days).year, 1, 1)) + 1;
}

struct IsoWeek {
  int64_t year;
  int32_t week;  // 1..53
};
// The week's Thursday says to which year it belongs.
constexpr IsoWeek iso_week(int64_t days) {
  const int64_t thursday = days - (day_of_week(days) - 4);
  return {civil_from_days(thursday).year, (day_of_year(thursday) - 1) / 7 + 1};
}
constexpr int64_t iso_week_start(int64_t year, int64_t week) {  // its Monday
  const int64_t fourth = days_from_civil(year, 1, 4);
  return fourth - (day_of_week(fourth) - 1) + (week - 1) * 7;
}
constexpr int32_t iso_weeks_in_year(int64_t year) {
  return iso_week(days_from_civil(year, 12, 28)).week;
}

}  // namespace stratalog::index
