// TLS 1.2 and 1.3 by OpenSSL, and the byte stream of a connection with or without it.
//
// Our own stream instead of Asio's ssl::stream: that one keeps two 17 KB buffers and a memory BIO
// pair a connection (75 KB measured); SSL_read and SSL_write on the non-blocking socket with
// SSL_MODE_RELEASE_BUFFERS need none while idle.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct ssl_st;
struct ssl_ctx_st;

namespace stratalog::server {

struct TlsOptions {
  std::string certificate_path;  // PEM, with its chain
  std::string key_path;          // PEM
  std::string key_passphrase;
  std::vector<std::string> authority_paths;  // for client certificates
  bool client_certificate_required = false;
};

// A loaded certificate and key. Immutable; connections keep the one that they began with.
class TlsContext {
 public:
  // Fails naming the file and what is wrong with it.
  static Result<std::shared_ptr<const TlsContext>> load(const TlsOptions& options);
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();
  ssl_ctx_st* get() const { return context_; }

 private:
  ssl_ctx_st* context_;
};

// Reads and writes what is possible at once on a non-blocking socket; who calls waits for
// readiness.
//
// Threads one at a time. The socket is borrowed.
class ByteStream {
 public:
  enum class Kind { kDone, kWantRead, kWantWrite, kClosed, kFailed };
  struct Outcome {
    Kind kind;
    size_t bytes = 0;  // of kDone
  };

  ByteStream(int socket, const std::shared_ptr<const TlsContext>& tls);  // tls null: plain
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  Outcome handshake();  // kDone at once when plain
  Outcome read(char* to, size_t room);
  Outcome write(std::string_view bytes);
  // Tells the peer that nothing more comes; best effort.
  void say_goodbye();

 private:
  Outcome outcome_of(int result);
  int socket_;
  std::shared_ptr<const TlsContext> tls_;
  ssl_st* ssl_ = nullptr;
};

}  // namespace stratalog::server
