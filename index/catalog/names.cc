#include "index/catalog/names.h"

#include <algorithm>

#include "base/unicode.h"
#include "index/catalog/index_errors.h"
#include "index/resolve.h"

namespace stratalog::index {

namespace {

constexpr std::string_view kForbidden = " \"*\\<|,>/?";
constexpr const char* kForbiddenText =
    "must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]";
constexpr size_t kNameBytesMax = 255;  // Elasticsearch's, from file systems

// As Java's toLowerCase() would change it: for the ASCII, Latin-1, Greek and Cyrillic letters that
// names are made of.
bool has_upper_case(std::string_view name) {
  for (size_t at = 0; at < name.size();) {
    const char32_t c = decode_utf8(name, at);
    const bool latin = c >= 0xC0 && c <= 0xDE && c != 0xD7;
    const bool greek = c >= 0x391 && c <= 0x3A9;
    const bool cyrillic = c >= 0x400 && c <= 0x42F;
    const bool extended = c >= 0x100 && c <= 0x177 && c % 2 == 0 && c != 0x138;
    if ((c >= 'A' && c <= 'Z') || latin || greek || cyrillic || extended) return true;
  }
  return false;
}

// What indices and aliases have in common; empty: nothing is wrong.
std::string name_problem(std::string_view name) {
  if (name.find_first_of(kForbidden) != std::string_view::npos) return kForbiddenText;
  if (name.find('#') != std::string_view::npos) return "must not contain '#'";
  if (name.find(':') != std::string_view::npos) return "must not contain ':'";
  if (name.starts_with('_') || name.starts_with('-') || name.starts_with('+')) {
    return "must not start with '_', '-', or '+'";
  }
  if (name.size() > kNameBytesMax) {
    return "index name is too long, (" + std::to_string(name.size()) + " > " +
           std::to_string(kNameBytesMax) + ")";
  }
  if (name == "." || name == "..") return "must not be '.' or '..'";
  return {};
}

}  // namespace

Status validate_index_name(std::string_view name) {
  if (name.empty()) return invalid_index_name(name, "must not be empty");
  const std::string problem = name_problem(name);
  if (!problem.empty()) return invalid_index_name(name, problem);
  if (has_upper_case(name)) return invalid_index_name(name, "must be lowercase");
  return {};
}

Status validate_alias_name(std::string_view name) {
  if (name.empty()) return Error(error_types::kIllegalArgument, "alias name is required");
  const std::string problem = name_problem(name);
  if (!problem.empty()) return invalid_alias_name(name, problem);
  return {};
}

std::vector<std::string> template_name_problems(std::string_view name,
                                                const std::vector<std::string>& patterns) {
  std::vector<std::string> problems;
  const auto has = [](std::string_view text, char c) {
    return text.find(c) != std::string_view::npos;
  };
  if (has(name, ' ')) problems.emplace_back("name must not contain a space");
  if (has(name, ',')) problems.emplace_back("name must not contain a ','");
  if (has(name, '#')) problems.emplace_back("name must not contain a '#'");
  if (has(name, '*')) problems.emplace_back("name must not contain a '*'");
  if (name.starts_with('_')) problems.emplace_back("name must not start with '_'");
  if (has_upper_case(name)) problems.emplace_back("name must be lower cased");
  for (const std::string& pattern : patterns) {
    const std::string quoted = "index_pattern [" + pattern + "] ";
    if (has(pattern, ' '))
      problems.push_back("index_patterns [" + pattern + "] must not contain a space");
    if (has(pattern, ',')) problems.push_back(quoted + "must not contain a ','");
    if (has(pattern, '#')) problems.push_back(quoted + "must not contain a '#'");
    if (has(pattern, ':')) problems.push_back(quoted + "must not contain a ':'");
    if (pattern.starts_with('_')) problems.push_back(quoted + "must not start with '_'");
    if (std::any_of(pattern.begin(), pattern.end(), [](char c) {
          return c != '*' && kForbidden.find(c) != std::string_view::npos;
        })) {
      problems.push_back(quoted + kForbiddenText);
    }
  }
  return problems;
}

std::string validation_failed(const std::vector<std::string>& problems) {
  std::string text = "Validation Failed: ";
  for (size_t i = 0; i < problems.size(); ++i)
    text += std::to_string(i + 1) + ": " + problems[i] + ";";
  return text;
}

Status validate_type_name(std::string_view type) {
  constexpr ErrorType kInvalidTypeName{"invalid_type_name_exception", 400};
  constexpr size_t kTypeBytesMax = 255;
  const std::string shown = "mapping type name [" + std::string(type) + "] ";
  if (type.empty() || type == kDefaultType) return {};
  if (type.size() > kTypeBytesMax) {
    return Error(kInvalidTypeName, shown + "is too long; limit is length 255 but was [" +
                                       std::to_string(type.size()) + "]");
  }
  if (type.front() == '_') {
    return Error(kInvalidTypeName, shown + "can't start with '_' unless it is called [_doc]");
  }
  for (const char c : {'#', ','}) {
    if (type.find(c) != std::string_view::npos) {
      return Error(kInvalidTypeName, shown + "should not include '" + c + "' in it");
    }
  }
  if (type.front() == '.') {
    return Error(error_types::kIllegalArgument, shown + "must not start with a '.'");
  }
  return {};
}

}  // namespace stratalog::index
