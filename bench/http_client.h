// A blocking HTTP/1.1 client over one kept connection, with or without TLS: cheap enough that a
// server on the same machine is what is measured.
//
// Calls   request() connects when needed; after an error the next call connects again.
// Threads one client, one thread.
// Errors  false and `error()`; no exceptions. Certificates are not checked: the server is ours.
#pragma once

#include <openssl/ssl.h>

#include <string>
#include <string_view>

namespace stratalog::bench {

struct Target {
  std::string host;
  std::string port;
  bool tls = false;
  std::string authorization;  // the header's value, or empty
};

// Understands http[s]://host:port; `credentials` is user:password or empty.
bool parse_url(std::string_view url, std::string_view credentials, Target& target);

class HttpClient {
 public:
  explicit HttpClient(Target target);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The answer is in status() and body() until the next call.
  bool request(std::string_view method, std::string_view path, std::string_view content_type,
               std::string_view body);
  int status() const { return status_; }
  const std::string& body() const { return body_; }
  const std::string& error() const { return error_; }

 private:
  bool connect();
  void disconnect();
  bool send(std::string_view bytes);
  bool receive();  // appends to received_
  bool read_answer();
  bool read_chunks(size_t at);
  bool fail(const char* what);

  Target target_;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  int socket_ = -1;
  int status_ = 0;
  std::string body_;
  std::string received_;
  std::string error_;
};

}  // namespace stratalog::bench
