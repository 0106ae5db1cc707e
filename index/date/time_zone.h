// A time zone: a region of the tz database or a fixed offset. A cheap value.
//
// Threads any.
// Life    loaded regions are kept for the life of the process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stratalog::index {

struct ZoneRegion;

class TimeZone {
 public:
  TimeZone() = default;  // UTC
  // As Java's ZoneId.of: "Z", "UTC", "+3", "+03:00", "-0330", "+03:00:00", "GMT+2",
  // "Europe/Moscow", "CET", "EST5EDT". Fails with illegal_argument_exception in Elasticsearch's
  // words.
  static Result<TimeZone> make(std::string_view id);
  static TimeZone fixed(int32_t offset_seconds);

  bool is_fixed() const { return region_ == nullptr; }
  bool is_utc() const { return region_ == nullptr && offset_ == 0; }
  // Seconds east of Greenwich at a UTC time.
  int32_t offset_at(int64_t utc_seconds) const {
    return region_ == nullptr ? offset_ : region_offset_at(utc_seconds);
  }
  // The UTC time of a local one (seconds as if local were UTC). In a gap: moved forward by its
  // length; in an overlap: the earlier of the two. Java's ZonedDateTime.ofLocal.
  int64_t to_utc(int64_t local_seconds) const;

  // What a local time is in this zone.
  struct Local {
    enum Kind : uint8_t { kUnique, kGap, kOverlap } kind = kUnique;
    int32_t offset_before = 0;  // seconds; the only one when unique
    int32_t offset_after = 0;
    int64_t transition_utc = 0;  // seconds; of gap and overlap
  };
  Local look_up_local(int64_t local_seconds) const;
  // The first transition strictly after a UTC time; empty if none is known.
  std::optional<int64_t> next_transition(int64_t utc_seconds) const;
  // The last transition strictly before a UTC time.
  std::optional<int64_t> previous_transition(int64_t utc_seconds) const;

  // As Java prints the id: "Z", "+03:00", "Europe/Moscow", "UTC".
  const std::string& id() const;
  // "Z" or "+03:00": how the offset at a time is printed.
  std::string offset_text_at(int64_t utc_seconds) const;
  std::string abbreviation_at(int64_t utc_seconds) const;  // "MSK"; the id of a fixed offset

  friend bool operator==(const TimeZone& a, const TimeZone& b);

 private:
  int32_t region_offset_at(int64_t utc_seconds) const;

  const ZoneRegion* region_ = nullptr;  // null: a fixed offset
  int32_t offset_ = 0;
  const std::string* id_ = nullptr;  // null: from the offset
};

// "+03:00", "+05:30:15", "Z" for 0.
std::string offset_text(int32_t offset_seconds);

}  // namespace stratalog::index
