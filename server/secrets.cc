#include "server/secrets.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>

#include "base/ensure.h"
#include "server/authentication.h"

namespace stratalog::server {

namespace {
constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";  // 64: no bias
}  // namespace

std::string OpensslSecrets::hash_password(std::string_view password) const {
  return server::hash_password(password);
}

bool OpensslSecrets::password_matches(std::string_view password, std::string_view hash) const {
  return server::password_matches(password, hash);
}

std::string OpensslSecrets::digest(std::string_view secret) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned int count = 0;
  ENSURE(EVP_Digest(secret.data(), secret.size(), bytes.data(), &count, EVP_sha256(), nullptr) ==
         1);
  std::string text;
  uint32_t bits = 0, held = 0;
  for (unsigned int i = 0; i < count; ++i) {
    bits = (bits << 8) | bytes[i];
    for (held += 8; held >= 6; held -= 6) text += kLetters[(bits >> (held - 6)) & 63];
  }
  if (held > 0) text += kLetters[(bits << (6 - held)) & 63];
  return text;
}

bool OpensslSecrets::same(std::string_view a, std::string_view b) const {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string OpensslSecrets::random_text(size_t letters) const {
  std::string text(letters, '\0');
  ENSURE(RAND_bytes(reinterpret_cast<unsigned char*>(text.data()), static_cast<int>(letters)) == 1);
  for (char& c : text) c = kLetters[static_cast<unsigned char>(c) % kLetters.size()];
  return text;
}

}  // namespace stratalog::server
