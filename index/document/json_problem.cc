#include "index/document/json_problem.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace stratalog::index {

namespace {

constexpr ErrorType kEndOfInput{"json_e_o_f_exception", 400};
constexpr ErrorType kNotXContent{"not_x_content_exception", 400};

struct Position {
  size_t line;
  size_t column;
};

Position position(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const size_t newline = before.rfind('\n');
  const size_t line = 1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
  return {line, offset - (newline == std::string_view::npos ? 0 : newline + 1) + 1};
}

std::string shown_position(Position at) {
  return "[Source: (ByteArrayInputStream); line: " + std::to_string(at.line) +
         ", column: " + std::to_string(at.column) + "]";
}

std::string source_at(std::string_view text, size_t offset) {
  return shown_position(position(text, offset));
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Steps through the text as Jackson does until the first thing that it refuses.
class Examiner {
 public:
  explicit Examiner(std::string_view text) : text_(text) {}

  Error examine();

 private:
  enum class Want : uint8_t { kValue, kKey, kKeyOrEnd, kColon, kCommaOrEnd, kValueOrEnd };
  struct Open {
    bool object;
    size_t offset;
  };

  void blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  Error problem(const std::string& reason, size_t offset) const {
    return Error(error_types::kJsonParse, reason + json_location(text_, offset));
  }
  Error end_problem(const std::string& reason) const {
    return Error(kEndOfInput, reason + json_location(text_, text_.size()));
  }
  std::string shown(char c) const {
    return std::string("'") + c + "' (code " + std::to_string(static_cast<unsigned char>(c)) + ")";
  }
  Error unexpected(const std::string& wish) const {
    return problem("Unexpected character (" + shown(text_[at_]) + ")" + wish, at_ + 1);
  }
  Error bad_close(char c) const;
  Error end_of_input(Want want) const;
  bool string(Error& error, bool key);
  bool number(Error& error);
  bool word(Error& error);
  bool value(Error& error);

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Open> open_;
};

Error Examiner::end_of_input(Want want) const {
  if (!open_.empty() &&
      (want == Want::kKeyOrEnd || want == Want::kCommaOrEnd || want == Want::kValueOrEnd)) {
    return end_problem(std::string("Unexpected end-of-input: expected close marker for ") +
                       (open_.back().object ? "Object" : "Array") + " (start marker at " +
                       source_at(text_, open_.back().offset) + ")");
  }
  return end_problem("Unexpected end-of-input within/between Object entries");
}

Error Examiner::bad_close(char c) const {
  const char expected = c == ']' ? '}' : ']';
  const std::string what = open_.empty() ? "root" : open_.back().object ? "Object" : "Array";
  const size_t start = open_.empty() ? 0 : open_.back().offset;
  return problem(std::string("Unexpected close marker '") + c + "': expected '" + expected +
                     "' (for " + what + " starting at " + source_at(text_, start) + ")",
                 at_ + 1);
}

bool Examiner::string(Error& error, bool key) {
  for (++at_; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return true;
    }
    if (static_cast<unsigned char>(c) < ' ') {
      // Jackson counts the column behind the character, but a line end does not end the line yet.
      const Position at = position(text_, at_);
      error = Error(error_types::kJsonParse,
                    "Illegal unquoted character ((CTRL-CHAR, code " + std::to_string(c) +
                        ")): has to be escaped using backslash to be included in " +
                        (key ? "name" : "string value") + "\n at " +
                        shown_position({at.line, at.column + 1}));
      return false;
    }
    if (c != '\\') continue;
    if (++at_ >= text_.size()) break;
    const char escape = text_[at_];
    if (escape == 'u') {
      for (int i = 0; i < 4; ++i) {
        if (++at_ >= text_.size()) break;
        if (std::isxdigit(static_cast<unsigned char>(text_[at_])) == 0) {
          error = unexpected(": expected a hex-digit for character escape sequence");
          return false;
        }
      }
    } else if (std::string_view("\"\\/bfnrt").find(escape) == std::string_view::npos) {
      error = problem("Unrecognized character escape " + shown(escape), at_ + 1);
      return false;
    }
  }
  error = end_problem(key ? "Unexpected end-of-input in field name"
                          : "Unexpected end-of-input in VALUE_STRING");
  return false;
}

bool Examiner::number(Error& error) {
  const size_t begin = at_;
  if (text_[at_] == '-') ++at_;
  const auto digit = [&] { return at_ < text_.size() && is_digit(text_[at_]); };
  const auto missing = [&](const std::string& why) {
    error = at_ < text_.size() ? unexpected(" in numeric value: " + why)
                               : end_problem("Unexpected end-of-input in numeric value");
    return false;
  };
  if (!digit())
    return missing("expected digit (0-9) to follow minus sign, for valid numeric value");
  if (text_[at_] == '0' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])) {
    error = problem("Invalid numeric value: Leading zeroes not allowed", begin + 1);
    return false;
  }
  while (digit()) ++at_;
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    if (!digit()) return missing("Decimal point not followed by a digit");
    while (digit()) ++at_;
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    if (!digit()) return missing("Exponent indicator not followed by a digit");
    while (digit()) ++at_;
  }
  return true;
}

bool Examiner::word(Error& error) {
  size_t end = at_;
  while (end < text_.size() && is_word(text_[end])) ++end;
  const std::string token(text_.substr(at_, end - at_));
  if (token == "true" || token == "false" || token == "null") {
    at_ = end;
    return true;
  }
  if (token == "NaN" || token == "Infinity") {
    error = problem("Non-standard token '" + token +
                        "': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow",
                    end);
  } else if (token.empty()) {
    error = unexpected(
        ": expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or "
        "'false')");
  } else {
    error = problem("Unrecognized token '" + token +
                        "': was expecting (JSON String, Number, Array, Object or token 'null', "
                        "'true' or 'false')",
                    std::min(end + 1, text_.size()));
  }
  return false;
}

// A scalar, or the opening of a container.
bool Examiner::value(Error& error) {
  const char c = text_[at_];
  if (c == '{' || c == '[') {
    open_.push_back({c == '{', at_});
    ++at_;
    return true;
  }
  if (c == '"') return string(error, false);
  if (c == '-' || is_digit(c)) return number(error);
  if (c == '+') {
    ++at_;
    error = at_ < text_.size() ? unexpected(
                                     " in numeric value: expected digit (0-9) to follow minus "
                                     "sign, for valid numeric value")
                               : end_problem("Unexpected end-of-input in numeric value");
    return false;
  }
  return word(error);
}

Error Examiner::examine() {
  Error error(error_types::kJsonParse, "");
  blanks();
  Want want = Want::kValue;
  while (true) {
    blanks();
    if (at_ >= text_.size()) return end_of_input(want);
    const char c = text_[at_];
    const bool in_object = !open_.empty() && open_.back().object;
    if (c == '}' || c == ']') {
      const bool may_close =
          want == Want::kCommaOrEnd || want == Want::kKeyOrEnd || want == Want::kValueOrEnd;
      if (open_.empty() || (may_close && in_object != (c == '}'))) return bad_close(c);
      if (may_close) {
        open_.pop_back();
        ++at_;
        if (open_.empty()) break;
        want = Want::kCommaOrEnd;
        continue;
      }
    }
    switch (want) {
      case Want::kKeyOrEnd:
      case Want::kKey:
        if (c != '"') return unexpected(": was expecting double-quote to start field name");
        if (!string(error, true)) return error;
        want = Want::kColon;
        break;
      case Want::kColon:
        if (c != ':') return unexpected(": was expecting a colon to separate field name and value");
        ++at_;
        want = Want::kValue;
        break;
      case Want::kCommaOrEnd:
        if (c != ',') {
          return unexpected(in_object ? ": was expecting comma to separate Object entries"
                                      : ": was expecting comma to separate Array entries");
        }
        ++at_;
        want = in_object ? Want::kKey : Want::kValue;
        break;
      case Want::kValue:
      case Want::kValueOrEnd: {
        if (c == '}' || c == ']') return unexpected(": expected a value");
        const size_t depth = open_.size();
        if (!value(error)) return error;
        if (open_.size() > depth) {
          want = open_.back().object ? Want::kKeyOrEnd : Want::kValueOrEnd;
        } else {
          want = Want::kCommaOrEnd;
        }
        break;
      }
    }
  }
  blanks();
  if (at_ >= text_.size()) {
    return Error(error_types::kJsonParse, "Invalid UTF-8 in JSON" + json_location(text_, 0));
  }
  const char c = text_[at_];
  if (c == '{' || c == '[') {
    return Error(error_types::kIllegalArgument,
                 std::string("Malformed content, found extra data after parsing: ") +
                     (c == '{' ? "START_OBJECT" : "START_ARRAY"));
  }
  if (c == ']' || c == '}') return bad_close(c);
  if (!value(error)) return error;
  return Error(error_types::kIllegalArgument,
               std::string("Malformed content, found extra data after parsing: ") +
                   (c == '"' ? "VALUE_STRING" : "VALUE_NUMBER"));
}

}  // namespace

std::string json_location(std::string_view text, size_t offset) {
  return "\n at " + source_at(text, offset);
}

std::string short_location(std::string_view text, size_t offset) {
  const Position at = position(text, offset);
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

Error duplicate_field(std::string_view text, std::string_view key, uint32_t key_end) {
  return Error(error_types::kJsonParse,
               "Duplicate field '" + std::string(key) + "'" + json_location(text, key_end));
}

Error describe_json_problem(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') {
    return Error(kNotXContent,
                 "Compressor detection can only be called on some xcontent bytes or compressed "
                 "xcontent bytes");
  }
  return Examiner(text).examine();
}

}  // namespace stratalog::index
