#include "server/http/exchange.h"

namespace stratalog::server {
namespace {

constexpr size_t kCompressBytesMin = 1024;  // below, a packet is a packet

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Request Entity Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 507:
      return "Insufficient Storage";
    default:
      return "Unknown";
  }
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  // A line break would begin another field.
  for (const char c : value) out.push_back(c == '\r' || c == '\n' ? ' ' : c);
  out.append("\r\n");
}

}  // namespace

std::string head_of(const Exchange& exchange, const api::Response& response, size_t body_bytes) {
  std::string out;
  out.reserve(256);
  out.append(exchange.head.http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ");
  out.append(std::to_string(response.status)).append(" ").append(reason_phrase(response.status));
  out.append("\r\n");
  if (const std::string* opaque_id = exchange.head.request.header("X-Opaque-Id")) {
    append_field(out, "X-Opaque-Id", *opaque_id);
  }
  append_field(out, "X-elastic-product", "Elasticsearch");
  for (const api::Header& header : response.headers) append_field(out, header.name, header.value);
  append_field(out, "content-type", response.content_type);
  append_field(out, "content-length", std::to_string(body_bytes));
  if (!exchange.keep_alive) {
    append_field(out, "connection", "close");
  } else if (exchange.head.http_1_0) {
    append_field(out, "connection", "keep-alive");
  }
  out.append("\r\n");
  return out;
}

void compress_response(const api::Request& request, api::Response& response) {
  if (response.body.size() < kCompressBytesMin) return;
  const std::string* accept = request.header("Accept-Encoding");
  const Coding coding = accept ? choose_accepted(*accept) : Coding::kIdentity;
  if (coding == Coding::kIdentity) return;
  response.body = encode_body(coding, response.body);
  response.headers.push_back({"content-encoding", coding == Coding::kGzip ? "gzip" : "deflate"});
}

}  // namespace stratalog::server
