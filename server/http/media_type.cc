#include "server/http/media_type.h"

#include <algorithm>
#include <cctype>

namespace stratalog::server {
namespace {

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// "type/subtype" in lower case, or "" when the header is malformed.
std::string media_type_of(std::string_view value) {
  size_t semicolon = value.find(';');
  const std::string_view type = trimmed(value.substr(0, semicolon));
  const size_t slash = type.find('/');
  if (slash == std::string_view::npos || !is_token(type.substr(0, slash)) ||
      !is_token(type.substr(slash + 1))) {
    return {};
  }
  while (semicolon != std::string_view::npos) {
    value.remove_prefix(semicolon + 1);
    semicolon = value.find(';');
    const std::string_view param = trimmed(value.substr(0, semicolon));
    const size_t equals = param.find('=');
    if (!param.empty() && (equals == std::string_view::npos || !is_token(param.substr(0, equals))))
      return {};
  }
  std::string lower(type);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

api::Response header_error(const std::string& reason) {
  return api::error_response(
      Error({"content_type_header_exception", 400}, "java.lang.IllegalArgumentException: " + reason)
          .because(Error(error_types::kIllegalArgument, reason)));
}

}  // namespace

std::optional<api::Response> refuse_media_type(const api::Request& request, bool has_body) {
  const std::string* value = request.header("Content-Type");
  const auto count =
      std::count_if(request.headers.begin(), request.headers.end(), [](const api::Header& header) {
        return api::equal_ignoring_case(header.name, "Content-Type");
      });
  if (count > 1) return header_error("only one Content-Type header should be provided");
  std::string type;
  if (value && !value->empty()) {
    type = media_type_of(*value);
    if (type.empty()) return header_error("invalid Content-Type header [" + *value + "]");
  }
  if (!has_body) return std::nullopt;
  for (const std::string_view known :
       {"application/json", "application/x-ndjson", "application/vnd.elasticsearch+json",
        "application/vnd.elasticsearch+x-ndjson"}) {
    if (type == known) return std::nullopt;
  }
  return api::simple_error_response(
      406, "Content-Type header [" + (value ? *value : std::string()) + "] is not supported");
}

}  // namespace stratalog::server
