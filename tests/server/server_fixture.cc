#include "tests/server/server_fixture.h"

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "server/certificates.h"

namespace stratalog::server {
namespace {

struct CertificateFolder {
  std::string path;
  CertificateFolder() {
    char name[] = "/tmp/stratalog-certificates-XXXXXX";
    path = ::mkdtemp(name);
    ENSURE(ensure_certificates(path, {"localhost", "127.0.0.1"}).ok());
  }
  ~CertificateFolder() { std::filesystem::remove_all(path); }
};

api::Response echo(const api::Request& request, api::Context&) {
  api::Response response = api::Response::text(std::string(request.body));
  response.headers.push_back({"X-Lane-User", request.user});
  return response;
}

}  // namespace

const std::string& test_certificates() {
  static const CertificateFolder kFolder;
  return kFolder.path;
}

ServerFixture::ServerFixture() {
  options.port = 0;
  for (const api::Method method : {api::Method::kGet, api::Method::kPost, api::Method::kPut}) {
    router_.add({method, "/echo", echo, {}, api::Lane::kWrite});
  }
  for (const api::Method method : {api::Method::kGet, api::Method::kHead}) {
    router_.add({method,
                 "/bytes/{count}",
                 [](const api::Request& request, api::Context&) {
                   return api::Response::text(
                       std::string(std::stoul(request.path_param("count")), 'x'));
                 },
                 {},
                 api::Lane::kSearch});
  }
  router_.add({api::Method::kGet,
               "/held",
               [this](const api::Request&, api::Context&) {
                 std::unique_lock lock(held_mutex_);
                 ++held_;
                 held_changed_.notify_all();
                 held_changed_.wait(lock, [&] { return released_; });
                 return api::Response::json("{\"held\":true}");
               },
               {},
               api::Lane::kSearch});
  router_.add({api::Method::kGet,
               "/slow/{ms}",
               [](const api::Request& request, api::Context&) {
                 std::this_thread::sleep_for(
                     std::chrono::milliseconds(std::stoi(request.path_param("ms"))));
                 return api::Response::json("{\"slow\":true}");
               },
               {},
               api::Lane::kSearch});
}

ServerFixture::~ServerFixture() { release(); }

void ServerFixture::await_held(uint32_t count) {
  std::unique_lock lock(held_mutex_);
  held_changed_.wait(lock, [&] { return held_ >= count; });
}

void ServerFixture::release() {
  const std::lock_guard lock(held_mutex_);
  released_ = true;
  held_changed_.notify_all();
}

HttpServer& ServerFixture::server() {
  if (!server_) {
    std::shared_ptr<const TlsContext> tls;
    if (with_tls) {
      TlsOptions files;
      files.certificate_path = test_certificates() + "/http.crt";
      files.key_path = test_certificates() + "/http.key";
      auto loaded = TlsContext::load(files);
      ENSURE(loaded.ok());
      tls = *loaded;
    }
    auto started = HttpServer::start(options, router_, context_, authenticator, tls);
    ENSURE(started.ok());
    server_ = std::move(*started);
  }
  return *server_;
}

std::unique_ptr<TestClient> ServerFixture::client() {
  return std::make_unique<TestClient>(server().port(),
                                      with_tls ? test_certificates() + "/ca.crt" : "");
}

std::string post(const std::string& path, const std::string& body,
                 const std::string& more_headers) {
  return "POST " + path +
         " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + more_headers + "\r\n" + body;
}

std::string get(const std::string& path, const std::string& more_headers) {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + more_headers + "\r\n";
}

}  // namespace stratalog::server
