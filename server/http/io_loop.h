// One thread that reads and writes for its connections, and wakes each second to see which of them
// took too long.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

namespace stratalog::server {

class Connection;

class IoLoop {
 public:
  static constexpr size_t kScratchBytes = 64 << 10;

  IoLoop();
  ~IoLoop();  // stop()
  boost::asio::io_context& context() { return context_; }
  void start(const std::string& name);
  void stop();  // joins; what was posted and did not run never will

  // On the loop's thread, or after stop().
  void add(std::shared_ptr<Connection> connection);
  void remove(const std::shared_ptr<Connection>& connection);
  void close_idle();
  void close_all();
  // Room for what is read and used at once.
  char* scratch() { return scratch_.get(); }

 private:
  void sweep_later();
  std::vector<std::shared_ptr<Connection>> snapshot() const;

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      context_.get_executor()};
  boost::asio::steady_timer timer_{context_};
  std::unique_ptr<char[]> scratch_ = std::make_unique<char[]>(kScratchBytes);
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::thread thread_;
};

}  // namespace stratalog::server
