#include "api/http.h"

#include <catch2/catch.hpp>

using namespace stratalog;
using namespace stratalog::api;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs parsed(std::string_view query) {
  const auto params = QueryParams::parse(query);
  REQUIRE(params);
  return params->all();
}

}  // namespace

TEST_CASE("query string: names and values are decoded, the last of a name wins") {
  CHECK(parsed("").empty());
  CHECK(parsed("pretty") == Pairs{{"pretty", ""}});
  CHECK(parsed("a=1&b=x%20y+z&a=2") == Pairs{{"a", "2"}, {"b", "x y z"}});
  CHECK(parsed("a;b=1") == Pairs{{"a", ""}, {"b", "1"}});
  CHECK(parsed("&&=&a=") == Pairs{{"a", ""}});
  CHECK(parsed("=v") == Pairs{{"v", ""}});
  CHECK(parsed("q=a=b") == Pairs{{"q", "a=b"}});
  CHECK(parsed("q=100%%") == Pairs{{"q", "100%"}});
  CHECK(parsed("q=%ff") == Pairs{{"q", "\xEF\xBF\xBD"}});
}

TEST_CASE("query string: broken escapes are errors in Elasticsearch's words") {
  const auto params = QueryParams::parse("x=%zz");
  REQUIRE_FALSE(params);
  CHECK(
      error_response(params.error()).body ==
      R"({"error":{"root_cause":[{"type":"bad_parameter_exception","reason":)"
      R"("java.lang.IllegalArgumentException: invalid escape sequence `%zz' at index 0 of: %zz"}],)"
      R"("type":"bad_parameter_exception","reason":)"
      R"("java.lang.IllegalArgumentException: invalid escape sequence `%zz' at index 0 of: %zz",)"
      R"("caused_by":{"type":"illegal_argument_exception","reason":)"
      R"("invalid escape sequence `%zz' at index 0 of: %zz"}},"status":400})");
  CHECK_FALSE(QueryParams::parse("x=%"));
  CHECK_FALSE(QueryParams::parse("x=%1"));
}

TEST_CASE("query string: booleans and integers") {
  const auto params =
      QueryParams::parse("t=true&f=false&e=&x=yes&n=12&m=-3&big=99999999999&p=%2B7");
  REQUIRE(params);
  CHECK(*params->get_bool("t", false));
  CHECK_FALSE(*params->get_bool("f", true));
  CHECK(*params->get_bool("e", false));
  CHECK(*params->get_bool("absent", true));
  CHECK(params->get_bool("x", true).error().reason ==
        "Failed to parse value [yes] as only [true] or [false] are allowed.");
  CHECK(**params->get_int("n") == 12);
  CHECK(**params->get_int("m") == -3);
  CHECK(**params->get_int("p") == 7);
  CHECK_FALSE(params->get_int("absent")->has_value());
  CHECK(params->get_int("t").error().reason ==
        "Failed to parse int parameter [t] with value [true]");
  CHECK(params->get_int("t").error().caused_by->reason == "For input string: \"true\"");
  CHECK_FALSE(params->get_int("e"));
  CHECK_FALSE(params->get_int("big"));
}

TEST_CASE("headers are found in any case") {
  Request request;
  request.headers = {{"Content-Type", "a"}, {"X-Opaque-Id", "b"}};
  REQUIRE(request.header("content-type"));
  CHECK(*request.header("content-type") == "a");
  CHECK(*request.header("X-OPAQUE-ID") == "b");
  CHECK(request.header("Accept") == nullptr);
}

TEST_CASE("errors: fields follow the reason, root causes have no cause") {
  const Error error = Error(error_types::kIndexNotFound, "no such index [x]")
                          .with("resource.id", "x")
                          .with_number("line", 3)
                          .because(Error(error_types::kIllegalArgument, "y"));
  CHECK(error_response(error).status == 404);
  CHECK(error_response(error).is_error);
  CHECK(
      error_response(error).body ==
      R"({"error":{"root_cause":[{"type":"index_not_found_exception","reason":"no such index [x]",)"
      R"("resource.id":"x","line":3}],"type":"index_not_found_exception","reason":"no such index [x]",)"
      R"("resource.id":"x","line":3,"caused_by":{"type":"illegal_argument_exception","reason":"y"}},)"
      R"("status":404})");
  std::string cause;
  append_cause(cause, error);
  CHECK(cause ==
        R"({"type":"index_not_found_exception","reason":"no such index [x]","resource.id":"x",)"
        R"("line":3,"caused_by":{"type":"illegal_argument_exception","reason":"y"}})");
}
