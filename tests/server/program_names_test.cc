#include "server/program_names.h"

#include <catch2/catch.hpp>

namespace stratalog::server {
namespace {

using Words = std::vector<std::string>;

CommandLine line_of(const std::string& program, const Words& arguments) {
  auto line = command_line_of_program(program, arguments);
  INFO((line ? std::string() : line.error().reason));
  REQUIRE(line);
  REQUIRE(line->has_value());
  return **line;
}
std::string refusal(const std::string& program, const Words& arguments) {
  const auto line = command_line_of_program(program, arguments);
  REQUIRE(!line);
  return line.error().reason;
}

TEST_CASE("program names: our own name means what it says") {
  for (const char* name : {"stratalog", "/usr/bin/stratalog", "", "elastic"}) {
    const auto line = command_line_of_program(name, {"serve"});
    REQUIRE(line);
    CHECK(!line->has_value());
  }
}

TEST_CASE("program names: the entrypoint starts the server, or what it is given") {
  const std::string entry = "/usr/local/bin/docker-entrypoint.sh";
  CHECK(line_of(entry, {}).arguments == Words{"serve"});
  CHECK(line_of(entry, {"eswrapper"}).arguments == Words{"serve"});
  CHECK(line_of(entry, {"-Ehttp.port=1", "-E", "node.name=x"}).arguments ==
        Words{"serve", "-E", "http.port=1", "-E", "node.name=x"});
  CHECK(line_of(entry, {"elasticsearch", "-q"}).arguments == Words{"serve"});
  CHECK(line_of(entry, {"verify"}).arguments == Words{"verify"});
  CHECK(line_of(entry, {"elasticsearch-keystore", "list"}).arguments == Words{"keystore", "list"});
  const CommandLine other = line_of(entry, {"bash", "-c", "true"});
  CHECK(other.other_program);
  CHECK(other.arguments == Words{"bash", "-c", "true"});
  CHECK(!line_of(entry, {}).other_program);
}

TEST_CASE("program names: elasticsearch") {
  CHECK(line_of("/usr/share/elasticsearch/bin/elasticsearch", {"--version"}).arguments ==
        Words{"version"});
  CHECK(refusal("elasticsearch", {"-d"}).find("foreground") != std::string::npos);
  CHECK(refusal("elasticsearch", {"-p", "pid"}).find("[-p]") != std::string::npos);
}

TEST_CASE("program names: elasticsearch-reset-password") {
  const std::string name = "elasticsearch-reset-password";
  CHECK(line_of(name, {"-u", "elastic", "-b"}).arguments == Words{"reset-password"});
  CHECK(line_of(name, {"-u", "elastic", "-b"}).label.ends_with("\nNew value: "));
  CHECK(line_of(name, {"--username=elastic", "-s", "-a"}).label.empty());
  CHECK(line_of(name, {"-u", "elastic", "-i"}).arguments ==
        Words{"reset-password", "--interactive"});
  CHECK(refusal(name, {"-u", "kibana_system"}).find("[kibana_system]") != std::string::npos);
  CHECK(refusal(name, {"-b"}).find("-u is missing") != std::string::npos);
  CHECK(refusal(name, {"-u", "elastic", "--url", "x"}).find("[--url]") != std::string::npos);
}

TEST_CASE("program names: what has no counterpart says what to do") {
  CHECK(refusal("elasticsearch-certutil", {"ca"}).find("http.ssl") != std::string::npos);
  CHECK(refusal("/x/elasticsearch-users", {}).find("is not part of") != std::string::npos);
  CHECK(line_of("elasticsearch-plugin", {"list"}).arguments.empty());
  CHECK(refusal("elasticsearch-plugin", {"install", "x"}).find("no plugins") != std::string::npos);
}

}  // namespace
}  // namespace stratalog::server
