// Hashes and randomness by OpenSSL (index/security/secrets.h).
//
// Threads any.
#pragma once

#include "index/security/secrets.h"

namespace stratalog::server {

class OpensslSecrets final : public index::security::Secrets {
 public:
  std::string hash_password(std::string_view password) const override;
  bool password_matches(std::string_view password, std::string_view hash) const override;
  std::string digest(std::string_view secret) const override;  // SHA-256
  bool same(std::string_view a, std::string_view b) const override;
  std::string random_text(size_t letters) const override;
};

}  // namespace stratalog::server
