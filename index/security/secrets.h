// What needs a cryptographic library, which the layers below the server do not see.
//
// Threads any.
#pragma once

#include <string>
#include <string_view>

namespace stratalog::index::security {

class Secrets {
 public:
  virtual ~Secrets() = default;
  // Salted and slow, for what people choose.
  virtual std::string hash_password(std::string_view password) const = 0;
  virtual bool password_matches(std::string_view password, std::string_view hash) const = 0;
  // Fast, for secrets that are random themselves: 43 letters.
  virtual std::string digest(std::string_view secret) const = 0;
  // Takes the same time whether the texts are alike or not.
  virtual bool same(std::string_view a, std::string_view b) const = 0;
  // From the system, in the letters of base64url: 4 for each 3 bytes of randomness, cut.
  virtual std::string random_text(size_t letters) const = 0;
};

}  // namespace stratalog::index::security
