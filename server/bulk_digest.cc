#include "server/bulk_digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/ensure.h"

namespace stratalog::server {
namespace {

constexpr size_t kNonceBytes = 12;

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<EVP_MAC_CTX, FreeContext>;

class Gmac final : public KeyedDigest {
 public:
  explicit Gmac(const std::string& key) {
    ENSURE(key.size() == kBulkDigestKeyBytes);
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "GMAC", nullptr);
    ENSURE(mac != nullptr);
    begun_.reset(EVP_MAC_CTX_new(mac));
    EVP_MAC_free(mac);  // the context keeps it
    char cipher[] = "AES-128-GCM";
    unsigned char nonce[kNonceBytes] = {};
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_IV, nonce, sizeof(nonce)),
        OSSL_PARAM_construct_end(),
    };
    ENSURE(EVP_MAC_init(begun_.get(), reinterpret_cast<const unsigned char*>(key.data()),
                        key.size(), params) == 1);
  }

  std::array<uint8_t, 16> of(std::initializer_list<std::string_view> parts) const override {
    const ContextPtr context(EVP_MAC_CTX_dup(begun_.get()));
    ENSURE(context != nullptr);
    const auto take = [&](const void* bytes, size_t count) {
      ENSURE(EVP_MAC_update(context.get(), static_cast<const unsigned char*>(bytes), count) == 1);
    };
    for (const std::string_view part : parts) {
      const uint64_t length = part.size();
      take(&length, sizeof(length));
      take(part.data(), part.size());
    }
    std::array<uint8_t, 16> tag;
    size_t written = 0;
    ENSURE(EVP_MAC_final(context.get(), tag.data(), &written, tag.size()) == 1 &&
           written == tag.size());
    return tag;
  }

 private:
  ContextPtr begun_;
};

}  // namespace

std::unique_ptr<KeyedDigest> make_bulk_digest(const std::string& key) {
  return std::make_unique<Gmac>(key);
}

std::string random_digest_key() {
  std::string key(kBulkDigestKeyBytes, '\0');
  ENSURE(RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) ==
         1);
  return key;
}

}  // namespace stratalog::server
