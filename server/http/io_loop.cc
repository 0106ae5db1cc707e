#include "server/http/io_loop.h"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <chrono>

#include "server/http/connection.h"

namespace stratalog::server {

IoLoop::IoLoop() = default;

IoLoop::~IoLoop() { stop(); }

void IoLoop::stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

void IoLoop::start(const std::string& name) {
  sweep_later();
  thread_ = std::thread([this] { context_.run(); });
  pthread_setname_np(thread_.native_handle(), name.c_str());
}

void IoLoop::add(std::shared_ptr<Connection> connection) {
  connections_.insert(std::move(connection));
}

void IoLoop::remove(const std::shared_ptr<Connection>& connection) {
  connections_.erase(connection);
}

std::vector<std::shared_ptr<Connection>> IoLoop::snapshot() const {
  return {connections_.begin(), connections_.end()};
}

void IoLoop::close_idle() {
  for (const auto& connection : snapshot()) connection->close_if_idle();
}

void IoLoop::close_all() {
  for (const auto& connection : snapshot()) connection->close();
}

void IoLoop::sweep_later() {
  timer_.expires_after(std::chrono::seconds(1));
  timer_.async_wait([this](boost::system::error_code code) {
    if (code) return;
    for (const auto& connection : snapshot()) connection->check_time();
    sweep_later();
  });
}

}  // namespace stratalog::server
