#include "server/http_server.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <thread>

#include "server/http/content_coding.h"
#include "tests/server/server_fixture.h"

using namespace stratalog;
using namespace stratalog::server;

namespace {

std::string random_text(size_t bytes) {
  std::string text(bytes, '\0');
  uint32_t state = 12345;
  for (char& c : text) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>('!' + (state >> 24) % 90);
  }
  return text;
}

std::string chunked(const std::string& chunks, const std::string& more_headers = {}) {
  return "POST /echo HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n" +
         more_headers + "\r\n" + chunks;
}

}  // namespace

TEST_CASE_METHOD(ServerFixture, "http: an answer carries the headers that clients look for") {
  const TestResponse response = ask(get("/nope", "X-Opaque-Id: abc\r\n"));
  CHECK(response.status == 400);
  CHECK(response.head.find("X-elastic-product: Elasticsearch\r\n") != std::string::npos);
  CHECK(response.head.find("content-type: application/json; charset=UTF-8\r\n") !=
        std::string::npos);
  CHECK(response.head.find("content-length: " + std::to_string(response.body.size()) + "\r\n") !=
        std::string::npos);
  CHECK(response.head.find("X-Opaque-Id: abc\r\n") != std::string::npos);
}

TEST_CASE_METHOD(ServerFixture, "http: bodies of all sizes come through, over TLS and plain") {
  with_tls = GENERATE(true, false);
  const auto connection = client();
  for (const size_t bytes : {0, 1, 16383, 16384, 16385, 65536, 1000000, 9000000}) {
    const std::string body = random_text(bytes);
    const TestResponse response = connection->ask(post("/echo", body));
    CHECK(response.status == 200);
    CHECK((response.body == body));
  }
  CHECK(server().stats().connections_total == 1);
}

TEST_CASE_METHOD(ServerFixture, "http: pipelined requests are answered in order") {
  const auto connection = client();
  std::string all = get("/slow/30");
  for (int i = 0; i < 100; ++i) all += post("/echo", "body " + std::to_string(i));
  all += "HEAD /bytes/7 HTTP/1.1\r\n\r\n\r\n" + get("/bytes/3");
  REQUIRE(connection->send(all));
  CHECK(connection->receive().body == "{\"slow\":true}");
  for (int i = 0; i < 100; ++i) REQUIRE(connection->receive().body == "body " + std::to_string(i));
  CHECK(connection->receive(true).headers["content-length"] == "7");
  CHECK(connection->receive().body == "xxx");
}

TEST_CASE_METHOD(ServerFixture, "http: lines of a head may end with bare line feeds") {
  const auto connection = client();
  CHECK(connection->ask("GET /bytes/3 HTTP/1.1\nHost: x\n\n").body == "xxx");
  CHECK(connection->ask("\nGET /bytes/2 HTTP/1.1\nHost: x\r\n\n").body == "xx");
  CHECK(connection->ask("GET /bytes/1 HTTP/1.1\r\nHost: x\n\r\n").body == "x");
  CHECK(connection
            ->ask("POST /echo HTTP/1.1\nContent-Type: application/json\n"
                  "Content-Length: 4\n\na\n\nb")
            .body == "a\n\nb");
}

TEST_CASE_METHOD(ServerFixture, "http: who is too long is told by which bound") {
  options.content_bytes_max = 10;
  CHECK(ask(post("/echo", "01234567890")).body.find("[http.max_content_length]") !=
        std::string::npos);
}

TEST_CASE_METHOD(ServerFixture, "http: and by memory where that is the least") {
  options.content_bytes_max = options.body_bytes_in_flight_max = 10;
  const std::string body = ask(post("/echo", "01234567890")).body;
  CHECK(body.find("[memory.limit]") != std::string::npos);
  CHECK(body.find("max_content_length") == std::string::npos);
}

TEST_CASE_METHOD(ServerFixture, "http: a request may come byte by byte") {
  with_tls = GENERATE(true, false);
  const auto connection = client();
  for (const char c : post("/echo", "slowly")) REQUIRE(connection->send(std::string(1, c)));
  CHECK(connection->receive().body == "slowly");
  for (const char c : chunked("3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\nT: u\r\n\r\n")) {
    REQUIRE(connection->send(std::string(1, c)));
  }
  CHECK(connection->receive().body == "abcdefgh");
}

TEST_CASE_METHOD(ServerFixture, "http: chunked bodies, also long and pipelined ones") {
  const auto connection = client();
  std::string chunks;
  std::string body;
  for (int i = 0; i < 40; ++i) {
    const std::string part = random_text(100000 + static_cast<size_t>(i));
    char size[16];
    std::snprintf(size, sizeof(size), "%zX\r\n", part.size());
    chunks += size + part + "\r\n";
    body += part;
  }
  chunks += "0\r\n\r\n";
  REQUIRE(connection->send(chunked(chunks) + get("/bytes/2")));
  CHECK((connection->receive().body == body));
  CHECK(connection->receive().body == "xx");
}

TEST_CASE_METHOD(ServerFixture, "http: what is malformed is 400 and ends the connection") {
  const std::string request = GENERATE(
      as<std::string>(), "FOO\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nX : a\r\n\r\n",
      "GET / HTTP/1.1\r\nContent-Length: -3\r\n\r\n",
      "GET / HTTP/1.1\r\nContent-Length: abc\r\n\r\n",
      "POST /echo HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
      "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
      "POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nX: a\x01\r\n\r\n",
      "POST /echo HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\nzz\r\n",
      "POST /echo HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\n1\r\nabc\r\n");
  INFO(request);
  const auto connection = client();
  const TestResponse response = connection->ask(request);
  CHECK(response.status == 400);
  CHECK(response.headers.at("connection") == "close");
  CHECK(response.body.find("\"status\":400") != std::string::npos);
  CHECK(connection->is_closed());
}

TEST_CASE_METHOD(ServerFixture,
                 "http: long lines and headers are refused in Elasticsearch's words") {
  CHECK(ask("GET /" + std::string(5000, 'a') + " HTTP/1.1\r\n\r\n").body ==
        R"({"error":{"root_cause":[{"type":"too_long_frame_exception",)"
        R"("reason":"An HTTP line is larger than 4096 bytes."}],"type":"too_long_frame_exception",)"
        R"("reason":"An HTTP line is larger than 4096 bytes."},"status":400})");
  CHECK(ask("GET / HTTP/1.1\r\nX: " + std::string(9000, 'a') + "\r\n\r\n")
            .body.find("HTTP header is larger than 8192 bytes.") != std::string::npos);
  CHECK(ask(get("/" + std::string(4000, 'a') + "/b/c/d/e")).status == 400);
  CHECK(ask(get("/echo", "X: " + std::string(8100, 'a') + "\r\n")).status == 200);
}

TEST_CASE_METHOD(ServerFixture, "http: a body that is too long is 413, announced or chunked") {
  options.content_bytes_max = 100000;
  const auto connection = client();
  const TestResponse announced = connection->ask(post("/echo", std::string(100001, 'a')));
  CHECK(announced.status == 413);
  CHECK(announced.body.find("[http.max_content_length]") != std::string::npos);
  // The body was thrown away; the connection goes on.
  CHECK(connection->ask(post("/echo", std::string(100000, 'a'))).status == 200);
  CHECK(connection->ask(chunked("186A1\r\n" + std::string(100001, 'a') + "\r\n0\r\n\r\n")).status ==
        413);
  CHECK(connection->ask(get("/bytes/1")).body == "x");
  CHECK(ask("POST /echo HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: "
            "9000000000\r\n\r\nx")
            .status == 413);
}

TEST_CASE_METHOD(ServerFixture, "http: Expect: 100-continue is answered before the body") {
  const auto connection = client();
  REQUIRE(connection->send(
      "POST /echo HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 5\r\n"
      "Expect: 100-continue\r\n\r\n"));
  CHECK(connection->receive().status == 100);
  CHECK(connection->ask("later").body == "later");
  CHECK(ask(get("/echo", "Expect: tea\r\n")).status == 417);
}

TEST_CASE_METHOD(ServerFixture, "http: a refused body is not asked for") {
  options.content_bytes_max = 10;
  const auto connection = client();
  CHECK(connection
            ->ask("POST /echo HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 11\r\n"
                  "Expect: 100-continue\r\n\r\n")
            .status == 413);
  CHECK(connection->is_closed());
}

TEST_CASE_METHOD(ServerFixture, "http: keep-alive, close and HTTP/1.0") {
  const auto closing = client();
  CHECK(closing->ask(get("/bytes/1", "Connection: close\r\n")).headers.at("connection") == "close");
  CHECK(closing->is_closed());
  const auto old = client();
  CHECK(old->ask("GET /bytes/1 HTTP/1.0\r\n\r\n").head.starts_with("HTTP/1.0 200 OK\r\n"));
  CHECK(old->is_closed());
  const auto old_kept = client();
  CHECK(old_kept->ask("GET /bytes/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").status == 200);
  CHECK(old_kept->ask("GET /bytes/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").status == 200);
}

TEST_CASE_METHOD(ServerFixture, "http: HEAD has the length of the body and no body") {
  const auto connection = client();
  const TestResponse response = connection->ask("HEAD /bytes/100000 HTTP/1.1\r\n\r\n");
  CHECK(response.status == 200);
  CHECK(response.headers.at("content-length") == "100000");
  CHECK(connection->ask(get("/bytes/2")).body == "xx");
}

TEST_CASE_METHOD(ServerFixture, "http: compressed bodies are undone, bombs and garbage refused") {
  options.content_bytes_max = 4 << 20;
  const std::string body = random_text(300000);
  const auto connection = client();
  for (const auto& [coding, name] :
       {std::pair{Coding::kGzip, "gzip"}, std::pair{Coding::kDeflate, "deflate"}}) {
    const std::string header = std::string("Content-Encoding: ") + name + "\r\n";
    CHECK((connection->ask(post("/echo", encode_body(coding, body), header)).body == body));
    CHECK(connection->ask(post("/echo", encode_body(coding, std::string(3 << 20, ' ')), header))
              .status == 413);
    CHECK(
        connection->ask(post("/echo", encode_body(coding, random_text(5 << 20)), header)).status ==
        413);
    CHECK(connection->ask(post("/echo", "garbage", header)).status == 400);
    const std::string cut = encode_body(coding, body).substr(0, 1000);
    CHECK(connection->ask(post("/echo", cut, header)).status == 400);
  }
  CHECK(connection->ask(post("/echo", "x", "Content-Encoding: br\r\n")).status == 415);
  CHECK(connection->ask(post("/echo", "x", "Content-Encoding: identity\r\n")).body == "x");
}

TEST_CASE_METHOD(ServerFixture, "http: long answers are compressed for those who ask") {
  const auto connection = client();
  const TestResponse gzip =
      connection->ask(get("/bytes/100000", "Accept-Encoding: gzip, deflate\r\n"));
  CHECK(gzip.headers.at("content-encoding") == "gzip");
  CHECK(gzip.body.size() < 2000);
  CHECK(connection->ask(get("/bytes/100000", "Accept-Encoding: gzip;q=0, deflate\r\n"))
            .headers.at("content-encoding") == "deflate");
  CHECK(connection->ask(get("/bytes/100000", "Accept-Encoding: br\r\n"))
            .headers.count("content-encoding") == 0);
  CHECK(connection->ask(get("/bytes/100", "Accept-Encoding: gzip\r\n"))
            .headers.count("content-encoding") == 0);
  CHECK(connection->ask(get("/bytes/100000")).body.size() == 100000);
}

TEST_CASE_METHOD(ServerFixture, "http: only JSON bodies are taken") {
  CHECK(ask("POST /echo HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx").body ==
        R"({"error":"Content-Type header [text/plain] is not supported","status":406})");
  CHECK(ask("POST /echo HTTP/1.1\r\nContent-Length: 1\r\n\r\nx").body ==
        R"({"error":"Content-Type header [] is not supported","status":406})");
}

TEST_CASE_METHOD(ServerFixture, "http: bodies in flight are bounded, what is over gets one 429") {
  options.body_bytes_in_flight_max = 100000;
  const auto holder = client();
  REQUIRE(holder->send(
      "POST /echo HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\nx"));
  const auto connection = client();
  TestResponse refused;
  for (int i = 0; i < 200 && refused.status != 429; ++i) {
    refused = connection->ask(post("/echo?pretty", std::string(20000, 'a')));
  }
  CHECK(refused.status == 429);
  CHECK(refused.headers.at("retry-after") == "1");
  CHECK(refused.body.find("\"type\" : \"es_rejected_execution_exception\"") != std::string::npos);
  REQUIRE(holder->send(std::string(89999, 'x')));
  CHECK(holder->receive().status == 200);
  CHECK(connection->ask(post("/echo", std::string(20000, 'a'))).status == 200);
}

TEST_CASE_METHOD(ServerFixture, "http: a full queue is 429") {
  options.search_threads = 1;
  options.search_queue_max = 1;
  const auto running = client();
  const auto queued = client();
  const auto refused = client();
  REQUIRE(running->send(get("/held")));
  await_held(1);
  // The one thread that reads queues a request in the step that counts it.
  REQUIRE(queued->send(get("/held")));
  while (server().stats().requests_total < 2) std::this_thread::yield();
  CHECK(refused->ask(get("/held")).status == 429);
  CHECK(refused->ask(post("/echo", "other lanes go on")).status == 200);
  release();
  CHECK(running->receive().status == 200);
  CHECK(queued->receive().status == 200);
}

TEST_CASE_METHOD(ServerFixture, "http: slow clients are cut off, idle ones closed") {
  options.header_timeout_ms = 100;
  options.body_timeout_ms = 100;
  options.idle_timeout_ms = 100;
  options.handshake_timeout_ms = 100;
  const auto idle = client();
  const auto head = client();
  const auto body = client();
  REQUIRE(head->send("GET /echo HTT"));
  REQUIRE(body->send(
      "POST /echo HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\nx"));
  CHECK(head->receive().status == 408);
  CHECK(body->receive().status == 408);
  CHECK(idle->is_closed());
  with_tls = false;
  const TestClient silent(server().port(), "");
  CHECK(silent.connected());
}

TEST_CASE_METHOD(ServerFixture, "http: connections over the bound are closed at once") {
  options.connections_max = 2;
  with_tls = false;
  const auto first = client();
  const auto second = client();
  REQUIRE(first->ask(get("/bytes/1")).status == 200);
  REQUIRE(second->ask(get("/bytes/1")).status == 200);
  const auto third = client();
  CHECK(third->ask(get("/bytes/1")).status == 0);
  CHECK(server().stats().connections_refused == 1);
}

TEST_CASE_METHOD(ServerFixture, "http: stopping finishes what runs and closes what idles") {
  const auto idle = client();
  REQUIRE(idle->ask(get("/bytes/1")).status == 200);
  const auto busy = client();
  REQUIRE(busy->send(get("/held")));
  await_held(1);
  const auto sending = client();
  const std::string late = post("/echo", "came while stopping");
  REQUIRE(sending->send(late.substr(0, late.size() - 5)));
  while (server().stats().requests_total < 3) std::this_thread::yield();
  std::thread stopper([this] { server().stop(60'000); });
  CHECK(idle->is_closed());  // so it is stopping
  release();
  const TestResponse response = busy->receive();
  CHECK(response.status == 200);
  CHECK(response.headers.at("connection") == "close");
  REQUIRE(sending->send(late.substr(late.size() - 5)));
  CHECK(sending->receive().body == "came while stopping");
  stopper.join();
  CHECK(server().stats().connections_open == 0);
  CHECK_FALSE(TestClient(server().port(), "").connected());
}

TEST_CASE_METHOD(ServerFixture, "http: plain text to a TLS port ends the connection") {
  TestClient plain(server().port(), "");
  CHECK(plain.ask(get("/bytes/1")).status == 0);
  CHECK(ask(get("/bytes/1")).status == 200);
}

TEST_CASE_METHOD(ServerFixture, "http: a TLS hello to a plain port is 400") {
  with_tls = false;
  const auto connection = client();
  CHECK(connection
            ->ask(std::string("\x16\x03\x01\x02\x00\x01", 6) + std::string(60, 'x') + "\r\n\r\n")
            .status == 400);
}
