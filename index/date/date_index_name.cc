#include "index/date/date_index_name.h"

#include "index/date/date_format.h"
#include "index/date/date_math.h"

namespace stratalog::index {

namespace {

constexpr std::string_view kFormatDefault = "uuuu.MM.dd";

Error name_error(std::string_view expression, std::string_view why) {
  return {error_types::kElasticsearchParse,
          "invalid dynamic name expression [" + std::string(expression) + "]. " + std::string(why)};
}

// "now/d", "now/d{yyyy.MM.dd}", "now/d{yyyy.MM.dd|+03:00}" as a date.
Result<std::string> resolve_date(std::string_view part, int64_t now_ms) {
  std::string_view math = part;
  std::string_view pattern = kFormatDefault;
  TimeZone zone;
  const size_t brace = part.find('{');
  if (brace != part.npos) {
    if (!part.ends_with('}')) {
      return name_error(part, "missing closing `}` for date math format");
    }
    if (brace + 2 == part.size()) return name_error(part, "missing date format");
    math = part.substr(0, brace);
    pattern = part.substr(brace + 1, part.size() - brace - 2);
    const size_t bar = pattern.find('|');
    if (bar != pattern.npos) {
      const std::string_view zone_id = pattern.substr(bar + 1);
      ASSIGN_OR_RETURN(zone, TimeZone::make(zone_id));
      pattern = pattern.substr(0, bar);
    }
  }
  ASSIGN_OR_RETURN(const auto format, DateFormat::compile(pattern));
  ASSIGN_OR_RETURN(const Instant instant,
                   parse_date_math(math, *format, {.now_ms = now_ms, .zone = zone}));
  return format->print(instant, zone);
}

}  // namespace

Result<std::string> resolve_date_index_name(std::string_view expression, int64_t now_ms) {
  if (!expression.starts_with('<') || !expression.ends_with('>')) return std::string(expression);
  const std::string_view inside = expression.substr(1, expression.size() - 2);
  std::string name;
  std::string part;
  bool in_date = false;
  bool in_format = false;
  bool escaped = false;
  for (size_t i = 0; i < inside.size(); ++i) {
    const char c = inside[i];
    if (escaped) {
      (in_date ? part : name).push_back(c);
      escaped = false;
      continue;
    }
    if (c == '\\') {
      escaped = true;
    } else if (c == '{' && !in_date) {
      in_date = true;
      part.clear();
    } else if (c == '{') {
      if (in_format) {
        return name_error(expression.substr(1), "invalid character in placeholder at position [" +
                                                    std::to_string(i + 1) + "]");
      }
      in_format = true;
      part.push_back(c);
    } else if (c == '}' && in_format) {
      in_format = false;
      part.push_back(c);
    } else if (c == '}' && in_date) {
      ASSIGN_OR_RETURN(const std::string date, resolve_date(part, now_ms));
      name += date;
      in_date = false;
    } else if (c == '}') {
      return name_error(expression.substr(1),
                        "invalid character at position [" + std::to_string(i + 1) +
                            "]. `{` and `}` are reserved characters and should be escaped "
                            "when used as part of the index "
                            "name using `\\` (e.g. `\\{text\\}`)");
    } else {
      (in_date ? part : name).push_back(c);
    }
  }
  if (in_date) return name_error(expression.substr(1), "date math placeholder is open ended");
  if (name.empty()) return Error(error_types::kElasticsearchParse, "nothing captured");
  return name;
}

}  // namespace stratalog::index
