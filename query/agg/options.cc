#include "query/agg/options.h"

#include <algorithm>

namespace stratalog::query {

namespace {

bool accepts(Takes takes, const Node& value) {
  switch (takes) {
    case Takes::kString:
      return value.is_string();
    case Takes::kNumber:
      return value.is_number() || value.is_string();
    case Takes::kBool:
      return value.is_bool() || value.is_string();
    case Takes::kScalar:
      return value.is_scalar() && !value.is_null();
    case Takes::kObject:
      return value.is_object();
    case Takes::kArray:
      return value.is_array();
    case Takes::kStringArray:
      return value.is_array() || value.is_string();
    case Takes::kObjectOrArray:
      return value.is_object() || value.is_array();
    case Takes::kAny:
      return true;
  }
  return false;
}

// One of Elasticsearch's own exceptions, which is shown as the root cause of what wraps it.
bool is_own(const Error& error) {
  return error.type == error_types::kParsing || error.type == error_types::kXContentParse;
}

Error failed_field(Location at, std::string_view type, std::string_view field, Error cause) {
  Error error(error_types::kXContentParse, place_text(at) + "[" + std::string(type) +
                                               "] failed to parse field [" + std::string(field) +
                                               "]");
  if (is_own(cause))
    error.root_causes = cause.root_causes.empty() ? std::vector<Error>{cause} : cause.root_causes;
  return std::move(error).because(std::move(cause));
}

}  // namespace

std::string place_text(Location at) { return at_text(at) + " "; }

Status read_options(const Node& object, std::string_view type, std::span<const Option> options) {
  for (const NodeMember& member : object.members()) {
    const auto option = std::find_if(options.begin(), options.end(), [&](const Option& candidate) {
      return candidate.name == member.key;
    });
    if (option == options.end()) {
      return Error(error_types::kXContentParse, place_text(member.at) + "[" + std::string(type) +
                                                    "] unknown field [" + member.key + "]");
    }
    if (!accepts(option->takes, member.value)) {
      return Error(error_types::kXContentParse,
                   place_text(member.value.start()) + "[" + std::string(type) + "] " + member.key +
                       " doesn't support values of type: " + member.value.token_name());
    }
    if (Status read = option->read(member.value); !read) {
      return failed_field(member.value.start(), type, member.key, std::move(read.error()));
    }
  }
  return {};
}

Option set_text(std::string_view name, std::string& to) {
  return {name, Takes::kScalar, [&to](const Node& value) -> Status {
            to = value.to_text();
            return {};
          }};
}
Option set_text(std::string_view name, std::optional<std::string>& to) {
  return {name, Takes::kScalar, [&to](const Node& value) -> Status {
            to = value.to_text();
            return {};
          }};
}
Option set_bool(std::string_view name, bool& to) {
  return {name, Takes::kBool, [&to](const Node& value) -> Status {
            const auto read = value.to_bool();
            if (!read) {
              return Error(error_types::kIllegalArgument,
                           "Failed to parse value [" + value.to_text() +
                               "] as only [true] or [false] are allowed.");
            }
            to = *read;
            return {};
          }};
}
Option set_number(std::string_view name, std::optional<double>& to) {
  return {name, Takes::kNumber, [&to](const Node& value) -> Status {
            to = value.to_double();
            if (!to)
              return Error(error_types::kNumberFormat,
                           "For input string: \"" + value.to_text() + "\"");
            return {};
          }};
}
Option ignore_hint(std::string_view name, Takes takes) {
  return {name, takes, [](const Node&) -> Status { return {}; }};
}
Option refuse_script(std::string_view name) {
  return {name, Takes::kAny, [](const Node& value) -> Status {
            const Node* lang = value.find("lang");
            return Error(error_types::kIllegalArgument,
                         "script_lang not supported [" +
                             (lang == nullptr ? "painless" : lang->to_text()) + "]");
          }};
}

}  // namespace stratalog::query
