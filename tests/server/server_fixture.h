// A server on a free loopback port with endpoints that show what arrived, and clients for it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "api/router.h"
#include "query/contexts.h"
#include "server/authentication.h"
#include "server/http_server.h"
#include "tests/server/test_client.h"

namespace stratalog::server {

// Certificates that all tests of this process share.
const std::string& test_certificates();

class ServerFixture {
 public:
  HttpServerOptions options;
  Authenticator* authenticator = nullptr;
  bool with_tls = true;

  ServerFixture();
  ~ServerFixture();
  // Starts at the first use.
  HttpServer& server();
  std::unique_ptr<TestClient> client();
  // Requests to /held stand in their handlers until release().
  void await_held(uint32_t count);
  void release();
  // One request on a connection of its own.
  TestResponse ask(const std::string& request) { return client()->ask(request); }

 private:
  char engine_place_ = 0;
  api::NodeInfo node_;
  query::ContextStore contexts_;
  api::Context context_{reinterpret_cast<index::Engine&>(engine_place_), node_, contexts_};
  api::Router router_;
  std::mutex held_mutex_;
  std::condition_variable held_changed_;
  uint32_t held_ = 0;  // of all times
  bool released_ = false;
  std::unique_ptr<HttpServer> server_;
};

// A request with the headers that most have.
std::string post(const std::string& path, const std::string& body,
                 const std::string& more_headers = {});
std::string get(const std::string& path, const std::string& more_headers = {});

}  // namespace stratalog::server
