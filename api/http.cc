#include "api/http.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "api/percent.h"
#include "base/json_writer.h"

namespace stratalog::api {
namespace {

const std::string kEmpty;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

Error bad_parameter(const Error& cause) {
  return Error({"bad_parameter_exception", 400},
               "java.lang.IllegalArgumentException: " + cause.reason)
      .because(cause);
}

void write_cause(json::Writer& w, const Error& error);

void write_members(json::Writer& w, const Error& error) {
  w.field("type", error.type.name).field("reason", error.reason);
  for (const Error::Field& field : error.fields) {
    w.key(field.name);
    if (field.raw) {
      w.raw(field.value);
    } else {
      w.string(field.value);
    }
  }
}

void write_cause(json::Writer& w, const Error& error) {
  w.begin_object();
  write_members(w, error);
  if (error.caused_by) {
    w.key("caused_by");
    write_cause(w, *error.caused_by);
  }
  w.end_object();
}

void write_root_cause(json::Writer& w, const Error& error) {
  w.begin_object();
  write_members(w, error);
  w.end_object();
}

void write_error(json::Writer& w, const Error& error) {
  w.begin_object().key("root_cause").begin_array();
  if (error.root_causes.empty()) write_root_cause(w, error);
  for (const Error& root : error.root_causes) write_root_cause(w, root);
  w.end_array();
  write_members(w, error);
  if (error.caused_by) {
    w.key("caused_by");
    write_cause(w, *error.caused_by);
  }
  w.end_object();
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view method_name(Method method) {
  static constexpr std::string_view kNames[] = {"GET",    "HEAD",    "POST",  "PUT",
                                                "DELETE", "OPTIONS", "PATCH", "OTHER"};
  return kNames[static_cast<size_t>(method)];
}

Result<QueryParams> QueryParams::parse(std::string_view query) {
  QueryParams params;
  while (!query.empty()) {
    const size_t end = query.find_first_of("&;");
    const std::string_view part = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    const size_t equals = part.find('=');
    // "=value" is a name without a value for Elasticsearch.
    const bool has_name = equals != 0;
    auto name = decode_percent(has_name ? part.substr(0, equals) : part.substr(1), true);
    if (!name) return bad_parameter(name.error());
    if (name->empty()) continue;
    if (!has_name || equals == std::string_view::npos) {
      params.set(*name, "");
      continue;
    }
    auto value = decode_percent(part.substr(equals + 1), true);
    if (!value) return bad_parameter(value.error());
    params.set(*name, *value);
  }
  return params;
}

const std::string* QueryParams::find(std::string_view name) const {
  for (const auto& [key, value] : params_) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string QueryParams::get(std::string_view name, std::string_view fallback) const {
  const std::string* value = find(name);
  return value ? *value : std::string(fallback);
}

Result<bool> QueryParams::get_bool(std::string_view name, bool fallback) const {
  const std::string* value = find(name);
  if (!value) return fallback;
  if (value->empty() || *value == "true") return true;
  if (*value == "false") return false;
  return Error(error_types::kIllegalArgument,
               "Failed to parse value [" + *value + "] as only [true] or [false] are allowed.");
}

Result<std::optional<int64_t>> QueryParams::get_int(std::string_view name) const {
  const std::string* value = find(name);
  if (!value) return std::optional<int64_t>();
  const char* begin = value->data();
  const char* end = begin + value->size();
  if (value->size() > 1 && *begin == '+' && begin[1] != '-') ++begin;  // as Integer.parseInt
  int64_t number = 0;
  const auto [at, code] = std::from_chars(begin, end, number);
  const bool whole = code == std::errc() && at == end;
  if (whole && number >= std::numeric_limits<int32_t>::min() &&
      number <= std::numeric_limits<int32_t>::max()) {
    return std::optional<int64_t>(number);
  }
  return Error(error_types::kIllegalArgument, "Failed to parse int parameter [" +
                                                  std::string(name) + "] with value [" + *value +
                                                  "]")
      .because(Error(error_types::kNumberFormat, "For input string: \"" + *value + "\""));
}

void QueryParams::set(std::string_view name, std::string_view value) {
  for (auto& [key, old] : params_) {
    if (key == name) {
      old = value;
      return;
    }
  }
  params_.emplace_back(name, value);
}

const std::string* Request::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (equal_ignoring_case(header.name, name)) return &header.value;
  }
  return nullptr;
}

const std::string& Request::path_param(std::string_view name) const {
  for (const auto& [key, value] : path_params) {
    if (key == name) return value;
  }
  return kEmpty;
}

bool Request::has_path_param(std::string_view name) const {
  for (const auto& [key, value] : path_params) {
    if (key == name) return true;
  }
  return false;
}

Response Response::json(std::string body, int status) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response Response::text(std::string body, int status) {
  Response response = json(std::move(body), status);
  response.content_type = "text/plain; charset=UTF-8";
  return response;
}

void append_error(std::string& out, const Error& error) {
  json::Writer w(out);
  write_error(w, error);
}

void append_cause(std::string& out, const Error& error) {
  json::Writer w(out);
  write_cause(w, error);
}

Response error_response(const Error& error) {
  std::string body;
  json::Writer w(body);
  w.begin_object().key("error");
  write_error(w, error);
  w.field("status", error.type.status).end_object();
  Response response = Response::json(std::move(body), error.type.status);
  response.is_error = true;
  return response;
}

Response simple_error_response(int status, std::string_view message) {
  std::string body;
  json::Writer(body).begin_object().field("error", message).field("status", status).end_object();
  Response response = Response::json(std::move(body), status);
  response.is_error = true;
  return response;
}

}  // namespace stratalog::api
