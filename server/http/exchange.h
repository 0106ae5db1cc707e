// One request and its answer on their way through a connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/http.h"
#include "base/byte_budget.h"
#include "server/body_buffer.h"
#include "server/http/chunk_decoder.h"
#include "server/http/content_coding.h"
#include "server/http/head_parser.h"

namespace stratalog::server {

struct Exchange {
  explicit Exchange(ByteBudget& budget) : reservation(budget) {}

  RequestHead head;
  Coding coding = Coding::kIdentity;  // of the body
  BodyBuffer body;                    // as it came, chunks joined
  Reservation reservation;
  ChunkDecoder chunks;
  uint64_t received = 0;  // bytes of the body's content, also when thrown away
  int64_t body_start_ns = 0;
  bool keep_alive = true;
  bool accepted = false;               // its body may come
  std::optional<api::Response> early;  // refuses it; the rest of the body is thrown away
  api::Response response;
};

// Status line and header fields of an answer whose body has `body_bytes`.
std::string head_of(const Exchange& exchange, const api::Response& response, size_t body_bytes);

// Compresses the answer's body when the client asks and it is worth it.
void compress_response(const api::Request& request, api::Response& response);

}  // namespace stratalog::server
