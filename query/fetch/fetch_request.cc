#include "query/fetch/fetch_request.h"

#include "query/limits.h"

namespace stratalog::query {
namespace {

std::string unexpected(const Node& node, const std::string& name) {
  return std::string("Unknown key for a ") + node.token_name() + " in [" + name + "].";
}

Status read_patterns(const Node& node, const std::string& name, std::vector<std::string>& out) {
  if (node.is_string()) {
    out.push_back(node.text());
    return {};
  }
  if (!node.is_array()) return parsing_error(node.start(), unexpected(node, name));
  for (const Node& element : node.elements()) {
    if (!element.is_string()) return parsing_error(element.start(), unexpected(element, name));
    out.push_back(element.text());
  }
  return {};
}

}  // namespace

Result<SourceFilter> parse_source_filter(const Node& value) {
  SourceFilter filter;
  filter.asked = true;
  if (value.is_bool()) {
    filter.enabled = value.text() == "true";
    return filter;
  }
  if (value.is_string() || value.is_array()) {
    RETURN_IF_ERROR(read_patterns(value, "_source", filter.includes));
    return filter;
  }
  if (!value.is_object()) {
    return parsing_error(value.start(),
                         std::string("Expected one of [VALUE_BOOLEAN, VALUE_STRING, START_ARRAY, "
                                     "START_OBJECT] but found [") +
                             value.token_name() + "]");
  }
  for (const NodeMember& member : value.members()) {
    if (member.key == "includes" || member.key == "include") {
      RETURN_IF_ERROR(read_patterns(member.value, member.key, filter.includes));
    } else if (member.key == "excludes" || member.key == "exclude") {
      RETURN_IF_ERROR(read_patterns(member.value, member.key, filter.excludes));
    } else {
      return parsing_error(member.value.start(), unexpected(member.value, member.key));
    }
  }
  return filter;
}

Result<std::vector<FieldAndFormat>> parse_fields(const Node& value, std::string_view parameter) {
  if (!value.is_array())
    return parsing_error(value.start(), unexpected(value, std::string(parameter)));
  std::vector<FieldAndFormat> out;
  for (const Node& element : value.elements()) {
    FieldAndFormat field;
    if (element.is_string()) {
      field.field = element.text();
      out.push_back(std::move(field));
      continue;
    }
    const char* parser = "fetch_field_and_format";
    if (!element.is_object()) {
      return Error(error_types::kXContentParse,
                   at_text(element.start()) + " [" + parser +
                       "] Expected START_OBJECT but was: " + element.token_name());
    }
    for (const NodeMember& member : element.members()) {
      if (member.key == "field" && member.value.is_string()) {
        field.field = member.value.text();
      } else if (member.key == "format" && member.value.is_scalar()) {
        field.format = member.value.is_null() ? "" : member.value.text();
      } else if (member.key == "include_unmapped" && parameter == "fields" &&
                 member.value.to_bool()) {
        field.include_unmapped = *member.value.to_bool();
      } else {
        return Error(error_types::kXContentParse,
                     at_text(member.at) + " [" + parser + "] unknown field [" + member.key + "]");
      }
    }
    if (field.field.empty()) {
      return Error(error_types::kIllegalArgument, "Required [field]");
    }
    out.push_back(std::move(field));
  }
  return out;
}

}  // namespace stratalog::query
