#include "server/keystore.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "server/keystore_command.h"

namespace stratalog::server {
namespace {

using Words = std::vector<std::string>;

const std::string kMade = TEST_DATA "/keystore/made_by_7.17.3.keystore";
const std::string kWithPassword = TEST_DATA "/keystore/with_password.keystore";

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A folder for one keystore, and commands on it.
class Tool {
 public:
  const std::filesystem::path folder;
  std::string out, err, password;

  Tool()
      : folder(std::filesystem::temp_directory_path() /
               ("keystore-" + std::to_string(std::random_device()()))) {
    std::filesystem::create_directory(folder);
  }
  ~Tool() { std::filesystem::remove_all(folder); }

  std::string path() const { return folder / "elasticsearch.keystore"; }
  int run(const Words& arguments, const std::string& input = {}) {
    std::istringstream in(input);
    std::ostringstream printed, wrong;
    const int code = run_keystore_command({path(), password, arguments}, in, printed, wrong);
    out = printed.str();
    err = wrong.str();
    return code;
  }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
    return folder / name;
  }
};

TEST_CASE("keystore: what Elasticsearch 7.17.3 wrote is read") {
  for (const auto& [path, password] :
       {std::pair(kMade, std::string()), std::pair(kWithPassword, std::string("of the tests"))}) {
    const auto keystore = read_keystore(path, password);
    REQUIRE(keystore);
    CHECK(keystore->entries.size() == 4);
    CHECK(keystore->entries.at("bootstrap.password") == "a password, once");
    CHECK(keystore->entries.at("s3.client.default.access_key") == std::string("bytes\0\xff\n", 8));
    CHECK(keystore->entries.at("xpack.security.http.ssl.secure_key_passphrase") ==
          "schl\xc3\xbcssel");
    CHECK(keystore->has_password == !password.empty());
  }
}

TEST_CASE("keystore: the wrong password and none are refused") {
  const auto none = read_keystore(kWithPassword, "");
  REQUIRE(!none);
  CHECK(none.error().reason.find("KEYSTORE_PASSWORD") != std::string::npos);
  const auto wrong = read_keystore(kWithPassword, "of the test");
  REQUIRE(!wrong);
  CHECK(wrong.error().reason.find("can't be decrypted") != std::string::npos);
}

TEST_CASE("keystore: what is sealed is unsealed") {
  Keystore keystore;
  keystore.entries = {{"a.b", ""}, {"c", std::string(100'000, '\xfe')}, {"d-e_f", "g\nh"}};
  const std::string bytes = seal_keystore(keystore);
  CHECK(bytes != seal_keystore(keystore));  // another salt each time
  const auto again = unseal_keystore(bytes, "");
  REQUIRE(again);
  CHECK(again->entries == keystore.entries);
}

TEST_CASE("keystore: no changed byte and no cut passes") {
  const std::string bytes = content(kMade);
  REQUIRE(bytes.size() == 342);
  for (size_t length = 0; length < bytes.size(); ++length)
    REQUIRE(!unseal_keystore(std::string_view(bytes).substr(0, length), ""));
  REQUIRE(!unseal_keystore(bytes + '\0', ""));
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
    REQUIRE(!unseal_keystore(changed, ""));
  }
}

TEST_CASE("keystore: create, add, list, show, remove") {
  Tool tool;
  CHECK(tool.run({"list"}) == 65);
  CHECK(tool.err.find("Use 'create' command") != std::string::npos);
  REQUIRE(tool.run({"create"}) == 0);
  CHECK(tool.out == "Created elasticsearch keystore in " + tool.path() + "\n");
  struct stat status{};
  REQUIRE(::stat(tool.path().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0660);
  REQUIRE(tool.run({"add", "-x", "bootstrap.password"}, "of the pipe\n") == 0);
  const std::string key = tool.file("key", "1\n2");
  REQUIRE(tool.run({"add-file", "s3.client.default.access_key", key}) == 0);
  REQUIRE(tool.run({"list"}) == 0);
  CHECK(tool.out == "bootstrap.password\nkeystore.seed\ns3.client.default.access_key\n");
  REQUIRE(tool.run({"show", "bootstrap.password"}) == 0);
  CHECK(tool.out == "of the pipe");
  REQUIRE(tool.run({"show", "s3.client.default.access_key"}) == 0);
  CHECK(tool.out == "1\n2");
  REQUIRE(tool.run({"remove", "bootstrap.password"}) == 0);
  CHECK(tool.run({"show", "bootstrap.password"}) == 78);
  CHECK(tool.run({"remove", "bootstrap.password"}) == 78);
  CHECK(tool.run({"has-passwd"}) == 1);
  CHECK(tool.run({"upgrade"}) == 0);
}

TEST_CASE("keystore: what is there is overwritten when asked to") {
  Tool tool;
  REQUIRE(tool.run({"add", "--stdin", "one", "two"}, "1\n2") == 0);  // makes the file too
  CHECK(tool.run({"add", "-x", "one"}, "y\n") == 78);
  REQUIRE(tool.run({"add", "-x", "-f", "one"}, "11\n") == 0);
  REQUIRE(tool.run({"show", "one"}) == 0);
  CHECK(tool.out == "11");
  const std::string file = tool.file("file", "of a file");
  REQUIRE(tool.run({"add-file", "one", file}, "n\n") == 0);
  REQUIRE(tool.run({"add-file", "one", file}) == 0);
  REQUIRE(tool.run({"show", "one"}) == 0);
  CHECK(tool.out == "11");
  REQUIRE(tool.run({"add-file", "one", file}, "y\n") == 0);
  REQUIRE(tool.run({"show", "one"}) == 0);
  CHECK(tool.out == "of a file");
  REQUIRE(tool.run({"create"}, "n\n") == 0);
  CHECK(tool.out.find("Exiting without creating keystore.") != std::string::npos);
  REQUIRE(tool.run({"create"}, "y\n") == 0);
  CHECK(tool.run({"show", "one"}) == 78);
}

TEST_CASE("keystore: a command that can't be done says so and changes nothing") {
  Tool tool;
  REQUIRE(tool.run({"create"}) == 0);
  const std::string before = content(tool.path());
  for (const Words& arguments :
       {Words{}, Words{"nosuch"}, Words{"add"}, Words{"add", "-x", "with space"},
        Words{"add", "-x", ""}, Words{"add-file", "a"}, Words{"passwd"}, Words{"create", "-p"},
        Words{"show"}, Words{"list", "--nosuch"}, Words{"remove"}}) {
    CHECK(tool.run(arguments, "x\n") == 64);
    CHECK(tool.err.starts_with("ERROR: "));
  }
  CHECK(tool.run({"add", "-x", "a.b"}) == 74);  // nothing on standard input
  CHECK(tool.run({"add-file", "a.b", tool.folder / "nosuch"}) == 74);
  CHECK(content(tool.path()) == before);

  // One with a password is read, and never written without it.
  std::filesystem::copy_file(kWithPassword, tool.path(),
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(tool.run({"list"}) == 65);
  tool.password = "of the tests";
  CHECK(tool.run({"has-passwd"}) == 0);
  REQUIRE(tool.run({"show", "bootstrap.password"}) == 0);
  CHECK(tool.out == "a password, once");
  CHECK(tool.run({"add", "-x", "a.b"}, "c\n") == 78);
  CHECK(content(tool.path()) == content(kWithPassword));
}

}  // namespace
}  // namespace stratalog::server
