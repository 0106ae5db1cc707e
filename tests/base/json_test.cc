#include "base/json.h"

#include <catch2/catch.hpp>

#include "base/json_writer.h"

using namespace stratalog;

namespace {
std::string java_double(double v) {
  std::string out;
  json::append_double(out, v);
  return out;
}
}  // namespace

TEST_CASE("json: what was parsed prints the same, members in order") {
  const std::string text =
      R"({"b":[1,-2,3.5,true,false,null,"x\n\u0001é"],"a":{},"c":18446744073709551615})";
  const auto value = json::parse(text);
  REQUIRE(value);
  CHECK(json::to_string(*value) == text);
}

TEST_CASE("json: numbers are read exactly, zeros of any length as zero") {
  struct Case {
    const char* text;
    const char* printed;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"0e-23", "0.0"},
           {"0.00000000000000000000000000", "0.0"},
           {"-0.0e-300", "-0.0"},
           {"0E40", "0.0"},
           {"-0", "0"},
           {"9223372036854775807", "9223372036854775807"},
           {"-9223372036854775808", "-9223372036854775808"},
           {"9223372036854775808", "9223372036854775808"},
           {"18446744073709551615", "18446744073709551615"},
           {"18446744073709551616", "1.8446744073709552E19"},
           {"0.1", "0.1"},
           {"1.7976931348623157e308", "1.7976931348623157E308"},
           {"2.2250738585072014e-308", "2.2250738585072014E-308"},
           {"1e-400", "0.0"},
           {"123456789012345678e-20", "0.0012345678901234567"},
       }) {
    CAPTURE(c.text);
    const auto value = json::parse(c.text);
    REQUIRE(value);
    CHECK(json::to_string(*value) == c.printed);
  }
  for (const char* huge : {"1e309", "-1e309", "1e999999999999"}) {
    CAPTURE(huge);
    const auto value = json::parse(huge);
    REQUIRE_FALSE(value);
    CHECK(value.error().reason.starts_with("Number too big to be stored in double."));
  }
  for (const char* bad : {"01", "1.", ".5", "+1", "1e", "-", "0x1", "NaN", "Infinity"}) {
    CAPTURE(bad);
    CHECK_FALSE(json::parse(bad));
  }
}

TEST_CASE("json: duplicate keys, depth and trailing text are errors that say where") {
  const auto duplicate = json::parse("{\"a\":1,\n\"a\":2}");
  REQUIRE_FALSE(duplicate);
  CHECK(duplicate.error().type == error_types::kJsonParse);
  CHECK(duplicate.error().reason.find("Duplicate field 'a'") != std::string::npos);
  CHECK(duplicate.error().reason.find("line: 2") != std::string::npos);
  CHECK_FALSE(json::parse(std::string(100, '[') + std::string(100, ']')));
  CHECK_FALSE(json::parse("{} x"));
  CHECK_FALSE(json::parse("\xbb{}"));
  CHECK_FALSE(json::parse("\xef{}"));
  CHECK_FALSE(json::parse(std::string_view("{}\0x", 4)));
  CHECK_FALSE(json::parse(std::string_view("{} \0", 4)));
  CHECK_FALSE(json::parse(""));
  CHECK_FALSE(json::parse("\"\xff\""));
}

TEST_CASE("json: doubles print as Java prints them") {
  CHECK(java_double(1) == "1.0");
  CHECK(java_double(0.001) == "0.001");
  CHECK(java_double(0.00012) == "1.2E-4");
  CHECK(java_double(12345678) == "1.2345678E7");
  CHECK(java_double(1234567.5) == "1234567.5");
  CHECK(java_double(-0.0) == "-0.0");
  CHECK(java_double(1e21) == "1.0E21");
}

TEST_CASE("json: objects compare without regard to order") {
  CHECK(*json::parse(R"({"a":1,"b":2})") == *json::parse(R"({"b":2,"a":1})"));
  CHECK_FALSE(*json::parse(R"({"a":1})") == *json::parse(R"({"a":2})"));
  CHECK(json::parse(R"({"a":{"b":{"c":7}}})")->find_path("a.b.c")->as_int() == 7);
}

TEST_CASE("json: each byte is escaped or copied wherever it stands") {
  for (int c = 0; c < 0x80; ++c) {
    std::string alone;
    json::append_escaped(alone, std::string(1, static_cast<char>(c)));
    const std::string shown = alone.substr(1, alone.size() - 2);
    CHECK((shown.size() == 1) == (c >= 0x20 && c != '"' && c != '\\'));
    for (size_t before = 0; before < 18; ++before) {
      for (const size_t after : {0, 7, 8, 17}) {
        std::string text(before, ' ');
        text += static_cast<char>(c);
        text.append(after, '~');
        std::string out;
        json::append_escaped(out, text);
        REQUIRE(out == "\"" + std::string(before, ' ') + shown + std::string(after, '~') + "\"");
      }
    }
  }
}
