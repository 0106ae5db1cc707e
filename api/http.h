// A request and its answer as handlers see them: no sockets, so that every endpoint can be tested
// and fuzzed in process.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace stratalog::index::security {
struct Principal;
}

namespace stratalog::api {

enum class Method : uint8_t { kGet, kHead, kPost, kPut, kDelete, kOptions, kPatch, kOther };
std::string_view method_name(Method method);

// Readable bytes behind every body, for the bulk path's SIMD parser (simdjson's SIMDJSON_PADDING).
inline constexpr size_t kBodyPadding = 64;

// As header names compare: ASCII letters in any case.
bool equal_ignoring_case(std::string_view a, std::string_view b);

struct Header {
  std::string name;
  std::string value;
};

// The parameters of a URL's query string, decoded, in order. A name without "=" has the value "".
class QueryParams {
 public:
  static Result<QueryParams> parse(std::string_view query);
  const std::string* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::string get(std::string_view name, std::string_view fallback = {}) const;
  // "" and "true" are true, "false" is false, anything else is Elasticsearch's
  // illegal_argument_exception.
  Result<bool> get_bool(std::string_view name, bool fallback) const;
  Result<std::optional<int64_t>> get_int(std::string_view name) const;
  void set(std::string_view name, std::string_view value);
  const std::vector<std::pair<std::string, std::string>>& all() const { return params_; }

 private:
  std::vector<std::pair<std::string, std::string>> params_;
};

struct Request {
  Method method = Method::kGet;
  std::string method_text;  // as sent, when method is kOther
  std::string path;         // as sent, percent-encoded, without the query string
  std::string query;        // as sent, without "?"
  std::vector<Header>
      headers;  // as sent, without those that the server dealt with itself (encoding, length)
  std::string_view body;  // decoded (no gzip, no chunks); kBodyPadding bytes behind it are readable
  std::string user;       // who was authenticated; "_anonymous" without security
  // The same with what it may do; null without security.
  std::shared_ptr<const index::security::Principal> principal;
  std::string origin;  // "address:port" of the client, as audits name it

  // Filled by the router.
  QueryParams params;
  std::vector<std::pair<std::string, std::string>> path_params;  // decoded: {index}, {id}

  const std::string* header(std::string_view name) const;      // any case
  const std::string& path_param(std::string_view name) const;  // "" when absent
  bool has_path_param(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json; charset=UTF-8";
  std::string body;
  std::vector<Header>
      headers;  // besides Content-Type, Content-Length, X-elastic-product, which the server adds
  bool is_error = false;  // an error object: filter_path does not apply to it, as in Elasticsearch
  bool pretty = false;    // pretty printed unless the request says pretty=false (the root page)

  static Response json(std::string body, int status = 200);
  static Response text(std::string body, int status = 200);
};

// Elasticsearch's error body: {"error":{"root_cause":[...],"type":...,"reason":...},"status":...}
Response error_response(const Error& error);
void append_error(std::string& out,
                  const Error& error);  // the object under "error" alone, with root_cause
void append_cause(std::string& out,
                  const Error& error);  // the same without root_cause: bulk items, shard failures
// The short form, {"error":"message","status":400}.
Response simple_error_response(int status, std::string_view message);

}  // namespace stratalog::api
