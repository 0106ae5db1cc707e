#include "server/http/connection.h"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <exception>

#include "api/audit.h"
#include "base/clock.h"
#include "base/log.h"
#include "server/http/media_type.h"

namespace stratalog::server {
namespace {

using Kind = ByteStream::Kind;

constexpr int kStepsAtOnce = 64;                 // then others get their turn
constexpr uint64_t kDiscardBytesMax = 8 << 20;   // of a refused body, to keep its connection
constexpr size_t kAppendBytesMax = 64 << 10;     // a body up to here is sent together with its head
constexpr size_t kChunkedBytesFirst = 64 << 10;  // buffer of a body whose length is not known
constexpr uint32_t kDrainMs = 2'000;             // for the peer to close after us
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

Error rejected(const std::string& why) {
  return Error(error_types::kRejectedExecution, "rejected execution: " + why);
}

Error too_long(const HttpServerOptions& options) {
  return Error(error_types::kContentTooLong,
               "the body is longer than [" + std::to_string(options.content_bytes_max) +
                   "] bytes, " + std::string(options.content_bound()));
}

api::Response rejected_response(const std::string& why) {
  return api::error_response(rejected(why));
}

std::string peer_name(const boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code code;
  const auto peer = socket.remote_endpoint(code);
  if (code) return "";
  const std::string address = peer.address().to_string();
  return (peer.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(peer.port());
}

}  // namespace

Connection::Connection(Shared& shared, IoLoop& loop, boost::asio::ip::tcp::socket socket,
                       const std::shared_ptr<const TlsContext>& tls)
    : shared_(shared),
      loop_(loop),
      socket_(std::move(socket)),
      stream_(socket_.native_handle(), tls) {
  ++shared_.stats.connections_open;
  ++shared_.stats.connections_total;
}

Connection::~Connection() { --shared_.stats.connections_open; }

void Connection::start() {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  loop_.add(shared_from_this());
  set_deadline(shared_.options.handshake_timeout_ms);
  run();
}

void Connection::close() {
  if (state_ == State::kClosed) return;
  // A worker may still use the exchange: it is freed with the connection.
  state_ = State::kClosed;
  boost::system::error_code ignored;
  socket_.close(ignored);
  loop_.remove(shared_from_this());
}

void Connection::close_if_idle() {
  const bool idle = (state_ == State::kHead && pending().empty()) || state_ == State::kHandshake ||
                    state_ == State::kDraining;
  if (!idle) return;
  if (state_ == State::kHead) stream_.say_goodbye();
  close();
}

void Connection::set_deadline(uint32_t timeout_ms) {
  deadline_ns_ = timeout_ms == 0 ? 0 : steady_clock_ns() + int64_t{timeout_ms} * 1'000'000;
}

void Connection::check_time() {
  const int64_t now = steady_clock_ns();
  bool late = deadline_ns_ != 0 && now > deadline_ns_;
  if (state_ == State::kBody && exchange_) {
    const double seconds = static_cast<double>(now - exchange_->body_start_ns) * 1e-9;
    const double least = shared_.options.body_bytes_per_second_min * seconds;
    const double grace_seconds = shared_.options.body_timeout_ms * 1e-3;
    late |= seconds > grace_seconds && static_cast<double>(exchange_->received) < least;
  }
  if (!late) return;
  const bool mid_request = (state_ == State::kHead && !pending().empty()) || state_ == State::kBody;
  if (state_ != State::kHead || mid_request) ++shared_.stats.timeouts;
  if (!mid_request) {
    close();
    return;
  }
  boost::system::error_code ignored;
  socket_.cancel(ignored);
  fail(Error({"timeout_exception", 408}, "the request did not come within the time limit"));
  run();
}

void Connection::run() {
  try {
    for (int i = 0; i < kStepsAtOnce; ++i) {
      if (!step()) return;
    }
    post_to_loop(&Connection::run);
  } catch (const std::exception& e) {
    log::warn("http", "a connection failed", {{"what", e.what()}});
    close();
  }
}

bool Connection::step() {
  switch (state_) {
    case State::kHandshake:
      return shake_hands();
    case State::kHead:
      return read_head();
    case State::kBody:
      return read_body();
    case State::kWriting:
      return write_out();
    case State::kDraining:
      return drain();
    case State::kAuthorizing:
    case State::kRunning:
    case State::kClosed:
      return false;
  }
  return false;
}

bool Connection::wait(ByteStream::Outcome outcome) {
  if (outcome.kind != Kind::kWantRead && outcome.kind != Kind::kWantWrite) {
    close();
    return false;
  }
  const auto direction = outcome.kind == Kind::kWantRead ? boost::asio::socket_base::wait_read
                                                         : boost::asio::socket_base::wait_write;
  socket_.async_wait(direction, [self = shared_from_this()](boost::system::error_code code) {
    if (code == boost::asio::error::operation_aborted) return;
    if (code) {
      self->close();
    } else {
      self->run();
    }
  });
  return false;
}

void Connection::post_to_loop(void (Connection::*next)()) {
  boost::asio::post(loop_.context(), [self = shared_from_this(), next] { (self.get()->*next)(); });
}

bool Connection::shake_hands() {
  const auto outcome = stream_.handshake();
  if (outcome.kind != Kind::kDone) return wait(outcome);
  enter_head();
  return true;
}

ByteStream::Outcome Connection::read_pending() {
  const auto outcome = stream_.read(loop_.scratch(), IoLoop::kScratchBytes);
  if (outcome.kind == Kind::kDone) pending_.append(loop_.scratch(), outcome.bytes);
  return outcome;
}

void Connection::use_pending(size_t bytes) {
  pending_at_ += bytes;
  if (pending_at_ < pending_.size()) return;
  std::string().swap(pending_);  // an idle connection holds no buffer
  pending_at_ = 0;
}

void Connection::enter_head() {
  state_ = State::kHead;
  set_deadline(pending().empty() ? shared_.options.idle_timeout_ms
                                 : shared_.options.header_timeout_ms);
  if (shared_.stopping && pending().empty()) {
    stream_.say_goodbye();
    close();
  }
}

bool Connection::read_head() {
  // RFC 9112, 2.2: an empty line before a request is to be ignored.
  while (pending().starts_with("\r\n") || pending().starts_with('\n'))
    use_pending(pending().front() == '\r' ? 2 : 1);
  auto end = find_head_end(pending(), shared_.options.head);
  if (!end) {
    fail(end.error());
    return true;
  }
  if (!end->has_value()) {
    const bool idle = pending().empty();
    const auto outcome = read_pending();
    if (outcome.kind != Kind::kDone) return wait(outcome);
    if (idle) set_deadline(shared_.options.header_timeout_ms);
    return true;
  }
  ++shared_.stats.requests_total;
  auto head = parse_head(pending().substr(0, **end));
  use_pending(**end);
  if (!head) {
    fail(head.error());
    return true;
  }
  begin_exchange(std::move(*head));
  return true;
}

void Connection::begin_exchange(RequestHead head) {
  exchange_ = std::make_unique<Exchange>(shared_.budget);
  Exchange& x = *exchange_;
  x.head = std::move(head);
  x.keep_alive = x.head.keep_alive && !shared_.stopping;
  x.body_start_ns = steady_clock_ns();
  set_deadline(shared_.options.body_timeout_ms);
  if (!shared_.authenticator) {
    admit({"_anonymous", std::nullopt});
  } else if (auto verdict = shared_.authenticator->check_known(x.head.request)) {
    admit(*verdict);
  } else {
    authorize();
  }
}

// The slow hash, on its own thread.
void Connection::authorize() {
  state_ = State::kAuthorizing;
  deadline_ns_ = 0;
  const bool posted = shared_.authentication.post([self = shared_from_this()] {
    self->verdict_ = self->shared_.authenticator->check(self->exchange_->head.request);
    self->post_to_loop(&Connection::authorized);
  });
  if (!posted) refuse(rejected("too many password checks are waiting"));
}

void Connection::authorized() {
  if (state_ == State::kClosed) return;
  exchange_->body_start_ns = steady_clock_ns();
  set_deadline(shared_.options.body_timeout_ms);
  admit(verdict_);
  run();
}

// Decides whether the body may come, before any of it is kept.
void Connection::admit(const Authenticator::Verdict& verdict) {
  Exchange& x = *exchange_;
  const HttpServerOptions& options = shared_.options;
  api::AuditTrail* audit = shared_.context.audit;
  if (audit != nullptr) x.head.request.origin = peer_name(socket_);
  if (verdict.error) {
    if (audit != nullptr) audit->authentication_failed(x.head.request, verdict.tried);
    return refuse(*verdict.error);
  }
  x.head.request.user = verdict.user;
  x.head.request.principal = verdict.principal;
  if (x.head.expects_other) return refuse(api::simple_error_response(417, "Expectation Failed"));
  if (x.head.content_length > options.content_bytes_max) return refuse(too_long(options));
  if (auto refusal = refuse_media_type(x.head.request, x.head.has_body()))
    return refuse(std::move(*refusal));
  if (const std::string* encoding = x.head.request.header("Content-Encoding")) {
    auto coding = parse_content_encoding(*encoding);
    if (!coding) return refuse(coding.error());
    x.coding = *coding;
  }
  if (!x.head.has_body()) return dispatch();
  const uint64_t expected = x.head.chunked ? kChunkedBytesFirst : x.head.content_length;
  if (!x.reservation.grow_to(expected))
    return refuse(rejected("the bodies in flight fill their memory"));
  x.body = shared_.buffers.take(expected);
  x.accepted = true;
  state_ = State::kBody;
  if (x.head.expects_continue && pending().empty()) {
    out_ = kContinue;
    after_write_ = State::kBody;
    state_ = State::kWriting;
  }
}

bool Connection::read_body() { return exchange_->head.chunked ? take_chunked() : take_fixed(); }

// Keeps content of the body, or counts it when it is thrown away. False when it was refused now.
bool Connection::take_content(std::string_view data) {
  Exchange& x = *exchange_;
  x.received += data.size();
  set_deadline(shared_.options.body_timeout_ms);
  if (x.early) return true;
  if (x.received > shared_.options.content_bytes_max) {
    refuse(too_long(shared_.options));
    return false;
  }
  if (x.body.room() < data.size()) {
    const uint64_t grown = std::max<uint64_t>(x.received, 2 * x.body.capacity());
    if (!x.reservation.grow_to(grown)) {
      refuse(rejected("the bodies in flight fill their memory"));
      return false;
    }
    x.body.reserve(grown);
  }
  x.body.append(data);
  return true;
}

bool Connection::take_fixed() {
  Exchange& x = *exchange_;
  const uint64_t left = x.head.content_length - x.received;
  if (left == 0) {
    finish_body();
    return true;
  }
  if (!pending().empty()) {
    const std::string_view data = pending().substr(0, left);
    const size_t bytes = data.size();
    take_content(data);
    use_pending(bytes);
    return true;
  }
  // Straight into the body's buffer.
  char* to = x.early ? loop_.scratch() : x.body.end();
  const size_t room = x.early ? std::min<uint64_t>(left, IoLoop::kScratchBytes) : left;
  const auto outcome = stream_.read(to, room);
  if (outcome.kind != Kind::kDone) return wait(outcome);
  if (!x.early) x.body.advance(outcome.bytes);
  x.received += outcome.bytes;
  set_deadline(shared_.options.body_timeout_ms);
  return true;
}

bool Connection::take_chunked() {
  Exchange& x = *exchange_;
  auto progress = x.chunks.decode(pending());
  if (!progress) {
    fail(progress.error());
    return true;
  }
  if (progress->consumed > 0) {
    const bool kept = take_content(progress->data);
    if (kept && x.early && x.received > kDiscardBytesMax) {
      x.keep_alive = false;
      respond(std::move(*x.early));
      return true;
    }
    use_pending(progress->consumed);
  }
  if (state_ != State::kBody) return true;
  if (x.chunks.done()) {
    finish_body();
    return true;
  }
  if (progress->consumed > 0) return true;
  const auto outcome = read_pending();
  if (outcome.kind != Kind::kDone) return wait(outcome);
  set_deadline(shared_.options.body_timeout_ms);
  return true;
}

void Connection::finish_body() {
  if (exchange_->early) {
    respond(std::move(*exchange_->early));
  } else {
    dispatch();
  }
}

void Connection::refuse(api::Response response) {
  Exchange& x = *exchange_;
  if (response.status == 429) {
    ++shared_.stats.requests_rejected;
    response.headers.push_back({"Retry-After", "1"});
  }
  if (response.status == 401)
    for (const std::string_view challenge : kChallenges)
      response.headers.push_back({"WWW-Authenticate", std::string(challenge)});
  api::shape_response(x.head.request, response);
  shared_.buffers.give_back(std::move(x.body));
  x.body = {};
  x.reservation.clear();
  if (!x.head.has_body()) return respond(std::move(response));
  const bool waits_for_continue = x.head.expects_continue && !x.accepted;
  if (waits_for_continue || x.head.content_length > kDiscardBytesMax) {
    x.keep_alive = false;
    return respond(std::move(response));
  }
  x.early = std::move(response);
  state_ = State::kBody;
  set_deadline(shared_.options.body_timeout_ms);
}

void Connection::dispatch() {
  Exchange& x = *exchange_;
  state_ = State::kRunning;
  deadline_ns_ = 0;
  ThreadPool& pool = shared_.pool_of(shared_.router.lane(x.head.request));
  if (pool.post([self = shared_from_this()] { self->execute(); })) return;
  ++shared_.stats.requests_rejected;
  api::Response response = rejected_response("the queue is full");
  response.headers.push_back({"Retry-After", "1"});
  api::shape_response(x.head.request, response);
  respond(std::move(response));
}

void Connection::execute() {
  Exchange& x = *exchange_;
  api::Request& request = x.head.request;
  try {
    Status decoded;
    if (x.coding != Coding::kIdentity && x.body.size() > 0) {
      BodyBuffer plain = shared_.buffers.take(x.body.size() * 4);
      decoded = decode_body(x.coding, x.body.view(),
                            {shared_.options.content_bytes_max, shared_.options.content_bound()},
                            x.reservation, plain);
      std::swap(x.body, plain);
      shared_.buffers.give_back(std::move(plain));
    }
    if (decoded) {
      request.body = x.body.view();
      x.response = shared_.router.dispatch(request, shared_.context);
    } else {
      x.response = api::error_response(decoded.error());
      api::shape_response(request, x.response);
    }
    if (x.response.status == 429) {
      ++shared_.stats.requests_rejected;
      x.response.headers.push_back({"Retry-After", "1"});
    }
    if (shared_.options.compression) compress_response(request, x.response);
  } catch (const std::exception& e) {
    log::error("http", "a request failed", {{"path", request.path}, {"what", e.what()}});
    x.response =
        api::error_response(Error(error_types::kInternal, "internal error, see the server's log"));
  }
  post_to_loop(&Connection::executed);
}

void Connection::executed() {
  if (state_ == State::kClosed) return;
  respond(std::move(exchange_->response));
  run();
}

void Connection::fail(const Error& error) {
  if (!exchange_) exchange_ = std::make_unique<Exchange>(shared_.budget);
  exchange_->keep_alive = false;
  respond(api::error_response(error));
}

void Connection::respond(api::Response response) {
  Exchange& x = *exchange_;
  if (shared_.stopping) x.keep_alive = false;
  out_ = head_of(x, response, response.body.size());
  out_body_.clear();
  if (x.head.request.method != api::Method::kHead) {
    if (response.body.size() <= kAppendBytesMax) {
      out_.append(response.body);
    } else {
      out_body_ = std::move(response.body);
    }
  }
  out_at_ = 0;
  after_write_ = State::kHead;
  state_ = State::kWriting;
  set_deadline(shared_.options.body_timeout_ms);
}

bool Connection::write_out() {
  if (out_at_ < out_.size()) {
    const auto outcome = stream_.write(std::string_view(out_).substr(out_at_));
    if (outcome.kind != Kind::kDone) return wait(outcome);
    out_at_ += outcome.bytes;
    set_deadline(shared_.options.body_timeout_ms);
    return true;
  }
  if (!out_body_.empty()) {
    out_ = std::move(out_body_);
    out_body_.clear();
    out_at_ = 0;
    return true;
  }
  std::string().swap(out_);
  out_at_ = 0;
  if (after_write_ == State::kBody) {
    state_ = State::kBody;
  } else {
    finish_exchange();
  }
  return true;
}

void Connection::finish_exchange() {
  const bool keep_alive = exchange_->keep_alive;
  shared_.buffers.give_back(std::move(exchange_->body));
  exchange_.reset();
  if (keep_alive) {
    enter_head();
  } else {
    enter_draining();
  }
}

// Closing at once would take back an answer that the peer has not read while it still sends.
void Connection::enter_draining() {
  stream_.say_goodbye();
  state_ = State::kDraining;
  set_deadline(kDrainMs);
}

bool Connection::drain() {
  const auto outcome = stream_.read(loop_.scratch(), IoLoop::kScratchBytes);
  return outcome.kind == Kind::kDone || wait(outcome);
}

}  // namespace stratalog::server
