#include "index/date/time_zone.h"

#include <cctz/time_zone.h>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>

namespace stratalog::index {

struct ZoneRegion {
  std::string id;
  cctz::time_zone zone;
};

namespace {

using TimePoint = cctz::time_point<cctz::seconds>;
constexpr int32_t kOffsetSecondsMax = 18 * 3600;

TimePoint at(int64_t seconds) { return TimePoint(cctz::seconds(seconds)); }
int64_t seconds_of(TimePoint time) { return time.time_since_epoch().count(); }
cctz::civil_second civil(int64_t local_seconds) { return cctz::civil_second() + local_seconds; }

// Regions and names by id. Grows with the ids that are used; each entry lives for ever.
class ZoneTable {
 public:
  const ZoneRegion* region(std::string_view id) {
    const std::lock_guard lock(mutex_);
    const auto known = regions_.find(id);
    if (known != regions_.end()) return known->second.get();
    cctz::time_zone zone;
    if (!cctz::load_time_zone(std::string(id), &zone)) return nullptr;
    auto region = std::make_unique<ZoneRegion>(ZoneRegion{std::string(id), zone});
    return regions_.emplace(std::string(id), std::move(region)).first->second.get();
  }
  const std::string* name(std::string text) {
    const std::lock_guard lock(mutex_);
    auto& entry = names_[text];
    if (!entry) entry = std::make_unique<std::string>(std::move(text));
    return entry.get();
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<ZoneRegion>, std::less<>> regions_;
  std::map<std::string, std::unique_ptr<std::string>, std::less<>> names_;
};

ZoneTable& zones() {
  static ZoneTable table;
  return table;
}

bool read_two(std::string_view text, size_t from, int32_t& value) {
  if (from + 2 > text.size()) return false;
  const auto digit = [&](size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (!digit(from) || !digit(from + 1)) return false;
  value = (text[from] - '0') * 10 + (text[from + 1] - '0');
  return true;
}

// +h, +hh, +hhmm, +hh:mm, +hhmmss, +hh:mm:ss: Java's ZoneOffset.of.
std::optional<int32_t> parse_offset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  int32_t hours = 0, minutes = 0, seconds = 0;
  std::string padded;
  if (text.size() == 2) {
    padded = {text[0], '0', text[1]};
    text = padded;
  }
  bool ok = read_two(text, 1, hours);
  switch (text.size()) {
    case 3:
      break;
    case 5:
      ok = ok && read_two(text, 3, minutes);
      break;
    case 6:
      ok = ok && text[3] == ':' && read_two(text, 4, minutes);
      break;
    case 7:
      ok = ok && read_two(text, 3, minutes) && read_two(text, 5, seconds);
      break;
    case 9:
      ok = ok && text[3] == ':' && text[6] == ':' && read_two(text, 4, minutes) &&
           read_two(text, 7, seconds);
      break;
    default:
      ok = false;
  }
  if (!ok || minutes > 59 || seconds > 59) return std::nullopt;
  const int32_t total = hours * 3600 + minutes * 60 + seconds;
  if (total > kOffsetSecondsMax) return std::nullopt;
  return text[0] == '-' ? -total : total;
}

bool is_region_id(std::string_view id) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (id.size() < 2 || !letter(id[0])) return false;
  return std::all_of(id.begin(), id.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' || c == '+' ||
           c == '.' || c == '~';
  });
}

constexpr ErrorType kDateTime{"date_time_exception", 400};
constexpr ErrorType kZoneRules{"zone_rules_exception", 400};

// Why parse_offset refused a text that starts with a sign, or is too short for a zone.
Error bad_offset(std::string_view id) {
  const auto out_of_range = [&](std::string_view part, int32_t value, int32_t limit) -> Error {
    const std::string bound = std::to_string(limit);
    return {kDateTime, "Zone offset " + std::string(part) + " not in valid range: value " +
                           std::to_string(id[0] == '-' ? -value : value) +
                           " is not in the range -" + bound + " to " + bound};
  };
  const bool known_shape = id.size() == 3 || id.size() == 5 || (id.size() == 6 && id[3] == ':') ||
                           id.size() == 7 || (id.size() == 9 && id[3] == ':' && id[6] == ':');
  if (!known_shape)
    return {kDateTime, "Invalid ID for ZoneOffset, invalid format: " + std::string(id)};
  int32_t hours = 0, minutes = 0;
  if (!read_two(id, 1, hours) || (id.size() > 3 && !read_two(id, id[3] == ':' ? 4 : 3, minutes))) {
    return {kDateTime,
            "Invalid ID for ZoneOffset, non numeric characters found: " + std::string(id)};
  }
  if (hours > 18) return out_of_range("hours", hours, 18);
  if (minutes > 59) return out_of_range("minutes", minutes, 59);
  return {kDateTime, "Zone offset not in valid range: -18:00 to +18:00"};
}

Error unknown_zone(std::string_view id) {
  if (id.size() < 2 || id[0] == '+' || id[0] == '-') return bad_offset(id);
  for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (id.starts_with(prefix) && id.size() > prefix.size() &&
        (id[prefix.size()] == '+' || id[prefix.size()] == '-')) {
      return Error(kDateTime, "Invalid ID for offset-based ZoneId: " + std::string(id))
          .because(bad_offset(id.substr(prefix.size())));
    }
  }
  if (!is_region_id(id))
    return {kDateTime, "Invalid ID for region-based ZoneId, invalid format: " + std::string(id)};
  return {kZoneRules, "Unknown time-zone ID: " + std::string(id)};
}

}  // namespace

Result<TimeZone> TimeZone::make(std::string_view id) {
  if (id == "Z") return TimeZone();
  if (const auto offset = parse_offset(id)) return fixed(*offset);
  for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (!id.starts_with(prefix)) continue;
    const std::string_view rest = id.substr(prefix.size());
    const auto offset = rest.empty() ? std::optional<int32_t>(0) : parse_offset(rest);
    if (!offset) break;
    TimeZone zone = fixed(*offset);
    zone.id_ = zones().name(std::string(prefix) + (*offset == 0 ? "" : offset_text(*offset)));
    return zone;
  }
  // The tz database's own fixed zones that Java knows as offsets.
  if (id == "EST") return fixed(-5 * 3600);
  if (id == "MST") return fixed(-7 * 3600);
  if (id == "HST") return fixed(-10 * 3600);
  if (is_region_id(id)) {
    if (const ZoneRegion* region = zones().region(id)) {
      TimeZone zone;
      zone.region_ = region;
      return zone;
    }
  }
  return unknown_zone(id);
}

TimeZone TimeZone::fixed(int32_t offset_seconds) {
  TimeZone zone;
  zone.offset_ = offset_seconds;
  return zone;
}

int32_t TimeZone::region_offset_at(int64_t utc_seconds) const {
  return region_->zone.lookup(at(utc_seconds)).offset;
}

TimeZone::Local TimeZone::look_up_local(int64_t local_seconds) const {
  if (region_ == nullptr) return {.offset_before = offset_, .offset_after = offset_};
  const cctz::time_zone::civil_lookup found = region_->zone.lookup(civil(local_seconds));
  Local local;
  local.transition_utc = seconds_of(found.trans);
  local.offset_before = static_cast<int32_t>(local_seconds - seconds_of(found.pre));
  local.offset_after = static_cast<int32_t>(local_seconds - seconds_of(found.post));
  switch (found.kind) {
    case cctz::time_zone::civil_lookup::UNIQUE:
      local.kind = Local::kUnique;
      break;
    case cctz::time_zone::civil_lookup::SKIPPED:
      local.kind = Local::kGap;
      break;
    case cctz::time_zone::civil_lookup::REPEATED:
      local.kind = Local::kOverlap;
      break;
  }
  return local;
}

int64_t TimeZone::to_utc(int64_t local_seconds) const {
  if (region_ == nullptr) return local_seconds - offset_;
  // In a gap, the time read with the offset before it lies as much behind the transition as the
  // local time lay in the gap.
  return local_seconds - look_up_local(local_seconds).offset_before;
}

std::optional<int64_t> TimeZone::next_transition(int64_t utc_seconds) const {
  cctz::time_zone::civil_transition transition;
  if (region_ == nullptr || !region_->zone.next_transition(at(utc_seconds), &transition))
    return std::nullopt;
  return seconds_of(region_->zone.lookup(transition.to).trans);
}

std::optional<int64_t> TimeZone::previous_transition(int64_t utc_seconds) const {
  cctz::time_zone::civil_transition transition;
  if (region_ == nullptr || !region_->zone.prev_transition(at(utc_seconds), &transition))
    return std::nullopt;
  return seconds_of(region_->zone.lookup(transition.to).trans);
}

const std::string& TimeZone::id() const {
  if (region_ != nullptr) return region_->id;
  return id_ != nullptr ? *id_ : *zones().name(offset_text(offset_));
}

std::string TimeZone::offset_text_at(int64_t utc_seconds) const {
  return offset_text(offset_at(utc_seconds));
}

std::string TimeZone::abbreviation_at(int64_t utc_seconds) const {
  return region_ == nullptr ? id() : region_->zone.lookup(at(utc_seconds)).abbr;
}

bool operator==(const TimeZone& a, const TimeZone& b) {
  return a.region_ == b.region_ && a.offset_ == b.offset_ && a.id_ == b.id_;
}

std::string offset_text(int32_t offset_seconds) {
  if (offset_seconds == 0) return "Z";
  const int32_t total = offset_seconds < 0 ? -offset_seconds : offset_seconds;
  char text[16];
  const int length =
      total % 60 == 0
          ? std::snprintf(text, sizeof text, "%c%02d:%02d", offset_seconds < 0 ? '-' : '+',
                          total / 3600, total / 60 % 60)
          : std::snprintf(text, sizeof text, "%c%02d:%02d:%02d", offset_seconds < 0 ? '-' : '+',
                          total / 3600, total / 60 % 60, total % 60);
  return {text, static_cast<size_t>(length)};
}

}  // namespace stratalog::index
