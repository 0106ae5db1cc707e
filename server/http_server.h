// HTTP/1.1 over TLS or plain: from sockets to the router and back.
//
// One or two threads do all reading and writing; handlers run on pools by lane, so that a slow
// search delays no bulk and neither delays the management of the cluster. A connection's requests
// are answered one after the other, in order; what a client sends ahead waits. Bodies are bounded
// in sum before they are read: what does not fit is answered with one 429 before anything is
// applied.
//
// Threads start, stop, set_tls: any, one at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/router.h"
#include "base/result.h"
#include "server/http/head_parser.h"
#include "server/tls.h"

namespace stratalog::server {

class Authenticator;

struct HttpServerOptions {
  std::vector<std::string> hosts = {"127.0.0.1"};  // addresses or names to listen on
  uint16_t port = 9200;                            // 0: any that is free
  HeadLimits head;
  uint64_t content_bytes_max = 100 << 20;  // of a body, decoded
  uint64_t body_bytes_in_flight_max = 256 << 20;
  // What bounds one body, for those whose is longer.
  std::string_view content_bound() const {
    return content_bytes_max < body_bytes_in_flight_max
               ? "the limit of [http.max_content_length]"
               : "what all bodies in flight may take of [memory.limit]";
  }
  uint32_t connections_max = 10'000;
  bool compression = true;  // of answers, when the client asks

  // Time limits: 0 turns one off.
  uint32_t handshake_timeout_ms = 10'000;
  uint32_t header_timeout_ms = 10'000;        // from the first byte of a head to its end
  uint32_t body_timeout_ms = 30'000;          // without any progress, reading or writing
  uint32_t body_bytes_per_second_min = 1024;  // on average
  uint32_t idle_timeout_ms = 75'000;

  uint32_t io_threads = 1;
  uint32_t management_threads = 2;
  uint32_t search_threads = 2;
  uint32_t write_threads = 2;
  uint32_t search_queue_max = 1'000;
  uint32_t write_queue_max = 10'000;
};

struct HttpStats {
  std::atomic<uint64_t> connections_open{0};
  std::atomic<uint64_t> connections_total{0};
  std::atomic<uint64_t> connections_refused{0};
  std::atomic<uint64_t> requests_total{0};
  std::atomic<uint64_t> requests_rejected{0};  // 429
  std::atomic<uint64_t> timeouts{0};
};

class HttpServer {
 public:
  // Listens when it returns. `tls` null: plain HTTP. `authenticator` null: everyone may do
  // everything. What is borrowed must outlive the server. Errors  an address that can't be had.
  static Result<std::unique_ptr<HttpServer>> start(const HttpServerOptions& options,
                                                   const api::Router& router, api::Context& context,
                                                   Authenticator* authenticator,
                                                   std::shared_ptr<const TlsContext> tls);
  ~HttpServer();  // stop(0)

  uint16_t port() const;
  const HttpStats& stats() const;
  // For connections that begin from now on.
  void set_tls(std::shared_ptr<const TlsContext> tls);
  // Accepts no more, lets running requests finish for up to `grace_ms`, closes.
  void stop(uint32_t grace_ms);

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stratalog::server
