#include "server/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace stratalog::server {
namespace {

// One system call fetches up to four records; the buffer lives only while a connection is being
// read.
constexpr size_t kReadAheadBytes = 64 << 10;

std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? "unknown reason" : text;
}

Error tls_error(const std::string& what, const std::string& path) {
  return Error(error_types::kSettings, what + " [" + path + "]: " + openssl_reason());
}

int give_passphrase(char* to, int room, int, void* passphrase) {
  const auto& text = *static_cast<const std::string*>(passphrase);
  const int length = std::min(room, static_cast<int>(text.size()));
  std::memcpy(to, text.data(), static_cast<size_t>(length));
  return length;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const TlsOptions& options) {
  ERR_clear_error();
  SSL_CTX* raw = SSL_CTX_new(TLS_server_method());
  ENSURE(raw != nullptr);
  auto context = std::make_shared<const TlsContext>(raw);
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL");
  SSL_CTX_set_read_ahead(raw, 1);
  SSL_CTX_set_default_read_buffer_len(raw, kReadAheadBytes);
  // Sessions resume by tickets alone: no table of them in memory.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  static constexpr unsigned char kSessionContext[] = "stratalog";
  SSL_CTX_set_session_id_context(raw, kSessionContext, sizeof(kSessionContext) - 1);
  SSL_CTX_set_num_tickets(raw, 1);
  SSL_CTX_set_default_passwd_cb(raw, give_passphrase);
  std::string passphrase = options.key_passphrase;
  SSL_CTX_set_default_passwd_cb_userdata(raw, &passphrase);
  const bool certificate_read =
      SSL_CTX_use_certificate_chain_file(raw, options.certificate_path.c_str()) == 1;
  if (!certificate_read) return tls_error("cannot read the certificate", options.certificate_path);
  const bool key_read =
      SSL_CTX_use_PrivateKey_file(raw, options.key_path.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(raw, nullptr);
  if (!key_read) return tls_error("cannot read the key", options.key_path);
  if (SSL_CTX_check_private_key(raw) != 1) {
    return tls_error("the key does not belong to the certificate", options.key_path);
  }
  for (const std::string& path : options.authority_paths) {
    if (SSL_CTX_load_verify_file(raw, path.c_str()) != 1) {
      return tls_error("cannot read the certificate authority", path);
    }
  }
  if (options.client_certificate_required) {
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

ByteStream::ByteStream(int socket, const std::shared_ptr<const TlsContext>& tls)
    : socket_(socket), tls_(tls) {
  if (!tls) return;
  ssl_ = SSL_new(tls->get());
  ENSURE(ssl_ != nullptr);
  SSL_set_fd(ssl_, socket);
  SSL_set_accept_state(ssl_);
}

ByteStream::~ByteStream() { SSL_free(ssl_); }

ByteStream::Outcome ByteStream::outcome_of(int result) {
  const int system_error = errno;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return {Kind::kWantRead};
    case SSL_ERROR_WANT_WRITE:
      return {Kind::kWantWrite};
    case SSL_ERROR_ZERO_RETURN:
      return {Kind::kClosed};
    case SSL_ERROR_SYSCALL:
      return {system_error == 0 ? Kind::kClosed : Kind::kFailed};
    default:
      return {Kind::kFailed};
  }
}

ByteStream::Outcome ByteStream::handshake() {
  if (ssl_ == nullptr) return {Kind::kDone};
  ERR_clear_error();
  errno = 0;
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return {Kind::kDone};
  return outcome_of(result);
}

ByteStream::Outcome ByteStream::read(char* to, size_t room) {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    errno = 0;
    const int result = SSL_read(ssl_, to, static_cast<int>(std::min<size_t>(room, INT_MAX)));
    if (result > 0) return {Kind::kDone, static_cast<size_t>(result)};
    return outcome_of(result);
  }
  const ssize_t result = ::recv(socket_, to, room, 0);
  if (result > 0) return {Kind::kDone, static_cast<size_t>(result)};
  if (result == 0) return {Kind::kClosed};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Kind::kWantRead};
  return {Kind::kFailed};
}

ByteStream::Outcome ByteStream::write(std::string_view bytes) {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    errno = 0;
    const int result =
        SSL_write(ssl_, bytes.data(), static_cast<int>(std::min<size_t>(bytes.size(), INT_MAX)));
    if (result > 0) return {Kind::kDone, static_cast<size_t>(result)};
    return outcome_of(result);
  }
  const ssize_t result = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (result >= 0) return {Kind::kDone, static_cast<size_t>(result)};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Kind::kWantWrite};
  return {Kind::kFailed};
}

void ByteStream::say_goodbye() {
  if (ssl_ != nullptr && SSL_is_init_finished(ssl_)) {
    ERR_clear_error();
    (void)SSL_shutdown(ssl_);
  }
  ::shutdown(socket_, SHUT_WR);
}

}  // namespace stratalog::server
