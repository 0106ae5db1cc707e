#include "api/router.h"

#include "query/contexts.h"

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace stratalog;
using namespace stratalog::api;

namespace {

// Says which handler answered and what the router gave it.
Handler echo(std::string name) {
  return [name](const Request& request, Context&) {
    std::string text = name;
    for (const auto& [key, value] : request.path_params) text += " " + key + "=" + value;
    return Response::json("{\"at\":\"" + text + "\",\"more\":[1]}");
  };
}

struct Fixture {
  Router router;
  NodeInfo node;
  char engine_place = 0;
  // No handler here touches the engine.
  query::ContextStore contexts;
  Context context{reinterpret_cast<index::Engine&>(engine_place), node, contexts};

  Fixture() {
    node.node_name = "n";
    node.cluster_name = "c";
    node.cluster_uuid = "u";
    router.add({Method::kGet,
                "/_search",
                echo("search"),
                {"size", "from", "wait_for_status"},
                Lane::kSearch});
    router.add({Method::kPost, "/_search", echo("search"), {}, Lane::kSearch});
    router.add({Method::kPut, "/_bulk", echo("bulk"), {}, Lane::kWrite});
    router.add({Method::kPost, "/_bulk", echo("bulk"), {}, Lane::kWrite});
    router.add({Method::kGet, "/{index}", echo("get index"), {}, Lane::kManagement});
    router.add({Method::kHead, "/{index}", echo("head index"), {}, Lane::kManagement});
    router.add({Method::kPut, "/{index}", echo("create"), {}, Lane::kManagement});
    router.add({Method::kGet, "/{index}/_doc/{id}", echo("get"), {}, Lane::kSearch});
    router.add({Method::kGet, "/{index}/{type}/{id}", echo("typed"), {}, Lane::kSearch});
    router.add({Method::kPost, "/{index}/_doc/{id}/_update", echo("update"), {}, Lane::kWrite});
    router.add({Method::kGet, "/_cat/indices/{index}", echo("cat"), {}, Lane::kManagement});
    router.add({Method::kGet,
                "/_fail",
                [](const Request&, Context&) -> Response { throw std::runtime_error("secret"); },
                {},
                Lane::kManagement});
  }

  Response ask(Method method, std::string uri, std::vector<Header> headers = {}) {
    Request request;
    request.method = method;
    if (method == Method::kOther) request.method_text = "FOO";
    const size_t mark = uri.find('?');
    request.path = uri.substr(0, mark);
    if (mark != std::string::npos) request.query = uri.substr(mark + 1);
    request.headers = std::move(headers);
    return router.dispatch(request, context);
  }
  std::string at(Method method, const std::string& uri) {
    const std::string body = ask(method, uri).body;
    const std::string start = "{\"at\":\"";
    return body.starts_with(start)
               ? body.substr(start.size(), body.find("\",\"more") - start.size())
               : body;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "router: literal segments win, parameters are decoded by segment") {
  CHECK(at(Method::kGet, "/_search") == "search");
  CHECK(at(Method::kGet, "/_search/") == "search");
  CHECK(at(Method::kGet, "/logs") == "get index index=logs");
  CHECK(at(Method::kGet, "/logs//") == "get index index=logs");
  CHECK(at(Method::kGet, "/logs/_doc/a%2Fb+c") == "get index=logs id=a/b+c");
  CHECK(at(Method::kGet, "/logs/x/1") == "typed index=logs type=x id=1");
  CHECK(at(Method::kGet, "/_cat/indices/a%2Cb") == "cat index=a,b");
  CHECK(at(Method::kGet, "/_cat/indices") != "cat");
  CHECK(at(Method::kPost, "/l/_doc/1/_update") == "update index=l id=1");
  CHECK(at(Method::kGet, "/%3Clogs-%7Bnow%2Fd%7D%3E") == "get index index=<logs-{now/d}>");
}

TEST_CASE_METHOD(Fixture, "router: HEAD has its own handler or runs that of GET") {
  CHECK(at(Method::kHead, "/logs") == "head index index=logs");
  CHECK(at(Method::kHead, "/logs/_doc/1") == "get index=logs id=1");
}

TEST_CASE_METHOD(Fixture,
                 "router: a known path with another method is 405 and says which are allowed") {
  const Response put = ask(Method::kPut, "/_search?x=1");
  CHECK(put.status == 405);
  CHECK(
      put.body ==
      R"({"error":"Incorrect HTTP method for uri [/_search?x=1] and method [PUT], allowed: [GET, POST]",)"
      R"("status":405})");
  REQUIRE(put.headers.size() == 1);
  CHECK(put.headers[0].name == "Allow");
  CHECK(put.headers[0].value == "GET,POST");
  CHECK(ask(Method::kOther, "/_bulk").body ==
        R"({"error":"Unexpected http method: FOO, allowed: [PUT, POST]","status":405})");
}

TEST_CASE_METHOD(Fixture, "router: OPTIONS is answered with the allowed methods") {
  const Response response = ask(Method::kOptions, "/logs");
  CHECK(response.status == 200);
  CHECK(response.body.empty());
  CHECK(response.content_type == "text/plain; charset=UTF-8");
  REQUIRE(response.headers.size() == 1);
  CHECK(response.headers[0].value == "GET,PUT,HEAD");
}

TEST_CASE_METHOD(Fixture, "router: an unknown path is 400 without a status member") {
  const Response response = ask(Method::kGet, "/a/b/c/d/e?x=1");
  CHECK(response.status == 400);
  CHECK(response.body ==
        R"({"error":"no handler found for uri [/a/b/c/d/e?x=1] and method [GET]"})");
  CHECK(ask(Method::kGet, "//logs").status == ask(Method::kGet, "/logs").status);
  CHECK(ask(Method::kPost, "/a/b/c/d/e?pretty").body ==
        "{\n  \"error\" : \"no handler found for uri [/a/b/c/d/e?pretty] and method [POST]\"\n}\n");
}

TEST_CASE_METHOD(Fixture, "router: unknown parameters are refused with suggestions") {
  CHECK(ask(Method::kGet, "/_search?pretyt&foo=1&wait_for_statu=y")
            .body.find("\"reason\":\"request [/_search] contains unrecognized parameters: [foo], "
                       "[pretyt] -> did you mean [pretty]?, [wait_for_statu] -> did you mean "
                       "[wait_for_status]?\"") != std::string::npos);
  CHECK(ask(Method::kGet, "/_search?siz=1")
            .body.find("contains unrecognized parameter: [siz] -> did you mean [size]?") !=
        std::string::npos);
  CHECK(ask(Method::kGet, "/_search?size=1&pretty&human&error_trace&format=json").status == 200);
}

TEST_CASE_METHOD(Fixture, "router: bad values of the common parameters are refused") {
  CHECK(
      ask(Method::kGet, "/_search?error_trace=x").body ==
      R"({"error":"Failed to parse value [x] as only [true] or [false] are allowed.","status":400})");
  CHECK(ask(Method::kGet, "/_search?pretty=x").status == 400);
  CHECK(ask(Method::kGet, "/_search?human=x").status == 400);
  CHECK(ask(Method::kGet, "/_search?format=cbor").status == 400);
  CHECK(ask(Method::kGet, "/_search?filter_path=-").status == 400);
  CHECK(ask(Method::kGet, "/logs/_doc/%zz").status == 400);
}

TEST_CASE_METHOD(Fixture, "router: pretty, format, Accept and filter_path shape the answer") {
  CHECK(ask(Method::kGet, "/_search?filter_path=more").body == R"({"more":[1]})");
  CHECK(ask(Method::kGet, "/_search?filter_path=more&pretty").body ==
        "{\n  \"more\" : [\n    1\n  ]\n}\n");
  const Response yaml = ask(Method::kGet, "/_search?format=yaml");
  CHECK(yaml.content_type == "application/yaml");
  CHECK(yaml.body == "---\nat: \"search\"\nmore:\n- 1\n");
  CHECK(ask(Method::kGet, "/_search", {{"accept", "application/yaml"}}).body == yaml.body);
  CHECK(ask(Method::kGet, "/_search?format=json", {{"accept", "application/yaml"}}).body.front() ==
        '{');
}

TEST_CASE_METHOD(Fixture, "router: filter_path does not cut errors") {
  CHECK(ask(Method::kGet, "/_search?nope&filter_path=error.type").body.find("\"reason\"") !=
        std::string::npos);
}

TEST_CASE_METHOD(Fixture, "router: a thrown exception is 500 and does not tell what it was") {
  const Response response = ask(Method::kGet, "/_fail");
  CHECK(response.status == 500);
  CHECK(response.body.find("secret") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "router: the lane is that of the endpoint") {
  Request request;
  request.method = Method::kPost;
  request.path = "/_bulk";
  CHECK(router.lane(request) == Lane::kWrite);
  request.path = "/_search";
  CHECK(router.lane(request) == Lane::kSearch);
  request.path = "/a/b/c/d";
  CHECK(router.lane(request) == Lane::kManagement);
}

TEST_CASE("info page: pretty by default, compact when asked") {
  Fixture fixture;
  Router router;
  add_all_routes(router);
  Request request;
  request.path = "/";
  CHECK(router.dispatch(request, fixture.context)
            .body.starts_with("{\n  \"name\" : \"n\",\n  \"cluster_name\" : \"c\",\n  "
                              "\"cluster_uuid\" : \"u\",\n  \"version\" : {\n"
                              "    \"number\" : \"7.17.3\",\n"));
  request.query = "pretty=false";
  CHECK(router.dispatch(request, fixture.context)
            .body.starts_with(R"({"name":"n","cluster_name":"c",)"));
}
