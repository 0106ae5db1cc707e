// Pattern letters and our notation, to steps.
#include <charconv>

#include "index/date/pattern.h"

namespace stratalog::index {

namespace {

Error too_many(char letter) {
  return {error_types::kIllegalArgument, std::string("Too many pattern letters: ") + letter};
}
Error too_few(char letter, uint32_t needed) {
  return {error_types::kIllegalArgument,
          "Pattern letter count must be " + std::to_string(needed) + ": " + std::string(1, letter)};
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

void year(PatternBuilder& builder, DateField field, uint32_t count) {
  if (count == 2) {
    builder.reduced_year(field);
  } else if (count < 4) {
    builder.number(field, count, 19, SignStyle::kNormal);
  } else {
    builder.number(field, count, 19, SignStyle::kExceedsPad);
  }
}

// One or two letters: a number of up to 19 digits or of just two.
Status one_or_two(PatternBuilder& builder, DateField field, char letter, uint32_t count) {
  if (count > 2) return too_many(letter);
  if (count == 1) {
    builder.number(field, 1, 19, SignStyle::kNormal);
  } else {
    builder.number(field, 2, 2, SignStyle::kNotNegative);
  }
  return {};
}

void plain_number(PatternBuilder& builder, DateField field, uint32_t count) {
  if (count == 1) {
    builder.number(field, 1, 19, SignStyle::kNormal);
  } else {
    builder.number(field, count, count, SignStyle::kNotNegative);
  }
}

Status number_or_text(PatternBuilder& builder, DateField field, char letter, uint32_t count) {
  switch (count) {
    case 1:
    case 2:
      return one_or_two(builder, field, letter, count);
    case 3:
      builder.text(field, TextStyle::kShort);
      return {};
    case 4:
      builder.text(field, TextStyle::kFull);
      return {};
    case 5:
      builder.text(field, TextStyle::kNarrow);
      return {};
    default:
      return too_many(letter);
  }
}

Status text_only(PatternBuilder& builder, DateField field, char letter, uint32_t count) {
  if (count > 5) return too_many(letter);
  builder.text(field, count == 4   ? TextStyle::kFull
                      : count == 5 ? TextStyle::kNarrow
                                   : TextStyle::kShort);
  return {};
}

Status offset(PatternBuilder& builder, char letter, uint32_t count) {
  static constexpr std::string_view kForms[] = {"+HHmm", "+HHMM", "+HH:MM", "+HHMMss", "+HH:MM:ss"};
  if (letter == 'Z') {
    if (count < 4) {
      builder.offset("+HHMM", "+0000");
    } else if (count == 4) {
      builder.literal("GMT");
      builder.offset("+HH:MM:ss", "");
    } else if (count == 5) {
      builder.offset("+HH:MM:ss", "Z");
    } else {
      return too_many(letter);
    }
    return {};
  }
  if (count > 5) return too_many(letter);
  const std::string_view zero = letter == 'X'    ? "Z"
                                : count == 1     ? "+00"
                                : count % 2 == 0 ? "+0000"
                                                 : "+00:00";
  builder.offset(kForms[count - 1], zero);
  return {};
}

Status letters(PatternBuilder& builder, char letter, uint32_t count) {
  switch (letter) {
    case 'u':
      year(builder, DateField::kYear, count);
      return {};
    case 'y':
      year(builder, DateField::kYearOfEra, count);
      return {};
    case 'Y':
      year(builder, DateField::kWeekYear, count);
      return {};
    case 'M':
    case 'L':
      return number_or_text(builder, DateField::kMonth, letter, count);
    case 'Q':
    case 'q':
      return number_or_text(builder, DateField::kQuarter, letter, count);
    case 'e':
    case 'c':
      if (letter == 'c' && count == 2)
        return Error(error_types::kIllegalArgument, "Invalid pattern \"cc\"");
      return number_or_text(builder, DateField::kDayOfWeek, letter, count);
    case 'E':
      return text_only(builder, DateField::kDayOfWeek, letter, count);
    case 'G':
      return text_only(builder, DateField::kEra, letter, count);
    case 'a':
      if (count > 1) return too_many(letter);
      builder.text(DateField::kAmPm, TextStyle::kShort);
      return {};
    case 'd':
      return one_or_two(builder, DateField::kDay, letter, count);
    case 'D':
      if (count > 3) return too_many(letter);
      if (count == 1) {
        builder.number(DateField::kDayOfYear, 1, 19, SignStyle::kNormal);
      } else if (count == 2) {
        builder.number(DateField::kDayOfYear, 2, 3, SignStyle::kNotNegative);
      } else {
        builder.number(DateField::kDayOfYear, 3, 3, SignStyle::kNotNegative);
      }
      return {};
    case 'w':
      return one_or_two(builder, DateField::kWeek, letter, count);
    case 'H':
      return one_or_two(builder, DateField::kHour, letter, count);
    case 'k':
      return one_or_two(builder, DateField::kClockHour, letter, count);
    case 'K':
      return one_or_two(builder, DateField::kHourOfAmPm, letter, count);
    case 'h':
      return one_or_two(builder, DateField::kClockHourOfAmPm, letter, count);
    case 'm':
      return one_or_two(builder, DateField::kMinute, letter, count);
    case 's':
      return one_or_two(builder, DateField::kSecond, letter, count);
    case 'S':
      if (count > 9) {
        return Error(
            error_types::kIllegalArgument,
            "Minimum width must be from 0 to 9 inclusive but was " + std::to_string(count));
      }
      builder.fraction(count, count, false);
      return {};
    case 'A':
      plain_number(builder, DateField::kMilliOfDay, count);
      return {};
    case 'n':
      plain_number(builder, DateField::kNano, count);
      return {};
    case 'N':
      plain_number(builder, DateField::kNanoOfDay, count);
      return {};
    case 'V':
      if (count != 2) return too_few(letter, 2);
      builder.zone_id();
      return {};
    case 'v':
    case 'z':
      if (count > 4) return too_many(letter);
      builder.zone_name();
      return {};
    case 'X':
    case 'x':
    case 'Z':
      return offset(builder, letter, count);
    case 'O':
      if (count != 1 && count != 4) return too_few(letter, 1);
      builder.literal("GMT");
      builder.offset(count == 4 ? "+HH:MM:ss" : "+HH:mm", "");
      return {};
    default:
      return Error(error_types::kIllegalArgument, std::string("Unknown pattern letter: ") + letter);
  }
}

// The quoted text that starts at `at`, which moves past it; '' inside is one quote.
Result<std::string> quoted(std::string_view pattern, size_t& at) {
  ++at;
  std::string text;
  for (; at < pattern.size(); ++at) {
    if (pattern[at] != '\'') {
      text.push_back(pattern[at]);
    } else if (at + 1 < pattern.size() && pattern[at + 1] == '\'') {
      text.push_back(pattern[at++]);
    } else {
      ++at;
      return text.empty() ? std::string("'") : text;
    }
  }
  return Error(error_types::kIllegalArgument,
               "Pattern ends with an incomplete string literal: " + std::string(pattern));
}

DateField notation_field(char letter) {
  switch (letter) {
    case 'u':
      return DateField::kYear;
    case 'y':
      return DateField::kYearOfEra;
    case 'M':
      return DateField::kMonth;
    case 'd':
      return DateField::kDay;
    case 'D':
      return DateField::kDayOfYear;
    case 'Y':
      return DateField::kWeekYear;
    case 'w':
      return DateField::kWeek;
    case 'e':
      return DateField::kDayOfWeek;
    case 'H':
      return DateField::kHour;
    case 'm':
      return DateField::kMinute;
    case 's':
      return DateField::kSecond;
    default:
      ENSURE(false, "no such field in the notation");
  }
}

uint32_t read_width(std::string_view item, size_t& at) {
  uint32_t width = 0;
  const auto [end, error] = std::from_chars(item.data() + at, item.data() + item.size(), width);
  ENSURE(error == std::errc());
  at = static_cast<size_t>(end - item.data());
  return width;
}

// One item between braces.
void notation_item(PatternBuilder& builder, std::string_view item) {
  if (item == "zone") return builder.zone_or_offset();
  if (item == "id") return builder.zone_id();
  if (item[0] == '+') return builder.offset(item, "Z");
  if (item.size() == 1) return builder.number(notation_field(item[0]), 1, 19, SignStyle::kNormal);
  size_t at = 1;
  const uint32_t width_min = read_width(item, at);
  uint32_t width_max = width_min;
  if (at < item.size() && item[at] == '-') width_max = read_width(item, ++at);
  const std::string_view rest = item.substr(at);
  if (item[0] == 'f') return builder.fraction(width_min, width_max, rest == ".");
  SignStyle sign = SignStyle::kNotNegative;
  if (rest == "x") sign = SignStyle::kExceedsPad;
  if (rest == "n") sign = SignStyle::kNormal;
  builder.number(notation_field(item[0]), width_min, width_max, sign);
}

}  // namespace

Result<Pattern> Pattern::of_letters(std::string_view pattern) {
  PatternBuilder builder;
  for (size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (is_letter(c)) {
      const size_t start = at;
      while (at < pattern.size() && pattern[at] == c) ++at;
      RETURN_IF_ERROR(letters(builder, c, static_cast<uint32_t>(at - start)));
    } else if (c == '\'') {
      ASSIGN_OR_RETURN(const std::string text, quoted(pattern, at));
      builder.literal(text);
    } else if (c == '[') {
      builder.optional_start();
      ++at;
    } else if (c == ']') {
      if (!builder.optional_end()) {
        return Error(error_types::kIllegalArgument,
                     "Pattern invalid as it contains ] without previous [");
      }
      ++at;
    } else if (c == '{' || c == '}' || c == '#') {
      return Error(error_types::kIllegalArgument,
                   std::string("Pattern includes reserved character: '") + c + "'");
    } else {
      builder.literal(pattern.substr(at++, 1));
    }
  }
  Pattern compiled;
  compiled.steps_ = builder.finish();
  return compiled;
}

Pattern Pattern::of_notation(std::string_view notation) {
  PatternBuilder builder;
  for (size_t at = 0; at < notation.size(); ++at) {
    const char c = notation[at];
    if (c == '{') {
      const size_t end = notation.find('}', at);
      ENSURE(end != notation.npos);
      notation_item(builder, notation.substr(at + 1, end - at - 1));
      at = end;
    } else if (c == '[') {
      builder.optional_start();
    } else if (c == ']') {
      ENSURE(builder.optional_end());
    } else {
      builder.literal(notation.substr(at, 1));
    }
  }
  Pattern compiled;
  compiled.steps_ = builder.finish();
  return compiled;
}

}  // namespace stratalog::index
