// Who sends a request: HTTP basic authentication against a salted slow hash, API keys and bearer
// tokens against a fast one of theirs, and whom it runs as (es-security-runas-user).
//
// A password costs about 0.1 s of CPU to check (PBKDF2-HMAC-SHA512, 210,000 rounds, OWASP's
// figure), so what was once found right is remembered: by a keyed hash of the header, bounded,
// worth nothing when the password's hash has changed. A bulk therefore pays no slow hash, and
// memory holds no password.
//
// Threads any.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/http.h"
#include "base/result.h"
#include "index/security/service.h"

namespace stratalog::server {

// Where password hashes are kept: records of the data store's catalog. Keys are user names.
class CredentialStore {
 public:
  virtual ~CredentialStore() = default;
  virtual Result<std::optional<std::string>> get(std::string_view user) const = 0;
  virtual Status put(std::string_view user, std::string_view hash) = 0;  // durable
};

// "{PBKDF2_SHA512}rounds$salt$hash", salt and hash in base64.
std::string hash_password(std::string_view password);
// False too for a text that is no hash of ours.
bool password_matches(std::string_view password, std::string_view hash);

// 20 letters, digits, dashes and underscores from the system's randomness.
std::string random_password();

class Authenticator {
 public:
  // What was found about a request: a user, or the answer that refuses it.
  struct Verdict {
    std::string user;
    std::optional<Error> error;
    index::security::PrincipalPtr principal = nullptr;  // null without a service
    std::string tried = {};                             // whom a refused request said it was
  };

  // Without a service `elastic` is the only user.
  explicit Authenticator(CredentialStore& store,
                         index::security::SecurityService* service = nullptr);

  // At once, from memory; empty when only check() can tell.
  std::optional<Verdict> check_known(const api::Request& request) const;
  // With the slow hash; not for a thread that others wait for.
  Verdict check(const api::Request& request);

  Status set_password(std::string_view user, std::string_view password);

  // From now on `password` is what `elastic` logs in with, and no other, although its hash need not
  // be stored yet: confirm_password() does that with the slow hash, so that a start need not wait.
  void expect_password(std::string_view password);
  // Stores the hash of the expected password unless the stored one is of it already.
  Status confirm_password(std::string_view password);

 private:
  using Digest = std::array<uint8_t, 32>;
  struct HashDigest {
    size_t operator()(const Digest& digest) const;
  };
  Digest digest(std::string_view header) const;
  Verdict accept(const api::Request& request, std::string user) const;
  std::optional<Verdict> check_token(const api::Request& request) const;
  Verdict as_asked(const api::Request& request, index::security::PrincipalPtr principal) const;

  struct Known {
    std::string user;
    std::string hash;  // that the password matched; "": was expected
  };
  CredentialStore& store_;
  index::security::SecurityService* service_;
  Digest key_;  // of the digests; random, of this process
  mutable std::mutex mutex_;
  std::unordered_map<Digest, Known, HashDigest> known_;
  std::optional<Digest> expected_;  // of the credentials of expect_password(), until confirmed
  uint64_t generation_ = 0;  // raised by set_password, so that no check in flight enters an old one
};

// 401 with Elasticsearch's body; who sends it adds kChallenges as WWW-Authenticate.
Error authentication_error(std::string reason);
inline constexpr std::array<std::string_view, 2> kChallenges = {
    "Basic realm=\"security\" charset=\"UTF-8\"", "ApiKey"};

}  // namespace stratalog::server
