#include "server/http/head_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "base/unicode.h"

namespace stratalog::server {
namespace {

namespace http = boost::beast::http;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

Error malformed(std::string reason) {
  return Error(error_types::kIllegalArgument, std::move(reason));
}

api::Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return api::Method::kGet;
    case http::verb::head:
      return api::Method::kHead;
    case http::verb::post:
      return api::Method::kPost;
    case http::verb::put:
      return api::Method::kPut;
    case http::verb::delete_:
      return api::Method::kDelete;
    case http::verb::options:
      return api::Method::kOptions;
    case http::verb::patch:
      return api::Method::kPatch;
    default:
      return api::Method::kOther;
  }
}

// The head with "\r\n" where a bare "\n" was; empty where there was none.
std::string with_carriage_returns(std::string_view head) {
  std::string out;
  size_t done = 0;
  for (size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1)) {
    if (at > 0 && head[at - 1] == '\r') continue;
    out.append(head.substr(done, at - done)).append("\r\n");
    done = at + 1;
  }
  if (done > 0) out.append(head.substr(done));
  return out;
}

bool is_framing(http::field field) {
  return field == http::field::content_length || field == http::field::transfer_encoding ||
         field == http::field::connection || field == http::field::expect;
}

Status read_target(std::string_view target, api::Request& request) {
  if (target.empty()) return malformed("the request has no target");
  if (target.front() != '/' && target != "*") {
    // The absolute form that a client sends to a proxy.
    const size_t authority = target.find("://");
    if (authority == std::string_view::npos) return malformed("the request's target is no path");
    const size_t path = target.find('/', authority + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  target = target.substr(0, target.find('#'));
  const size_t mark = target.find('?');
  request.path = repair_utf8(std::string(target.substr(0, mark)));
  if (mark != std::string_view::npos)
    request.query = repair_utf8(std::string(target.substr(mark + 1)));
  return {};
}

}  // namespace

Result<std::optional<size_t>> find_head_end(std::string_view bytes, const HeadLimits& limits) {
  // RFC 9112, 2.2: a line may end with a bare line feed.
  const size_t line_end = bytes.find('\n');
  if (std::min(line_end, bytes.size()) > limits.line_bytes_max) {
    return Error(error_types::kTooLongFrame, "An HTTP line is larger than " +
                                                 std::to_string(limits.line_bytes_max) + " bytes.");
  }
  if (line_end == std::string_view::npos) return std::optional<size_t>();
  const size_t bare = bytes.find("\n\n", line_end), full = bytes.find("\n\r\n", line_end);
  const size_t end = std::min(bare, full);
  const size_t header_bytes = std::min(end, bytes.size()) - line_end;
  if (header_bytes > limits.header_bytes_max + 2) {
    return Error(
        error_types::kTooLongFrame,
        "HTTP header is larger than " + std::to_string(limits.header_bytes_max) + " bytes.");
  }
  if (end == std::string_view::npos) return std::optional<size_t>();
  return std::optional<size_t>(end + (bare < full ? 2 : 3));
}

Result<RequestHead> parse_head(std::string_view head) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(static_cast<uint32_t>(head.size()) + 1);
  parser.body_limit(boost::none);
  boost::beast::error_code code;
  const std::string with_returns = with_carriage_returns(head);
  if (!with_returns.empty()) {
    head = with_returns;
    parser.header_limit(static_cast<uint32_t>(head.size()) + 1);
  }
  parser.put(boost::asio::buffer(head.data(), head.size()), code);
  if (code == http::error::bad_content_length || code == http::error::multiple_content_length) {
    return malformed("Content-Length is not one number");
  }
  if (code) return malformed("invalid HTTP request: " + code.message());
  if (!parser.is_header_done()) return malformed("invalid HTTP request: incomplete header");

  const auto& message = parser.get();
  RequestHead result;
  api::Request& request = result.request;
  request.method = method_of(message.method());
  if (request.method == api::Method::kOther) request.method_text = view(message.method_string());
  RETURN_IF_ERROR(read_target(view(message.target()), request));
  for (const auto& field : message) {
    if (!is_framing(field.name())) {
      request.headers.push_back(
          {std::string(view(field.name_string())), repair_utf8(std::string(view(field.value())))});
    }
  }
  result.http_1_0 = message.version() == 10;
  result.keep_alive = parser.keep_alive();
  result.chunked = parser.chunked();
  if (!result.chunked && message.find(http::field::transfer_encoding) != message.end()) {
    return malformed("Transfer-Encoding is not supported but for chunked");
  }
  if (const auto length = parser.content_length(); length && !result.chunked) {
    result.content_length = *length;
  }
  if (const auto expect = message.find(http::field::expect); expect != message.end()) {
    const bool known = boost::beast::iequals(expect->value(), "100-continue");
    result.expects_continue = known && !result.http_1_0;
    result.expects_other = !known;
  }
  return result;
}

}  // namespace stratalog::server
