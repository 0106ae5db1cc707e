#include "server/http_server.h"

#include <csignal>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "server/http/connection.h"
#include "server/http/io_loop.h"
#include "server/http/shared.h"

namespace stratalog::server {
namespace {

using Tcp = boost::asio::ip::tcp;
using boost::system::error_code;

Error listen_error(const std::string& host, uint16_t port, const error_code& code) {
  return Error(error_types::kSettings,
               "cannot listen on [" + host + "]:" + std::to_string(port) + ": " + code.message());
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpServerOptions& options, const api::Router& router, api::Context& context,
       Authenticator* authenticator, std::shared_ptr<const TlsContext> tls)
      : shared_(options, router, context, authenticator), tls_(std::move(tls)) {
    for (uint32_t i = 0; i < options.io_threads; ++i) loops_.push_back(std::make_unique<IoLoop>());
  }
  ~Impl() { stop(0); }

  Status listen() {
    uint16_t port = shared_.options.port;
    for (const std::string& host : shared_.options.hosts) {
      error_code code;
      Tcp::resolver resolver(loops_[0]->context());
      const auto found = resolver.resolve(host, std::to_string(port), Tcp::resolver::passive, code);
      if (code) return listen_error(host, port, code);
      for (const auto& entry : found) {
        RETURN_IF_ERROR(listen_on(Tcp::endpoint(entry.endpoint().address(), port), host));
        port = acceptors_.back()->local_endpoint().port();
      }
    }
    port_ = port;
    for (size_t i = 0; i < loops_.size(); ++i) loops_[i]->start("http." + std::to_string(i));
    for (auto& acceptor : acceptors_) accept(*acceptor);
    return {};
  }

  uint16_t port() const { return port_; }
  const HttpStats& stats() const { return shared_.stats; }
  void set_tls(std::shared_ptr<const TlsContext> tls) {
    const std::lock_guard lock(tls_mutex_);
    tls_ = std::move(tls);
  }

  void stop(uint32_t grace_ms) {
    if (shared_.stopping.exchange(true)) return;
    boost::asio::post(loops_[0]->context(), [this] {
      error_code ignored;
      for (auto& acceptor : acceptors_) acceptor->close(ignored);
    });
    const int64_t end = steady_clock_ns() + int64_t{grace_ms} * 1'000'000;
    do {
      for (auto& loop : loops_) boost::asio::post(loop->context(), [&loop] { loop->close_idle(); });
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    } while (shared_.stats.connections_open > 0 && steady_clock_ns() < end);
    shared_.authentication.stop();
    shared_.management.stop();
    shared_.search.stop();
    shared_.write.stop();
    shared_.task.stop();
    for (auto& loop : loops_) loop->stop();
    for (auto& loop : loops_) loop->close_all();
    acceptors_.clear();
    loops_.clear();
  }

 private:
  Status listen_on(const Tcp::endpoint& endpoint, const std::string& host) {
    error_code code;
    auto acceptor = std::make_unique<Tcp::acceptor>(loops_[0]->context());
    acceptor->open(endpoint.protocol(), code);
    if (code) return listen_error(host, endpoint.port(), code);
    acceptor->set_option(Tcp::acceptor::reuse_address(true), code);
    if (endpoint.address().is_v6()) acceptor->set_option(boost::asio::ip::v6_only(true), code);
    acceptor->bind(endpoint, code);
    if (!code) acceptor->listen(boost::asio::socket_base::max_listen_connections, code);
    if (code) return listen_error(host, endpoint.port(), code);
    acceptors_.push_back(std::move(acceptor));
    return {};
  }

  void accept(Tcp::acceptor& acceptor) {
    IoLoop& loop = *loops_[next_loop_++ % loops_.size()];
    acceptor.async_accept(
        loop.context(), [this, &acceptor, &loop](error_code code, Tcp::socket socket) {
          if (code == boost::asio::error::operation_aborted || shared_.stopping) return;
          if (code) {
            // Out of descriptors as a rule: the others must close some first.
            log::warn("http", "cannot accept a connection", {{"reason", code.message()}});
            accept_later(acceptor);
            return;
          }
          take(std::move(socket), loop);
          accept(acceptor);
        });
  }

  void accept_later(Tcp::acceptor& acceptor) {
    auto timer = std::make_shared<boost::asio::steady_timer>(loops_[0]->context());
    timer->expires_after(std::chrono::milliseconds(100));
    timer->async_wait([this, timer, &acceptor](error_code code) {
      if (!code && acceptor.is_open()) accept(acceptor);
    });
  }

  void take(Tcp::socket socket, IoLoop& loop) {
    if (shared_.stats.connections_open >= shared_.options.connections_max) {
      ++shared_.stats.connections_refused;
      return;
    }
    std::shared_ptr<const TlsContext> tls;
    {
      const std::lock_guard lock(tls_mutex_);
      tls = tls_;
    }
    auto connection = std::make_shared<Connection>(shared_, loop, std::move(socket), tls);
    boost::asio::post(loop.context(), [connection] { connection->start(); });
  }

  Shared shared_;
  std::mutex tls_mutex_;
  std::shared_ptr<const TlsContext> tls_;
  uint16_t port_ = 0;
  size_t next_loop_ = 0;  // on the first loop's thread
  std::vector<std::unique_ptr<IoLoop>> loops_;
  std::vector<std::unique_ptr<Tcp::acceptor>>
      acceptors_;  // on the first loop; closed before it ends
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpServerOptions& options,
                                                      const api::Router& router,
                                                      api::Context& context,
                                                      Authenticator* authenticator,
                                                      std::shared_ptr<const TlsContext> tls) {
  // OpenSSL writes to sockets without a flag against it.
  std::signal(SIGPIPE, SIG_IGN);
  auto impl = std::make_unique<Impl>(options, router, context, authenticator, std::move(tls));
  RETURN_IF_ERROR(impl->listen());
  return std::unique_ptr<HttpServer>(
      new HttpServer(std::move(impl)));  // tidy: allow new, the constructor is private
}

uint16_t HttpServer::port() const { return impl_->port(); }
const HttpStats& HttpServer::stats() const { return impl_->stats(); }
void HttpServer::set_tls(std::shared_ptr<const TlsContext> tls) { impl_->set_tls(std::move(tls)); }
void HttpServer::stop(uint32_t grace_ms) { impl_->stop(grace_ms); }

}  // namespace stratalog::server
