#include "server/authentication.h"

#include <catch2/catch.hpp>
#include <map>
#include <utility>

namespace stratalog::server {
namespace {

// Keeps hashes in memory and counts how often one is asked for: each slow check asks once.
class MemoryStore final : public CredentialStore {
 public:
  Result<std::optional<std::string>> get(std::string_view user) const override {
    ++gets;
    if (broken) return Error(error_types::kIllegalState, "the store can't be read");
    const auto found = hashes.find(std::string(user));
    const auto hash =
        found == hashes.end() ? std::optional<std::string>() : std::optional(found->second);
    if (const auto once = std::exchange(meanwhile, nullptr)) once();
    return hash;
  }
  Status put(std::string_view user, std::string_view hash) override {
    ++puts;
    if (broken) return Error(error_types::kIllegalState, "the store can't be written");
    hashes[std::string(user)] = hash;
    return {};
  }

  std::map<std::string, std::string> hashes;
  mutable std::function<void()> meanwhile;  // runs while the next hash is on its way
  mutable int gets = 0;
  int puts = 0;
  bool broken = false;
};

// A hash of one round in our form: the answers are those of the real one without its cost.
// 16 bytes of 's' as salt, as Python's hashlib.pbkdf2_hmac gives it.
constexpr const char* kQuickHash =
    "{PBKDF2_SHA512}1$c3Nzc3Nzc3Nzc3Nzc3Nzcw==$htq2GNO/kMrQMI2khqTcJJjRgU5NE5H6h9PKZw4tuvk=";
constexpr const char* kQuickPassword = "quick";

api::Request request(std::optional<std::string> authorization) {
  api::Request out;
  out.path = "/_search";
  out.query = "q=a";
  if (authorization) out.headers.emplace_back("Authorization", *authorization);
  return out;
}

std::string basic(std::string_view credentials) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = "Basic ";
  for (size_t i = 0; i < credentials.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) {
      bits = bits << 8 |
             (i + k < credentials.size() ? static_cast<unsigned char>(credentials[i + k]) : 0);
    }
    for (size_t k = 0; k < 4; ++k) {
      const bool there = i + k <= credentials.size();
      out += there ? kLetters[bits >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}

// The refusal's reason; empty when the verdict lets the request in.
std::string refusal(const Authenticator::Verdict& verdict) {
  return verdict.error ? verdict.error->reason : "";
}

struct Login {
  MemoryStore store;
  Authenticator authenticator{store};

  Login() { store.hashes["elastic"] = kQuickHash; }
  bool known(std::string_view credentials) const {
    const auto verdict = authenticator.check_known(request(basic(credentials)));
    return verdict && !verdict->error;
  }
  std::string check(std::string_view credentials) {
    return refusal(authenticator.check(request(basic(credentials))));
  }
};

constexpr const char* kRefused =
    "unable to authenticate user [elastic] for REST request [/_search?q=a]";

}  // namespace

TEST_CASE("authentication: a hash matches its password alone, and no two are alike") {
  const std::string hash = hash_password("secret");
  CHECK(hash.starts_with("{PBKDF2_SHA512}210000$"));
  CHECK(hash.find("secret") == std::string::npos);
  CHECK(password_matches("secret", hash));
  CHECK_FALSE(password_matches("secreT", hash));
  CHECK_FALSE(password_matches("", hash));
  const std::string again = hash_password("secret");
  const auto salt = [](const std::string& text) {
    const size_t first = text.find('$') + 1;
    return text.substr(first, text.find('$', first) - first);
  };
  CHECK(salt(hash) != salt(again));
  CHECK(hash.substr(hash.rfind('$')) != again.substr(again.rfind('$')));
  CHECK(password_matches("secret", again));
}

TEST_CASE("authentication: what is no hash of ours matches nothing") {
  REQUIRE(password_matches(kQuickPassword, kQuickHash));
  const std::string salt = "c3Nzc3Nzc3Nzc3Nzc3Nzcw==";
  const std::string good(kQuickHash);
  const std::string digest = good.substr(good.rfind('$') + 1);
  for (const std::string& bad : {
           std::string(),
           std::string("{PBKDF2_SHA512}"),
           std::string("{PBKDF2_SHA512}1"),
           std::string("{PBKDF2_SHA512}1$"),
           std::string("{PBKDF2_SHA512}1$$"),
           std::string("{PBKDF2_SHA512}$$"),
           "{PBKDF2}1$" + salt + "$" + digest,
           "{PBKDF2_SHA512}0$" + salt + "$" + digest,
           "{PBKDF2_SHA512}-1$" + salt + "$" + digest,
           "{PBKDF2_SHA512}1x$" + salt + "$" + digest,
           "{PBKDF2_SHA512}10000001$" + salt + "$" + digest,
           "{PBKDF2_SHA512}4294967297$" + salt + "$" + digest,
           "{PBKDF2_SHA512}1$" + salt,
           "{PBKDF2_SHA512}1$" + salt + "$",
           "{PBKDF2_SHA512}1$" + salt + "$" + digest.substr(0, 8),
           "{PBKDF2_SHA512}1$" + salt + "$" + digest + "$",
           "{PBKDF2_SHA512}1$not base64$" + digest,
           "{PBKDF2_SHA512}1$" + salt + "$not base64",
           "{PBKDF2_SHA512}2$" + salt + "$" + digest,
       }) {
    CAPTURE(bad);
    CHECK_FALSE(password_matches(kQuickPassword, bad));
    CHECK_FALSE(password_matches("", bad));
  }
}

TEST_CASE("authentication: made-up passwords are long and differ") {
  const std::string password = random_password();
  CHECK(password.size() == 20);
  CHECK(password.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789-_") == std::string::npos);
  CHECK(password != random_password());
}

TEST_CASE("authentication: what was found right is known without the slow hash") {
  Login login;
  CHECK_FALSE(login.known("elastic:quick"));
  CHECK_FALSE(
      login.authenticator.check_known(request(basic("elastic:quick"))).has_value());  // not refused
  CHECK(login.check("elastic:quick").empty());
  CHECK(login.store.gets == 1);
  CHECK(login.known("elastic:quick"));
  CHECK(login.store.gets == 1);
  const auto verdict = login.authenticator.check_known(request(basic("elastic:quick")));
  REQUIRE(verdict.has_value());
  CHECK(verdict->user == "elastic");
}

TEST_CASE("authentication: what was found wrong is refused, whoever is known") {
  Login login;
  REQUIRE(login.check("elastic:quick").empty());
  for (const char* wrong :
       {"elastic:quicker", "elastic:", "elastic:quic", "elastic: quick", "elastic:quick "}) {
    CAPTURE(wrong);
    CHECK_FALSE(login.known(wrong));
    CHECK(login.check(wrong) == kRefused);
    CHECK_FALSE(login.known(wrong));
  }
  CHECK(login.check("other:quick") ==
        "unable to authenticate user [other] for REST request [/_search?q=a]");
  CHECK(login.check("Elastic:quick") ==
        "unable to authenticate user [Elastic] for REST request [/_search?q=a]");
  CHECK_FALSE(login.known("other:quick"));
  CHECK(login.known("elastic:quick"));
}

TEST_CASE("authentication: colons belong to the password, bytes of any kind to both") {
  Login login;
  login.authenticator.expect_password("a:b:");
  CHECK(login.check("elastic:a:b:").empty());
  CHECK(login.check("elastic:a:b") == kRefused);
  CHECK(login.check("\xff:x") ==
        "unable to authenticate user [\xEF\xBF\xBD] for REST request [/_search?q=a]");
}

TEST_CASE("authentication: without credentials nobody is asked for") {
  Login login;
  const std::string missing = "missing authentication credentials for REST request [/_search?q=a]";
  for (const auto& header : std::initializer_list<std::optional<std::string>>{
           std::nullopt, "", "Basic", "Basic ", "Basic   ", "Bearer abc", "ApiKey abc",
           "BasicZWxhc3RpYzpxdWljaw=="}) {
    CAPTURE(header.value_or("none"));
    const auto verdict = login.authenticator.check_known(request(header));
    REQUIRE(verdict.has_value());
    CHECK(refusal(*verdict) == missing);
    CHECK(refusal(login.authenticator.check(request(header))) == missing);
    CHECK(verdict->user.empty());
  }
  CHECK(login.store.gets == 0);
}

TEST_CASE("authentication: a header that can't be read is refused before any hash") {
  Login login;
  struct Case {
    const char* header;
    const char* reason;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"Basic !!!!", "invalid basic authentication header encoding"},
           {"Basic a", "invalid basic authentication header encoding"},
           {"Basic ZWxhc3RpYw", "invalid basic authentication header value"},  // no colon
           {"Basic ====", "invalid basic authentication header value"},
           {"Basic ZWxh c3RpYw==", "invalid basic authentication header encoding"},
       }) {
    CAPTURE(c.header);
    CHECK(refusal(login.authenticator.check(request(c.header))) == c.reason);
  }
  CHECK(login.store.gets == 0);
  const auto huge = login.authenticator.check_known(request("Basic " + std::string(5000, 'A')));
  REQUIRE(huge.has_value());
  CHECK(refusal(*huge) == "invalid basic authentication header value");
}

TEST_CASE("authentication: scheme in any case, blanks before the value, padding or not") {
  Login login;
  for (const char* header : {"Basic ZWxhc3RpYzpxdWljaw==", "basic ZWxhc3RpYzpxdWljaw==",
                             "BASIC  ZWxhc3RpYzpxdWljaw==", "Basic ZWxhc3RpYzpxdWljaw"}) {
    CAPTURE(header);
    CHECK(refusal(login.authenticator.check(request(header))).empty());
  }
}

TEST_CASE("authentication: a refusal carries the challenge") {
  Login login;
  const auto verdict = login.authenticator.check(request(basic("elastic:wrong")));
  REQUIRE(verdict.error.has_value());
  CHECK(verdict.error->type.status == 401);
  CHECK(std::string(verdict.error->type.name) == "security_exception");
  REQUIRE(verdict.error->fields.size() == 1);
  CHECK(verdict.error->fields[0].name == "header");
}

TEST_CASE("authentication: a new password ends the old one, known or not") {
  Login login;
  REQUIRE(login.check("elastic:quick").empty());
  REQUIRE(login.authenticator.set_password("elastic", "new"));
  CHECK_FALSE(login.known("elastic:quick"));
  CHECK(login.check("elastic:quick") == kRefused);
  CHECK(login.check("elastic:new").empty());
  CHECK(login.known("elastic:new"));
  CHECK(password_matches("new", login.store.hashes["elastic"]));
}

TEST_CASE("authentication: a check in flight makes no old password known") {
  Login login;
  login.store.meanwhile = [&] { REQUIRE(login.authenticator.set_password("elastic", "new")); };
  CHECK(login.check("elastic:quick").empty());  // it began before the change
  CHECK_FALSE(login.known("elastic:quick"));
  CHECK(login.check("elastic:quick") == kRefused);
}

TEST_CASE("authentication: an expected password is the only one, before its hash is stored") {
  Login login;
  REQUIRE(login.check("elastic:quick").empty());
  login.authenticator.expect_password("given");
  CHECK_FALSE(login.known("elastic:quick"));
  CHECK(login.check("elastic:quick") == kRefused);
  CHECK(login.check("other:given").starts_with("unable to authenticate user [other]"));
  CHECK(login.check("elastic:given").empty());
  CHECK(login.store.gets == 1);  // of the first check alone
  CHECK(login.store.puts == 0);

  REQUIRE(login.authenticator.confirm_password("given"));
  CHECK(login.store.puts == 1);
  CHECK(password_matches("given", login.store.hashes["elastic"]));
  CHECK(login.check("elastic:given").empty());
  CHECK(login.check("elastic:quick") == kRefused);
}

TEST_CASE("authentication: confirming the password that is stored writes nothing") {
  Login login;
  login.authenticator.expect_password("quick");
  REQUIRE(login.authenticator.confirm_password("quick"));
  CHECK(login.store.puts == 0);
  CHECK(login.store.hashes["elastic"] == kQuickHash);
  CHECK(login.check("elastic:quick").empty());
}

TEST_CASE("authentication: a store that fails is told, and lets nobody in") {
  Login login;
  login.store.broken = true;
  CHECK(login.check("elastic:quick") == "the store can't be read");
  CHECK_FALSE(login.known("elastic:quick"));
  CHECK_FALSE(login.authenticator.set_password("elastic", "new").ok());
  login.authenticator.expect_password("given");
  CHECK_FALSE(login.authenticator.confirm_password("given").ok());
  CHECK(login.check("elastic:given").empty());  // expected all the same
  login.store.broken = false;
  CHECK(login.check("elastic:given").empty());
}

TEST_CASE("authentication: without a stored hash nobody gets in") {
  Login login;
  login.store.hashes.clear();
  CHECK(login.check("elastic:") == kRefused);
  CHECK(login.check("elastic:quick") == kRefused);
}

}  // namespace stratalog::server
