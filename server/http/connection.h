// One connection: handshake, then requests one after the other until either side has enough.
//
//   handshake → head → [authorizing →] body → running → writing → head …
//                                                            └→ draining → closed
//
// A request that is refused before its body was read (401, 406, 413, 429) is answered at once when
// there is no body or when it is too long to be thrown away; otherwise the body is read and dropped
// first, so that the connection stays usable.
//
// Threads all on the loop's thread; a worker owns the exchange while the state is kAuthorizing or
// kRunning.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/http/exchange.h"
#include "server/http/io_loop.h"
#include "server/http/shared.h"
#include "server/tls.h"

namespace stratalog::server {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shared& shared, IoLoop& loop, boost::asio::ip::tcp::socket socket,
             const std::shared_ptr<const TlsContext>& tls);
  ~Connection();

  void start();
  void close();
  void close_if_idle();
  void check_time();

 private:
  enum class State {
    kHandshake,
    kHead,
    kAuthorizing,
    kBody,
    kRunning,
    kWriting,
    kDraining,
    kClosed
  };

  void run();
  bool step();  // false: waits for the socket or for a worker
  bool shake_hands();
  bool read_head();
  bool read_body();
  bool write_out();
  bool drain();
  bool wait(ByteStream::Outcome outcome);
  // Takes bytes into pending_; kDone when there are some.
  ByteStream::Outcome read_pending();
  std::string_view pending() const { return std::string_view(pending_).substr(pending_at_); }
  void use_pending(size_t bytes);

  void begin_exchange(RequestHead head);
  void authorize();
  void authorized();
  void admit(const Authenticator::Verdict& verdict);
  bool take_fixed();
  bool take_chunked();
  bool take_content(std::string_view data);
  void finish_body();
  void dispatch();
  void execute();  // on a worker
  void executed();
  void refuse(api::Response response);
  void refuse(const Error& error) { refuse(api::error_response(error)); }
  void respond(api::Response response);
  void fail(const Error& error);  // answers and closes: the connection is out of step
  void finish_exchange();
  void enter_head();
  void enter_draining();
  void set_deadline(uint32_t timeout_ms);
  void post_to_loop(void (Connection::*next)());

  Shared& shared_;
  IoLoop& loop_;
  boost::asio::ip::tcp::socket socket_;
  ByteStream stream_;
  State state_ = State::kHandshake;
  State after_write_ = State::kHead;
  int64_t deadline_ns_ = 0;  // 0: none
  std::string pending_;      // read, not used yet
  size_t pending_at_ = 0;
  std::unique_ptr<Exchange> exchange_;
  Authenticator::Verdict verdict_;
  std::string out_;       // being written, then
  std::string out_body_;  // what follows it
  size_t out_at_ = 0;
};

}  // namespace stratalog::server
