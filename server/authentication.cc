#include "server/authentication.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <charconv>
#include <cstring>
#include <vector>

#include "base/clock.h"
#include "base/unicode.h"

namespace stratalog::server {
namespace {

constexpr std::string_view kUser = "elastic";
constexpr std::string_view kScheme = "{PBKDF2_SHA512}";
constexpr uint32_t kRounds = 210'000;
constexpr uint32_t kRoundsMax = 10'000'000;  // a stored hash must not stop the server
constexpr size_t kSaltBytes = 16;
constexpr size_t kHashBytes = 32;
constexpr size_t kKnownMax = 1000;
constexpr size_t kHeaderBytesMax = 4096;

void fill_random(void* to, size_t bytes) {
  ENSURE(RAND_bytes(static_cast<unsigned char*>(to), static_cast<int>(bytes)) == 1);
}

std::string to_base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  out.resize(static_cast<size_t>(EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(out.data()),
      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()))));
  return out;
}

bool is_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    const bool known = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '+' || c == '/';
    if (!known) return false;
  }
  return true;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string padded(text);
  while (padded.ends_with('=')) padded.pop_back();
  const size_t bytes = padded.size() * 3 / 4;
  if (!is_base64(text) || padded.size() % 4 == 1) return std::nullopt;
  padded.append((4 - padded.size() % 4) % 4, '=');
  std::string out(padded.size() / 4 * 3, '\0');
  const int result = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(padded.data()),
                                     static_cast<int>(padded.size()));
  if (result < 0) return std::nullopt;
  out.resize(bytes);
  return out;
}

std::string derive(std::string_view password, std::string_view salt, uint32_t rounds) {
  std::string hash(kHashBytes, '\0');
  const int done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                     reinterpret_cast<const unsigned char*>(salt.data()),
                                     static_cast<int>(salt.size()), static_cast<int>(rounds),
                                     EVP_sha512(), static_cast<int>(hash.size()),
                                     reinterpret_cast<unsigned char*>(hash.data()));
  ENSURE(done == 1);
  return hash;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string uri_of(const api::Request& request) {
  return request.query.empty() ? request.path : request.path + "?" + request.query;
}

// The part of an Authorization header behind a scheme such as "Basic ", or none when it is another
// scheme or empty.
std::optional<std::string_view> part_of(const std::string* header, std::string_view prefix) {
  if (header == nullptr || header->size() <= prefix.size()) return std::nullopt;
  const std::string_view value(*header);
  if (!api::equal_ignoring_case(value.substr(0, prefix.size()), prefix)) return std::nullopt;
  const size_t start = value.find_first_not_of(' ', prefix.size());
  if (start == std::string_view::npos) return std::nullopt;
  return value.substr(start);
}
std::optional<std::string_view> basic_part(const std::string* header) {
  return part_of(header, "Basic ");
}

Error missing_credentials(const api::Request& request) {
  return authentication_error("missing authentication credentials for REST request [" +
                              uri_of(request) + "]");
}

Error refused(const std::string& user, const api::Request& request) {
  return authentication_error("unable to authenticate user [" + user + "] for REST request [" +
                              uri_of(request) + "]");
}

}  // namespace

Error authentication_error(std::string reason) {
  Error error(error_types::kSecurity, std::move(reason));
  error.fields.push_back(
      {"header", R"({"WWW-Authenticate":["Basic realm=\"security\" charset=\"UTF-8\"","ApiKey"]})",
       true});
  return error;
}

std::string hash_password(std::string_view password) {
  std::string salt(kSaltBytes, '\0');
  fill_random(salt.data(), salt.size());
  return std::string(kScheme) + std::to_string(kRounds) + "$" + to_base64(salt) + "$" +
         to_base64(derive(password, salt, kRounds));
}

bool password_matches(std::string_view password, std::string_view hash) {
  if (!hash.starts_with(kScheme)) return false;
  hash.remove_prefix(kScheme.size());
  const size_t first = hash.find('$');
  const size_t second = hash.find('$', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return false;
  uint32_t rounds = 0;
  const auto [at, code] = std::from_chars(hash.data(), hash.data() + first, rounds);
  if (code != std::errc() || at != hash.data() + first || rounds == 0 || rounds > kRoundsMax)
    return false;
  const auto salt = from_base64(hash.substr(first + 1, second - first - 1));
  const auto expected = from_base64(hash.substr(second + 1));
  if (!salt || !expected) return false;
  return equal_in_constant_time(derive(password, *salt, rounds), *expected);
}

std::string random_password() {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";  // 64: no bias
  std::string password(20, '\0');
  fill_random(password.data(), password.size());
  for (char& c : password) c = kLetters[static_cast<unsigned char>(c) % kLetters.size()];
  return password;
}

size_t Authenticator::HashDigest::operator()(const Digest& digest) const {
  size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof(hash));
  return hash;
}

Authenticator::Authenticator(CredentialStore& store, index::security::SecurityService* service)
    : store_(store), service_(service) {
  fill_random(key_.data(), key_.size());
}

Authenticator::Digest Authenticator::digest(std::string_view header) const {
  Digest out;
  unsigned int bytes = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(header.data()), header.size(), out.data(), &bytes);
  return out;
}

// API keys and bearer tokens: their hashes are fast ones.
std::optional<Authenticator::Verdict> Authenticator::check_token(
    const api::Request& request) const {
  if (service_ == nullptr) return std::nullopt;
  const std::string* header = request.header("Authorization");
  const auto key = part_of(header, "ApiKey ");
  const auto token = key ? std::nullopt : part_of(header, "Bearer ");
  if (!key && !token) return std::nullopt;
  index::security::PrincipalPtr principal;
  if ((key ? key : token)->size() <= kHeaderBytesMax) {
    if (token) {
      principal = service_->bearer(*token, wall_clock_ms());
    } else if (const auto decoded = from_base64(*key)) {
      principal = service_->api_key(*decoded, wall_clock_ms());
    }
  }
  if (principal == nullptr) return Verdict{{}, missing_credentials(request)};
  return as_asked(request, std::move(principal));
}

// Whom the request is to run as, if it says so. Whether it may is asked with its action.
Authenticator::Verdict Authenticator::as_asked(const api::Request& request,
                                               index::security::PrincipalPtr principal) const {
  const std::string* as = request.header("es-security-runas-user");
  if (as != nullptr && !as->empty()) principal = service_->run_as(principal, *as);
  return {principal->name, std::nullopt, principal};
}

Authenticator::Verdict Authenticator::accept(const api::Request& request, std::string user) const {
  if (service_ == nullptr) return {std::move(user), std::nullopt};
  index::security::PrincipalPtr principal = service_->user(user);
  if (principal == nullptr) return {{}, refused(user, request), nullptr, user};
  return as_asked(request, std::move(principal));
}

std::optional<Authenticator::Verdict> Authenticator::check_known(
    const api::Request& request) const {
  if (auto by_token = check_token(request)) return by_token;
  const auto basic = basic_part(request.header("Authorization"));
  if (!basic) return Verdict{{}, missing_credentials(request)};
  if (basic->size() > kHeaderBytesMax) {
    return Verdict{{}, authentication_error("invalid basic authentication header value")};
  }
  const Digest key = digest(*basic);
  std::string user, hash;
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(key);
    if (found == known_.end()) return std::nullopt;
    user = found->second.user;
    hash = found->second.hash;
  }
  // Another password since, or the user is gone: the slow check tells.
  if (service_ != nullptr && service_->password_hash(user) != hash) return std::nullopt;
  return accept(request, std::move(user));
}

Authenticator::Verdict Authenticator::check(const api::Request& request) {
  // Found while this one waited: connections that are opened together pay one slow hash.
  if (auto known = check_known(request)) return *std::move(known);
  const auto basic = basic_part(request.header("Authorization"));
  if (!basic) return {{}, missing_credentials(request)};
  const auto decoded = from_base64(*basic);
  if (!decoded) return {{}, authentication_error("invalid basic authentication header encoding")};
  const size_t colon = decoded->find(':');
  if (colon == std::string::npos) {
    return {{}, authentication_error("invalid basic authentication header value")};
  }
  const std::string user = repair_utf8(decoded->substr(0, colon));
  const std::string_view password = std::string_view(*decoded).substr(colon + 1);

  uint64_t generation = 0;
  std::optional<Digest> expected;
  {
    const std::lock_guard lock(mutex_);
    generation = generation_;
    expected = expected_;
  }
  const bool only_user = service_ == nullptr;
  if (expected && (only_user || user == kUser)) {
    const Digest given = digest(to_base64(*decoded));
    if (CRYPTO_memcmp(given.data(), expected->data(), given.size()) == 0)
      return accept(request, user);
    return {{}, refused(user, request), nullptr, user};
  }
  auto hash = store_.get(only_user ? kUser : std::string_view(user));
  if (!hash) return {{}, hash.error()};
  const bool there = hash->has_value();
  if (!there && !only_user) {
    hash = store_.get(kUser);
    if (!hash) return {{}, hash.error()};
  }
  // Another user's name costs the same time as a wrong password.
  const bool matches = hash->has_value() && password_matches(password, **hash);
  if (!matches || !there || (only_user && user != kUser)) {
    return {{}, refused(user, request), nullptr, user};
  }
  const Digest key = digest(*basic);
  {
    const std::lock_guard lock(mutex_);
    if (generation == generation_) {
      if (known_.size() >= kKnownMax) known_.clear();
      known_[key] = {user, **hash};
    }
  }
  return accept(request, user);
}

Status Authenticator::set_password(std::string_view user, std::string_view password) {
  RETURN_IF_ERROR(store_.put(user, hash_password(password)));
  const std::lock_guard lock(mutex_);
  ++generation_;
  known_.clear();
  expected_.reset();
  return {};
}

void Authenticator::expect_password(std::string_view password) {
  const Digest credentials = digest(to_base64(std::string(kUser) + ":" + std::string(password)));
  const std::lock_guard lock(mutex_);
  ++generation_;
  known_.clear();
  expected_ = credentials;
}

Status Authenticator::confirm_password(std::string_view password) {
  ASSIGN_OR_RETURN(const std::optional<std::string> hash, store_.get(kUser));
  if (!hash || !password_matches(password, *hash))
    RETURN_IF_ERROR(store_.put(kUser, hash_password(password)));
  ASSIGN_OR_RETURN(const std::optional<std::string> stored, store_.get(kUser));
  const std::lock_guard lock(mutex_);
  if (expected_ && stored) known_[*expected_] = {std::string(kUser), *stored};
  expected_.reset();
  return {};
}

}  // namespace stratalog::server
