// What all connections of a server share.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "base/byte_budget.h"
#include "server/authentication.h"
#include "server/body_buffer.h"
#include "server/http_server.h"
#include "server/thread_pool.h"

namespace stratalog::server {

struct Shared {
  Shared(const HttpServerOptions& server_options, const api::Router& server_router,
         api::Context& server_context, Authenticator* server_authenticator)
      : options(server_options),
        router(server_router),
        context(server_context),
        authenticator(server_authenticator),
        budget(server_options.body_bytes_in_flight_max),
        management({"management", server_options.management_threads, 1000}),
        search({"search", server_options.search_threads, server_options.search_queue_max}),
        write({"write", server_options.write_threads, server_options.write_queue_max}),
        task({"task", kTaskThreads, kTasksMax}),
        authentication({"auth", 1, kAuthenticationsMax}) {}

  ThreadPool& pool_of(api::Lane lane) {
    if (lane == api::Lane::kSearch) return search;
    if (lane == api::Lane::kTask) return task;
    return lane == api::Lane::kWrite ? write : management;
  }

  // Password checks that may wait for the slow hash; what is over is 429.
  static constexpr uint32_t kAuthenticationsMax = 200;
  // Requests that mostly wait, each for long; what is over the second number is 429.
  static constexpr uint32_t kTaskThreads = 16;
  static constexpr uint32_t kTasksMax = 100;

  const HttpServerOptions options;
  const api::Router& router;
  api::Context& context;
  Authenticator* authenticator;
  HttpStats stats;
  ByteBudget budget;
  BodyBufferPool buffers;
  std::atomic<bool> stopping{false};
  // Last, so that their threads end before what they use.
  ThreadPool management;
  ThreadPool search;
  ThreadPool write;
  ThreadPool task;
  ThreadPool authentication;
};

}  // namespace stratalog::server
