#include "index/partition/update_body.h"

#include <catch2/catch.hpp>

using namespace stratalog;
using namespace stratalog::index;

TEST_CASE("an update's body is read") {
  const auto body = parse_update_body(
      R"({"doc":{"a":1},"upsert":{"b":2},"detect_noop":false,"doc_as_upsert":"true",)"
      R"("_source":["a"],"if_seq_no":7,"if_primary_term":2})");
  REQUIRE(body.ok());
  CHECK(json::to_string(body->doc) == R"({"a":1})");
  CHECK(json::to_string(body->upsert) == R"({"b":2})");
  CHECK_FALSE(body->detect_noop);
  CHECK(body->doc_as_upsert);
  CHECK(body->wants_source());
  CHECK(body->if_seq_no == 7);
  CHECK(body->if_primary_term == 2);
  CHECK_FALSE(parse_update_body(R"({"doc":{},"_source":false})")->wants_source());
  CHECK(parse_update_body(R"({"script":"x"})")->has_script);
}

TEST_CASE("a wrong update body is refused in Elasticsearch's words") {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"dac":{}})", "[1:2] [UpdateRequest] unknown field [dac] did you mean [doc]?"},
      {R"({"zzz":{}})", "[1:2] [UpdateRequest] unknown field [zzz]"},
      {R"({"doc":1})", "[1:8] [UpdateRequest] doc doesn't support values of type: VALUE_NUMBER"},
      {R"({"doc":{},"doc_as_upsert":"x"})",
       "[1:27] [UpdateRequest] failed to parse field [doc_as_upsert]"},
      {R"({"doc":{},"_source":5})",
       "[1:21] [UpdateRequest] _source doesn't support values of type: VALUE_NUMBER"},
      {"[]", "[1:1] [UpdateRequest] Expected START_OBJECT but was: START_ARRAY"},
  };
  for (const auto& [text, reason] : cases) {
    const auto body = parse_update_body(text);
    REQUIRE_FALSE(body.ok());
    CHECK(body.error().reason == reason);
  }
}

TEST_CASE("updates with a condition can't be upserts or be retried") {
  WriteOp op;
  op.if_seq_no = 1;
  op.retry_on_conflict = 2;
  const auto body = parse_update_body(R"({"doc":{},"doc_as_upsert":true,"upsert":{}})");
  CHECK(update_problems(*body, op) ==
        std::vector<std::string>{"compare and write operations can not be retried",
                                 "compare and write operations can not be used with upsert",
                                 "upsert requests don't support `if_seq_no` and "
                                 "`if_primary_term`"});
  CHECK(update_problems(*body, {}).empty());
  CHECK(update_problems({}, {}) == std::vector<std::string>{"script or doc is missing"});
}
