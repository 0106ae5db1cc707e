#include "index/date/named_formats.h"

namespace stratalog::index {

namespace {

using S = std::string;

std::vector<NamedFormat> make_formats() {
  std::vector<NamedFormat> formats;
  const auto add = [&](S name, S printer, std::vector<S> parsers,
                       Resolving resolving = Resolving::kStrict) {
    if (parsers.empty()) parsers.push_back(printer);
    formats.push_back({std::move(name), std::move(printer), std::move(parsers), resolving});
  };
  // With a zone behind: as an offset with a colon or an id, then as an offset without a colon.
  const S offset = "{+HH:MM}";
  const auto zoned = [](const S& text) {
    return std::vector<S>{text + "{zone}", text + "{+HHmm}"};
  };

  const S year = "{u4x}";
  const S long_year = "{u4-10x}";
  const S strict_date = year + "[-{M2}[-{d2}]]";
  const S date = "{u1-9n}[-{M1-2}[-{d1-2}]]";
  const S strict_seconds = "{H2}:{m2}:{s2}";
  const S seconds = "{H1-2}:{m1-2}:{s1-2}";
  const S millis = strict_seconds + "{f3.}";
  const S date_time_printer = strict_date + "T" + millis + offset;
  const S fraction = "[{f1-9.}][,{f1-9}]";
  const S any_zone = "[{zone}][{+HHmm}]";

  add("strict_date_optional_time", date_time_printer,
      {strict_date + "[T[{H2}[:{m2}[:{s2}" + fraction + "]]" + any_zone + "]]"});
  add("strict_date_optional_time_nanos", strict_date + "T" + strict_seconds + "{f3-9.}" + offset,
      {strict_date + "[T" + strict_seconds + fraction + any_zone + "]"});
  add("iso8601", date_time_printer,
      {strict_date + "[T[{H2}[:{m2}[:{s2}" + fraction + "]]]" + any_zone + "]"});
  add("date_optional_time", date_time_printer,
      {date + "[T[{H1-2}[:{m1-2}[:{s1-2}]" + fraction + "[{zone}][{+HHmm}]]]]"});

  // Without separators.
  const S basic_seconds = "{H2}{m2}{s2}";
  const S basic_millis = basic_seconds + "{f3.}";
  const S basic_fraction = basic_seconds + "{f1-9.}";
  const S basic_date = "{u4n}{M2}{d2}";
  const S basic_ordinal = "{u4-19x}{D3}";
  const S basic_ordinal_era = "{y4-19x}{D3}";
  add("basic_date", basic_date, {"{u1-4n}{M1-2}{d1-2}"});
  add("basic_time_no_millis", basic_seconds + offset, zoned(basic_seconds));
  add("basic_time", basic_millis + offset, zoned(basic_fraction));
  add("basic_t_time", "T" + basic_millis + offset, zoned("T" + basic_fraction));
  add("basic_t_time_no_millis", "T" + basic_seconds + offset, zoned("T" + basic_seconds));
  add("basic_date_time", basic_date + "T" + basic_millis + offset,
      zoned(basic_date + "T" + basic_fraction));
  add("basic_date_time_no_millis", basic_date + "T" + basic_seconds + offset,
      zoned(basic_date + "T" + basic_seconds));
  add("basic_ordinal_date", basic_ordinal, {}, Resolving::kSmart);
  add("basic_ordinal_date_time", basic_ordinal_era + "T" + basic_millis + offset,
      zoned(basic_ordinal_era + "T" + basic_fraction));
  add("basic_ordinal_date_time_no_millis", basic_ordinal + "T" + basic_seconds + offset,
      zoned(basic_ordinal + "T" + basic_seconds));

  // Week dates without separators.
  const S basic_week = "{Y}W{w1-2}{e}";
  const S strict_basic_week = "{Y4}W{w1-2}{e}";
  const S basic_week_printer = "{Y4}W{w2}{e}";
  add("basic_week_date", basic_week_printer, {basic_week});
  add("strict_basic_week_date", basic_week_printer, {strict_basic_week});
  add("basic_week_date_time", basic_week_printer + "T" + basic_millis + "{+HHmm}",
      zoned(basic_week + "T" + basic_fraction));
  add("strict_basic_week_date_time", basic_week_printer + "T" + basic_millis + "{+HHmm}",
      zoned(strict_basic_week + "T" + basic_fraction));
  add("basic_week_date_time_no_millis", basic_week_printer + "T" + basic_seconds + "{+HHmm}",
      zoned(basic_week + "T" + basic_seconds));
  add("strict_basic_week_date_time_no_millis", basic_week_printer + "T" + basic_seconds + offset,
      zoned(basic_week_printer + "T" + basic_seconds));

  // Dates.
  const S java_date = "{u4-19x}-{M2}-{d2}";
  const S iso_date = "{u4-10x}-{M2}-{d2}";
  add("date", iso_date, {date});
  add("strict_date", iso_date, {}, Resolving::kLenient);
  add("year", "{u}", {});
  add("strict_year", year, {});
  add("year_month", year + "-{M2}", {"{u}-{M}"});
  add("strict_year_month", year + "-{M2}", {});
  add("year_month_day", strict_date, {"{u}-{M}-{d}"});
  add("strict_year_month_day", strict_date, {});
  add("ordinal_date", year + "-{D3}", {long_year + "-{D1-3}"});
  add("strict_ordinal_date", year + "-{D3}", {});

  // Times.
  const S minutes = "{H1-2}:{m1-2}";
  const S strict_fraction = strict_seconds + "{f1-9.}";
  const S prefix = seconds + "{f1-9.}";
  add("hour", "{H2}", {"{H1-2}"});
  add("strict_hour", "{H2}", {}, Resolving::kSmart);
  add("hour_minute", "{H2}:{m2}", {minutes});
  add("strict_hour_minute", "{H2}:{m2}", {}, Resolving::kSmart);
  add("hour_minute_second", strict_seconds, {seconds});
  add("strict_hour_minute_second", strict_seconds, {});
  add("hour_minute_second_millis", millis, {seconds + "{f1-3.}"});
  add("hour_minute_second_fraction", millis, {prefix});
  add("strict_hour_minute_second_millis", millis, {strict_fraction});
  add("strict_hour_minute_second_fraction", millis, {strict_fraction});
  add("time", millis + offset, zoned(prefix));
  add("time_no_millis", strict_seconds + offset, zoned(seconds));
  add("strict_time", millis + offset, zoned(strict_fraction));
  add("strict_time_no_millis", strict_seconds + offset, zoned(strict_seconds));
  add("t_time", "T" + millis + offset, zoned("T" + prefix));
  add("t_time_no_millis", "T" + strict_seconds + offset, zoned("T" + seconds));
  add("strict_t_time", "T" + millis + offset, zoned("T" + strict_fraction));
  add("strict_t_time_no_millis", "T" + strict_seconds + offset, zoned("T" + strict_seconds));

  // Dates and times.
  add("date_hour", java_date + "T{H2}", {date + "T{H1-2}"});
  add("strict_date_hour", java_date + "T{H2}", {}, Resolving::kSmart);
  add("date_hour_minute", java_date + "T{H2}:{m2}", {date + "T" + minutes});
  add("strict_date_hour_minute", java_date + "T{H2}:{m2}", {}, Resolving::kSmart);
  add("date_hour_minute_second", java_date + "T" + strict_seconds, {date + "T" + seconds});
  add("strict_date_hour_minute_second", java_date + "T" + strict_seconds, {}, Resolving::kSmart);
  add("date_hour_minute_second_millis", strict_date + "T" + millis,
      {date + "T" + seconds + "{f1-3.}"});
  add("date_hour_minute_second_fraction", strict_date + "T" + millis, {date + "T" + prefix});
  add("strict_date_hour_minute_second_millis", strict_date + "T" + millis,
      {strict_date + "T" + strict_fraction});
  add("strict_date_hour_minute_second_fraction", strict_date + "T" + millis,
      {strict_date + "T" + strict_fraction});
  const S date_time = date + "T" + minutes + "[:{s1-2}{f1-9.}]";
  const S date_time_no_millis = date + "T" + minutes + "[:{s1-2}]";
  add("date_time", date_time_printer, {date_time + offset, date_time + "{+HHmm}"});
  add("date_time_no_millis", iso_date + "T" + strict_seconds + "{id}",
      {date_time_no_millis + offset, date_time_no_millis + "{+HHmm}",
       date_time_no_millis + "[{zone}]", date_time_no_millis + "[{+HHmm}]"});
  add("strict_date_time", strict_date + "T" + strict_seconds + "{f3-9.}" + offset,
      zoned(strict_date + "T" + strict_seconds + "[{f1-9.}]"));
  add("strict_date_time_no_millis", strict_date + "T" + strict_seconds + offset,
      zoned(strict_date + "T" + strict_seconds));

  // Days of the year and a time.
  const S strict_ordinal = year + "-{D3}T";
  const S ordinal = long_year + "-{D1-3}T";
  const S ordinal_printer = strict_ordinal + strict_seconds + "{f3-9.}" + offset;
  add("ordinal_date_time", ordinal_printer, zoned(ordinal + minutes + "[:{s1-2}{f1-9.}]"));
  add("strict_ordinal_date_time", ordinal_printer,
      zoned(strict_ordinal + "{H2}:{m2}[:{s2}{f1-9.}]"));
  add("ordinal_date_time_no_millis", strict_ordinal + strict_seconds + offset,
      zoned(ordinal + seconds));
  add("strict_ordinal_date_time_no_millis", strict_ordinal + strict_seconds + offset,
      zoned(strict_ordinal + strict_seconds));

  // Week dates.
  const S strict_week = "{Y4-10x}-W{w2}-{e1}";
  const S week = "{Y4-10x}-W{w1-2}-{e1}";
  add("week_date", strict_week, {week});
  add("strict_week_date", strict_week, {});
  add("week_date_time", strict_week + "T" + millis + offset, zoned(week + "T" + prefix));
  add("strict_week_date_time", strict_week + "T" + millis + offset,
      zoned(strict_week + "T" + strict_fraction));
  add("week_date_time_no_millis", strict_week + "T" + strict_seconds + offset,
      zoned(week + "T" + seconds));
  add("strict_week_date_time_no_millis", strict_week + "T" + strict_seconds + offset,
      zoned(strict_week + "T" + strict_seconds));
  add("week_year", "{Y}", {});
  add("weekyear", "{Y}", {});
  add("strict_weekyear", "{Y4-10x}", {});
  add("weekyear_week", "{Y4-10x}-W{w2}", {"{Y}-W{w}"});
  add("strict_weekyear_week", "{Y4-10x}-W{w2}", {});
  add("weekyear_week_day", "{Y4-10x}-W{w2}-{e}", {"{Y}-W{w}-{e}"});
  add("strict_weekyear_week_day", "{Y4-10x}-W{w2}-{e}", {});
  return formats;
}

// "dateOptionalTime" as "date_optional_time".
std::string snake_case(std::string_view name) {
  std::string snake;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      snake.push_back('_');
      snake.push_back(static_cast<char>(c | 0x20));
    } else {
      snake.push_back(c);
    }
  }
  return snake;
}

}  // namespace

std::span<const NamedFormat> named_formats() {
  static const std::vector<NamedFormat> formats = make_formats();
  return formats;
}

const NamedFormat* find_named_format(std::string_view name) {
  if (name.empty() || (name[0] >= 'A' && name[0] <= 'Z')) return nullptr;
  const bool snake = name.find('_') != name.npos;
  const std::string key = snake ? std::string(name) : snake_case(name);
  for (const NamedFormat& format : named_formats()) {
    if (format.name == key) return &format;
  }
  return nullptr;
}

}  // namespace stratalog::index
