#include "bench/http_client.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace stratalog::bench {
namespace {

constexpr size_t kReadBytes = 256 << 10;

std::string base64(std::string_view text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int bytes = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()));
  out.resize(static_cast<size_t>(bytes));
  return out;
}

// The value of a header, by its name in any case; empty when it is missing.
std::string_view header(std::string_view head, std::string_view name) {
  size_t at = head.find("\r\n");
  while (at != std::string_view::npos && at + 2 < head.size()) {
    const size_t begin = at + 2;
    at = head.find("\r\n", begin);
    const std::string_view line = head.substr(begin, at - begin);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        strncasecmp(line.data(), name.data(), name.size()) == 0) {
      std::string_view value = line.substr(name.size() + 1);
      while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
      return value;
    }
  }
  return {};
}

}  // namespace

bool parse_url(std::string_view url, std::string_view credentials, Target& target) {
  target.tls = url.starts_with("https://");
  if (!target.tls && !url.starts_with("http://")) return false;
  url.remove_prefix(target.tls ? 8 : 7);
  url = url.substr(0, url.find('/'));
  const size_t colon = url.rfind(':');
  target.host = url.substr(0, colon);
  target.port = colon == std::string_view::npos ? "9200" : url.substr(colon + 1);
  target.authorization = credentials.empty() ? "" : "Basic " + base64(credentials);
  return !target.host.empty();
}

HttpClient::HttpClient(Target target) : target_(std::move(target)) {
  if (target_.tls) {
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
  }
}

HttpClient::~HttpClient() {
  disconnect();
  SSL_CTX_free(context_);
}

bool HttpClient::fail(const char* what) {
  error_ = std::string(what) + ": " + std::strerror(errno);
  disconnect();
  return false;
}

void HttpClient::disconnect() {
  SSL_free(ssl_);
  ssl_ = nullptr;
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

bool HttpClient::connect() {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(target_.host.c_str(), target_.port.c_str(), &hints, &found) != 0) {
    return fail("resolve");
  }
  for (const addrinfo* at = found; at != nullptr && socket_ < 0; at = at->ai_next) {
    socket_ = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    if (socket_ >= 0 && ::connect(socket_, at->ai_addr, at->ai_addrlen) != 0) {
      close(socket_);
      socket_ = -1;
    }
  }
  freeaddrinfo(found);
  if (socket_ < 0) return fail("connect");
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (target_.tls) {
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket_);
    if (SSL_connect(ssl_) != 1) return fail("TLS handshake");
  }
  received_.clear();
  return true;
}

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t part = std::min<size_t>(bytes.size(), 1 << 30);
    const ssize_t sent = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(part))
                                         : ::send(socket_, bytes.data(), part, MSG_NOSIGNAL);
    if (sent <= 0) return fail("send");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool HttpClient::receive() {
  const size_t had = received_.size();
  received_.resize(had + kReadBytes);
  const ssize_t got = ssl_ != nullptr
                          ? SSL_read(ssl_, received_.data() + had, static_cast<int>(kReadBytes))
                          : recv(socket_, received_.data() + had, kReadBytes, 0);
  received_.resize(had + (got > 0 ? static_cast<size_t>(got) : 0));
  return got > 0 || fail("receive");
}

bool HttpClient::read_chunks(size_t at) {
  for (;;) {
    size_t end;
    while ((end = received_.find("\r\n", at)) == std::string::npos) {
      if (!receive()) return false;
    }
    const size_t bytes = std::strtoull(received_.c_str() + at, nullptr, 16);
    at = end + 2;
    while (received_.size() < at + bytes + 2) {
      if (!receive()) return false;
    }
    if (bytes == 0) {
      received_.erase(0, at + 2);
      return true;
    }
    body_.append(received_, at, bytes);
    at += bytes + 2;
  }
}

bool HttpClient::read_answer() {
  size_t head_end;
  while ((head_end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) return false;
  }
  const std::string head = received_.substr(0, head_end + 2);
  status_ = head.size() > 12 ? std::atoi(head.c_str() + 9) : 0;
  const size_t begin = head_end + 4;
  body_.clear();
  if (header(head, "transfer-encoding") == "chunked") {
    if (!read_chunks(begin)) return false;
  } else {
    const size_t bytes =
        std::strtoull(std::string(header(head, "content-length")).c_str(), nullptr, 10);
    received_.reserve(begin + bytes);
    while (received_.size() < begin + bytes) {
      if (!receive()) return false;
    }
    body_.assign(received_, begin, bytes);
    received_.erase(0, begin + bytes);
  }
  if (header(head, "connection") == "close") disconnect();
  return true;
}

bool HttpClient::request(std::string_view method, std::string_view path,
                         std::string_view content_type, std::string_view body) {
  if (socket_ < 0 && !connect()) return false;
  std::string head = std::string(method) + " " + std::string(path) +
                     " HTTP/1.1\r\nHost: " + target_.host + ":" + target_.port + "\r\n";
  if (!target_.authorization.empty()) head += "Authorization: " + target_.authorization + "\r\n";
  if (!body.empty()) {
    head += "Content-Type: " + std::string(content_type) +
            "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  head += "\r\n";
  return send(head) && send(body) && read_answer();
}

}  // namespace stratalog::bench
