// The head of an HTTP/1.1 request (RFC 9112), by Beast's parser, which is strict where smuggling
// begins: one length, no folded lines, no control characters.
//
// Errors  what is malformed is illegal_argument_exception; lines and headers over their limits are
//         too_long_frame_exception in Elasticsearch's words. After an error the connection can't be
//         used further.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "api/http.h"
#include "base/result.h"

namespace stratalog::server {

struct HeadLimits {
  uint32_t line_bytes_max = 4096;    // http.max_initial_line_length
  uint32_t header_bytes_max = 8192;  // http.max_header_size
};

struct RequestHead {
  api::Request request;  // method, path, query, headers
  bool http_1_0 = false;
  bool keep_alive = true;
  bool chunked = false;
  uint64_t content_length = 0;  // unless chunked
  bool has_body() const { return chunked || content_length > 0; }
  bool expects_continue = false;
  bool expects_other = false;  // an Expect that nobody knows: 417
};

// Where the head ends in what has come so far: the count of its bytes with the empty line, none
// when more must come.
Result<std::optional<size_t>> find_head_end(std::string_view bytes, const HeadLimits& limits);

Result<RequestHead> parse_head(std::string_view head);

}  // namespace stratalog::server
