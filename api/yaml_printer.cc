#include "api/yaml_printer.h"

#include <array>
#include <cstdint>

#include "base/unicode.h"

namespace stratalog::api {
namespace {

constexpr size_t kColumnsBest = 80;      // where SnakeYAML begins to fold
constexpr size_t kSimpleKeyUnits = 128;  // longer keys get "? " before them

// What the emitter prints as it is when it is not ASCII.
bool is_printable(char32_t c) {
  return (c >= 0x20 && c <= 0x7E) || c == '\n' || c == '\r' || c == '\t' || c == 0x85 ||
         (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD);
}

void append_hex(std::string& out, char32_t c, int digits) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out.push_back(kHex[(c >> shift) & 15]);
}

bool is_plain_ascii(char32_t c) { return c >= 0x20 && c <= 0x7E && c != '"' && c != '\\'; }

// A character as it stands between double quotes, when it is not plain ASCII.
std::string escape_of(char32_t c) {
  static constexpr std::array<std::pair<char32_t, char>, 15> kShort = {{{0, '0'},
                                                                        {7, 'a'},
                                                                        {8, 'b'},
                                                                        {9, 't'},
                                                                        {10, 'n'},
                                                                        {11, 'v'},
                                                                        {12, 'f'},
                                                                        {13, 'r'},
                                                                        {27, 'e'},
                                                                        {'"', '"'},
                                                                        {'\\', '\\'},
                                                                        {0x85, 'N'},
                                                                        {0xA0, '_'},
                                                                        {0x2028, 'L'},
                                                                        {0x2029, 'P'}}};
  for (const auto& [character, letter] : kShort) {
    if (character == c) return {'\\', letter};
  }
  std::string out;
  if (is_printable(c)) {
    append_utf8(out, c);
  } else if (c <= 0xFF) {
    append_hex(out.append("\\x"), c, 2);
  } else if (c <= 0xFFFF) {
    append_hex(out.append("\\u"), c, 4);
  } else {
    append_hex(out.append("\\U"), c, 8);
  }
  return out;
}

// Words and numbers that would not be read as text (Jackson's own list; "null", "y" and "n" are not
// in it).
bool reads_as_value(std::string_view key) {
  const char c = key.front();
  if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.') return true;
  for (const std::string_view word :
       {"true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES", "no", "No", "NO",
        "on", "On", "ON", "off", "Off", "OFF"}) {
    if (key == word) return true;
  }
  return false;
}

enum class KeyStyle { kPlain, kSingle, kDouble };

// SnakeYAML's analysis of a scalar for the block context.
KeyStyle key_style(std::string_view key, bool& multi_line) {
  bool indicator = false;
  bool special = false;
  bool space_before = true;
  for (size_t at = 0; at < key.size();) {
    const bool first = at == 0;
    const char32_t c = decode_utf8(key, at);
    const bool space_after =
        at == key.size() || key[at] == ' ' || key[at] == '\t' || key[at] == '\n';
    multi_line |= c == '\n' || c == 0x85 || c == 0x2028 || c == 0x2029;
    special |= !(c == '\n' || (c >= 0x20 && c <= 0x7E) || c > 0xFFFF ||
                 (is_printable(c) && c >= 0x80 && c != 0xFEFF));
    if (first) {
      indicator |= c < 0x80 && std::string_view("#,[]{}&*!|>'\"%@`").find(static_cast<char>(c)) !=
                                   std::string_view::npos;
      indicator |= (c == '?' || c == ':' || c == '-') && space_after;
    } else {
      indicator |= (c == ':' && space_after) || (c == '#' && space_before);
    }
    space_before = c == ' ' || c == '\t' || c == '\n';
  }
  if (special || multi_line) return KeyStyle::kDouble;
  return indicator || key.front() == ' ' || key.back() == ' ' ? KeyStyle::kSingle
                                                              : KeyStyle::kPlain;
}

}  // namespace

void YamlPrinter::start_line(Level& level) {
  if (level.empty && level.in_array) {
    out_.push_back(' ');  // on the line of the parent's dash
  } else {
    out_.push_back('\n');
    out_.append(level.indent, ' ');
  }
  level.empty = false;
}

void YamlPrinter::start_value() {
  if (levels_.empty() || levels_.back().object) return;
  start_line(levels_.back());
  out_.push_back('-');
}

void YamlPrinter::begin(bool object) {
  start_value();
  Level level{object, 0, false};
  if (!levels_.empty()) {
    const Level& parent = levels_.back();
    level.in_array = !parent.object;
    level.indent = parent.indent + (parent.object && !object ? 0 : 2);
  }
  levels_.push_back(level);
}

void YamlPrinter::end(bool object) {
  if (levels_.back().empty) out_.append(object ? " {}" : " []");
  levels_.pop_back();
  if (levels_.empty()) out_.push_back('\n');
}

void YamlPrinter::key(std::string_view token) {
  start_line(levels_.back());
  write_key(string_of_token(token));
}

void YamlPrinter::scalar(std::string_view token) {
  start_value();
  out_.push_back(' ');
  if (token.front() == '"') {
    write_quoted(string_of_token(token), levels_.empty() ? 0 : levels_.back().indent + 2, true);
  } else {
    out_.append(token);
  }
  if (levels_.empty()) out_.push_back('\n');
}

void YamlPrinter::write_key(std::string_view text) {
  bool multi_line = false;
  const KeyStyle style =
      text.empty() || reads_as_value(text) ? KeyStyle::kDouble : key_style(text, multi_line);
  const bool simple = !text.empty() && !multi_line && utf16_length(text) < kSimpleKeyUnits;
  if (!simple) out_.append("? ");
  if (style == KeyStyle::kDouble) {
    write_quoted(text, 0, false);
  } else if (style == KeyStyle::kPlain) {
    out_.append(text);
  } else {
    out_.push_back('\'');
    for (const char c : text) out_.append(c == '\'' ? 2 : 1, c);
    out_.push_back('\'');
  }
  if (!simple) {
    out_.push_back('\n');
    out_.append(levels_.back().indent, ' ');
  }
  out_.push_back(':');
}

// SnakeYAML's Emitter.writeDoubleQuoted: columns and positions count UTF-16 units.
void YamlPrinter::write_quoted(std::string_view text, size_t indent, bool split) {
  out_.push_back('"');
  size_t column = utf16_length(std::string_view(out_).substr(out_.rfind('\n') + 1));
  const size_t length = utf16_length(text);
  std::string run;  // plain characters not written yet
  size_t units = 0;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = decode_utf8(text, at);
    units += c > 0xFFFF ? 2 : 1;
    const size_t last_unit = units - 1;
    const bool plain = is_plain_ascii(c);
    if (!plain) {
      const std::string escape = escape_of(c);
      column += run.size() + utf16_length(escape);
      out_.append(run).append(escape);
      run.clear();
    }
    const bool inside = last_unit > 0 && last_unit + 1 < length;
    const size_t reached = plain ? column + run.size() : column - 1;
    if (split && inside && (c == ' ' || run.empty()) && reached > kColumnsBest) {
      out_.append(run).append("\\\n").append(indent, ' ');
      run.clear();
      column = indent;
      if ((plain ? static_cast<char>(c) : text[at]) == ' ') {
        out_.push_back('\\');
        ++column;
      }
    }
    if (plain) run.push_back(static_cast<char>(c));
  }
  out_.append(run).push_back('"');
}

}  // namespace stratalog::api
