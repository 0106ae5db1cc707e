#include "index/document/json_problem.h"

#include <catch2/catch.hpp>

#include "tests/index/document/document_fixture.h"

namespace stratalog::index {

TEST_CASE("document: a text that is not JSON is described as Elasticsearch does") {
  struct Case {
    std::string_view source;
    std::string_view cause;
    int column;  // 0: none
  };
  const std::string_view wish =
      "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
  const std::string token_wish = "': was expecting " + std::string(wish);
  const std::string marker =
      " (start marker at [Source: (ByteArrayInputStream); line: 1, column: 1])";
  const std::string nul = "json_parse_exception: Unrecognized token 'nul" + token_wish;
  const std::string truex = "json_parse_exception: Unrecognized token 'truex" + token_wish;
  const std::string open =
      "json_e_o_f_exception: Unexpected end-of-input: expected close marker for Object" + marker;
  const std::string dot =
      "json_parse_exception: Unexpected character ('.' (code 46)): expected a valid value " +
      std::string(wish);
  const Case cases[] = {
      {"",
       "not_x_content_exception: Compressor detection can only be called on some xcontent bytes or "
       "compressed xcontent bytes",
       0},
      {"[{\"a\":1}]",
       "not_x_content_exception: Compressor detection can only be called on some xcontent bytes or "
       "compressed xcontent bytes",
       0},
      {"{", open, 2},
      {"{\"a\"", "json_e_o_f_exception: Unexpected end-of-input within/between Object entries", 5},
      {"{\"a\":", "json_e_o_f_exception: Unexpected end-of-input within/between Object entries", 6},
      {"{\"a\":1", open, 7},
      {"{\"a\":1,}",
       "json_parse_exception: Unexpected character ('}' (code 125)): was expecting double-quote to "
       "start field name",
       9},
      {"{\"a\" 1}",
       "json_parse_exception: Unexpected character ('1' (code 49)): was expecting a colon to "
       "separate field name and value",
       7},
      {"{a:1}",
       "json_parse_exception: Unexpected character ('a' (code 97)): was expecting double-quote to "
       "start field name",
       3},
      {"{\"a\":01}", "json_parse_exception: Invalid numeric value: Leading zeroes not allowed", 7},
      {"{\"a\":1.}",
       "json_parse_exception: Unexpected character ('}' (code 125)) in numeric value: Decimal "
       "point not followed by a digit",
       9},
      {"{\"a\":.5}", dot, 7},
      {"{\"a\":-}",
       "json_parse_exception: Unexpected character ('}' (code 125)) in numeric value: expected "
       "digit (0-9) to follow minus sign, for valid numeric value",
       8},
      {"{\"a\":1e}",
       "json_parse_exception: Unexpected character ('}' (code 125)) in numeric value: Exponent "
       "indicator not followed by a digit",
       9},
      {"{\"a\":nul}", nul, 10},
      {"{\"a\":truex}", truex, 12},
      {"{\"a\":\"\\x\"}", "json_parse_exception: Unrecognized character escape 'x' (code 120)", 9},
      {"{\"a\":\"\\u12\"}",
       "json_parse_exception: Unexpected character ('\"' (code 34)): expected a hex-digit for "
       "character escape sequence",
       12},
      {"{\"a\":\"x\ny\"}",
       "json_parse_exception: Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped "
       "using backslash to be included in string value",
       9},
      {"{\"a\":\"x}", "json_e_o_f_exception: Unexpected end-of-input in VALUE_STRING", 9},
      {"{\"a\":1}{\"b\":2}",
       "illegal_argument_exception: Malformed content, found extra data after parsing: "
       "START_OBJECT",
       0},
      {"{\"a\":[1,]}",
       "json_parse_exception: Unexpected character (']' (code 93)): expected a value", 10},
      {"{\"a\":[1 2]}",
       "json_parse_exception: Unexpected character ('2' (code 50)): was expecting comma to "
       "separate Array entries",
       10},
      {"{\"a\":1 \"b\":2}",
       "json_parse_exception: Unexpected character ('\"' (code 34)): was expecting comma to "
       "separate Object entries",
       9},
      {"{\"a\":1,\"a\":2}", "json_parse_exception: Duplicate field 'a'", 11},
      {"{\"a\":{\"b\":1,\"b\":2}}", "json_parse_exception: Duplicate field 'b'", 16},
  };
  for (const Case& c : cases) {
    INFO(c.source);
    DocumentFixture documents;
    std::string expected = "mapper_parsing_exception: failed to parse <- " + std::string(c.cause);
    if (c.column > 0)
      expected +=
          "\n at [Source: (ByteArrayInputStream); line: 1, column: " + std::to_string(c.column) +
          "]";
    CHECK(documents.parse(c.source) == expected);
  }
}

TEST_CASE("document: bytes that are no UTF-8 are refused") {
  DocumentFixture documents;
  CHECK(
      documents.parse("{\"a\":\"\xC3\x28\"}")
          .starts_with(
              "mapper_parsing_exception: failed to parse <- json_parse_exception: Invalid UTF-8"));
}

}  // namespace stratalog::index
