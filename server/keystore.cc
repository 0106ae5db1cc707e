#include "server/keystore.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

#include "server/authentication.h"

namespace stratalog::server {
namespace {

constexpr uint32_t kHeaderMagic = 0x3FD76C17;
constexpr uint32_t kFooterMagic = ~kHeaderMagic;
constexpr std::string_view kName = "elasticsearch.keystore";
constexpr uint32_t kVersion = 4;
constexpr size_t kSaltBytes = 64;
constexpr size_t kIvBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kKeyBytes = 16;
constexpr int kRounds = 10'000;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void put(std::string& out, uint64_t number, size_t width) {
  for (size_t i = width; i-- > 0;) out.push_back(static_cast<char>(number >> (8 * i)));
}

void put_with_length(std::string& out, std::string_view text, size_t width) {
  put(out, text.size(), width);
  out += text;
}

// Takes from the front; nothing once something was missing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::string_view take(uint64_t count) {
    good_ = good_ && count <= rest_.size();
    if (!good_) return {};
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  uint64_t number(size_t width) {
    uint64_t out = 0;
    for (const char c : take(width)) out = out << 8 | static_cast<unsigned char>(c);
    return out;
  }
  std::string_view with_length(size_t width) { return take(number(width)); }
  bool good() const { return good_; }
  bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

Error unreadable(const std::string& what) { return Error(error_types::kSettings, what); }

std::string derive_key(std::string_view password, std::string_view salt) {
  std::string key(kKeyBytes, '\0');
  ENSURE(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt),
                           static_cast<int>(salt.size()), kRounds, EVP_sha512(),
                           static_cast<int>(key.size()), bytes_of(key)) == 1);
  return key;
}

// AES-GCM in either direction; none when the tag is not that of these bytes.
std::optional<std::string> crypt(bool seal, const std::string& key, std::string_view iv,
                                 std::string_view salt, std::string_view input) {
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context(EVP_CIPHER_CTX_new());
  const std::string_view text = seal ? input : input.substr(0, input.size() - kTagBytes);
  std::string tag(seal ? std::string_view() : input.substr(text.size()));
  tag.resize(kTagBytes);
  std::string out(text.size(), '\0');
  int count = 0;
  ENSURE(EVP_CipherInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, bytes_of(key), bytes_of(iv),
                           seal ? 1 : 0) == 1);
  ENSURE(EVP_CipherUpdate(context.get(), nullptr, &count, bytes_of(salt),
                          static_cast<int>(salt.size())) == 1);
  ENSURE(EVP_CipherUpdate(context.get(), bytes_of(out), &count, bytes_of(text),
                          static_cast<int>(text.size())) == 1);
  if (!seal) {
    ENSURE(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1);
  }
  unsigned char none = 0;
  if (EVP_CipherFinal_ex(context.get(), &none, &count) != 1) return std::nullopt;
  if (!seal) return out;
  ENSURE(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1);
  return out + tag;
}

std::string random_bytes(size_t count) {
  std::string out(count, '\0');
  ENSURE(RAND_bytes(bytes_of(out), static_cast<int>(count)) == 1);
  return out;
}

uint64_t checksum(std::string_view bytes) { return ::crc32_z(0, bytes_of(bytes), bytes.size()); }

}  // namespace

Result<Keystore> unseal_keystore(std::string_view bytes, std::string_view password) {
  Reader file(bytes);
  if (file.number(4) != kHeaderMagic || file.with_length(1) != kName)
    return unreadable("it is no keystore");
  const uint64_t version = file.number(4);
  if (version != kVersion) {
    return unreadable("it has version " + std::to_string(version) + ", and version " +
                      std::to_string(kVersion) + " (Elasticsearch 7.4 to 7.17) is read");
  }
  Keystore out;
  out.has_password = file.number(1) != 0;
  Reader data(file.with_length(4));
  const std::string_view before_sum = bytes.substr(0, std::max(bytes.size(), size_t{8}) - 8);
  if (file.number(4) != kFooterMagic || file.number(4) != 0 ||
      file.number(8) != checksum(before_sum) || !file.at_end()) {
    return unreadable("it is damaged");
  }
  const std::string_view salt = data.with_length(4);
  const std::string_view iv = data.with_length(4);
  const std::string_view sealed = data.with_length(4);
  if (!data.at_end() || salt.size() != kSaltBytes || iv.size() != kIvBytes ||
      sealed.size() < kTagBytes) {
    return unreadable("it is damaged");
  }
  if (out.has_password && password.empty())
    return unreadable("it has a password, which KEYSTORE_PASSWORD has to give");
  const auto opened = crypt(false, derive_key(password, salt), iv, salt, sealed);
  if (!opened) {
    return unreadable("it can't be decrypted: the password is another one, or it was changed");
  }
  Reader entries(*opened);
  for (uint64_t left = entries.number(4); left > 0 && entries.good(); --left) {
    const std::string_view name = entries.with_length(2);
    out.entries.insert_or_assign(std::string(name), std::string(entries.with_length(4)));
  }
  if (!entries.at_end()) return unreadable("it is damaged");
  return out;
}

std::string seal_keystore(const Keystore& keystore) {
  std::string text;
  put(text, keystore.entries.size(), 4);
  for (const auto& [name, value] : keystore.entries) {
    put_with_length(text, name, 2);
    put_with_length(text, value, 4);
  }
  const std::string salt = random_bytes(kSaltBytes);
  const std::string iv = random_bytes(kIvBytes);
  std::string data;
  put_with_length(data, salt, 4);
  put_with_length(data, iv, 4);
  put_with_length(data, *crypt(true, derive_key("", salt), iv, salt, text), 4);

  std::string out;
  put(out, kHeaderMagic, 4);
  put_with_length(out, kName, 1);
  put(out, kVersion, 4);
  put(out, 0, 1);
  put_with_length(out, data, 4);
  put(out, kFooterMagic, 4);
  put(out, 0, 4);
  put(out, checksum(out), 8);
  return out;
}

Result<Keystore> read_keystore(const std::string& path, std::string_view password) {
  std::error_code failed;
  const uint64_t bytes = std::filesystem::file_size(path, failed);
  if (!failed && bytes > kKeystoreBytesMax) return unreadable("[" + path + "]: it is too long");
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (failed || !file) return unreadable("cannot read [" + path + "]");
  auto keystore = unseal_keystore(text.view(), password);
  if (!keystore) return unreadable("[" + path + "]: " + keystore.error().reason);
  return keystore;
}

Status write_keystore(const std::string& path, const Keystore& keystore) {
  const std::string bytes = seal_keystore(keystore);
  if (bytes.size() > kKeystoreBytesMax) return unreadable("[" + path + "] would be too long");
  std::string next = path + ".XXXXXX";
  const int file = ::mkstemp(next.data());
  bool good = file >= 0;
  good = good && ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  good = good && ::fchmod(file, 0660) == 0 && ::fsync(file) == 0;
  good = good && ::rename(next.c_str(), path.c_str()) == 0;
  const int why = errno;
  if (file >= 0) ::close(file);
  if (good) return {};
  if (file >= 0) ::unlink(next.c_str());
  return Error(error_types::kIo, "cannot write [" + path + "]: " + std::strerror(why));
}

Keystore new_keystore() { return {.entries = {{"keystore.seed", random_password()}}}; }

}  // namespace stratalog::server
