// Stories about routing and types: one id on several virtual shards, and the one type of an index.
#include "tests/index/engine/engine_fixture.h"

using namespace stratalog;
using namespace stratalog::index;
using namespace stratalog::index::test;
using Outcome = WriteResult::Kind;

namespace {

// With 5 shards and 5 routing shards these lead to different ones.
constexpr const char* kShards = R"({"number_of_shards":5,"number_of_routing_shards":5})";

struct RoutingFixture : EngineFixture {
  WriteResult put(const std::string& id, const char* routing, std::string_view source,
                  OpType type = OpType::kIndex) {
    WriteOp op;
    op.type = type;
    op.index = "i";
    op.id = id;
    if (routing != nullptr) op.routing = routing;
    return run(op, source);
  }
  std::string get(const std::string& id, const char* routing, bool realtime = true) {
    GetOp op;
    op.index = "i";
    op.id = id;
    if (routing != nullptr) op.routing = routing;
    op.realtime = realtime;
    auto found = engine().get(op);
    return found ? found->source : found.error().reason;
  }
  WriteResult typed(const std::string& type, const std::string& id, OpType op_type) {
    WriteOp op;
    op.type = op_type;
    op.index = "t";
    op.doc_type = type;
    op.id = id;
    return run(op, op_type == OpType::kDelete ? "" : "{}");
  }
};

}  // namespace

TEST_CASE_METHOD(RoutingFixture, "one id with two routings is two documents, wherever they are") {
  create("i", kShards);
  CHECK(put("1", "5", R"({"n":5})").kind == Outcome::kCreated);
  CHECK(put("1", nullptr, R"({"n":0})").kind == Outcome::kCreated);
  const auto check = [&] {
    CHECK(get("1", "5") == R"({"n":5})");
    CHECK(get("1", nullptr) == R"({"n":0})");
    CHECK(get("1", "4") == "");
    CHECK(put("1", "4", "", OpType::kDelete).kind == Outcome::kNotFound);
  };
  check();
  SECTION("after a seal") {
    REQUIRE(engine().flush("i").ok());
    check();
    CHECK(get("1", "5", false) == R"({"n":5})");
    CHECK(get("1", "4", false) == "");
  }
  SECTION("after a merge") {
    REQUIRE(engine().flush("i").ok());
    put("2", nullptr, "{}");
    REQUIRE(engine().force_merge("i", 1, false).ok());
    check();
  }
  SECTION("after the log was replayed") {
    reopen();
    check();
  }
  CHECK(put("1", "5", R"({"n":6})").version == 2);
  CHECK(get("1", nullptr) == R"({"n":0})");
  CHECK(put("1", nullptr, "", OpType::kDelete).kind == Outcome::kDeleted);
  CHECK(get("1", nullptr) == "");
  CHECK(get("1", "5") == R"({"n":6})");
  reopen();
  CHECK(get("1", nullptr) == "");
  CHECK(get("1", "5") == R"({"n":6})");
}

TEST_CASE_METHOD(RoutingFixture, "a refresh for a write shows the shards that it wrote to") {
  create("i", R"({"number_of_shards":5,"number_of_routing_shards":5,"refresh_interval":"-1"})");
  put("1", nullptr, R"({"n":1})");
  put("3", nullptr, R"({"n":3})");
  CHECK(refreshed("i") == 2);
  put("1", nullptr, R"({"n":11})");
  put("1", "5", R"({"n":15})");
  WriteOp remove;
  remove.type = OpType::kDelete;
  remove.index = "i";
  remove.id = "3";
  REQUIRE(engine().write(std::span(&remove, 1), {.refresh = RefreshPolicy::kTrue}).ok());
  CHECK(visible("i") == 1);
  CHECK(get("1", nullptr, false) == R"({"n":1})");
  CHECK(get("1", "5", false) == "");
  CHECK(get("1", nullptr) == R"({"n":11})");
  CHECK(refreshed("i") == 2);
  CHECK(get("1", nullptr, false) == R"({"n":11})");
}

TEST_CASE_METHOD(RoutingFixture,
                 "documents of an index that requires routing are not found without") {
  create("i", kShards, R"({"_routing":{"required":true}})");
  CHECK(put("1", nullptr, "{}").error->reason == "routing is required for [i]/[_doc]/[1]");
  CHECK(get("1", nullptr) == "routing is required for [i]/[_doc]/[1]");
  CHECK_FALSE(put("1", "5", R"({"n":5})").error);
  CHECK(get("1", "5") == R"({"n":5})");
}

TEST_CASE_METHOD(RoutingFixture, "the first operation settles the type of an index, durably") {
  create("t");
  CHECK(typed("foo", "1", OpType::kDelete).kind == Outcome::kNotFound);
  reopen();
  CHECK(engine().state()->find("t")->mapping->type() == "foo");
  CHECK(typed("bar", "1", OpType::kIndex).error->reason ==
        "Invalid type: expecting [foo] but got [bar]");
  CHECK_FALSE(typed("_doc", "1", OpType::kIndex).error);
  CHECK_FALSE(typed("", "2", OpType::kIndex).error);
  GetOp op;
  op.index = "t";
  op.id = "1";
  CHECK(engine().get(op)->type == "foo");
  op.doc_type = "bar";
  CHECK_FALSE(engine().get(op)->found);
}

TEST_CASE_METHOD(RoutingFixture, "where conflicts are accepted a line of another type is too") {
  create("t", R"({"mapping.conflicts":"accept"})");
  CHECK_FALSE(typed("_doc", "1", OpType::kIndex).error);
  CHECK_FALSE(typed("flb_type", "2", OpType::kIndex).error);
  CHECK(typed("_serach", "3", OpType::kIndex).error);
}

TEST_CASE_METHOD(RoutingFixture, "an index without source gives none and can't be updated") {
  create("i", "{}", R"({"_source":{"enabled":false}})");
  put("1", nullptr, R"({"n":1})");
  CHECK(get("1", nullptr) == "");
  WriteOp op;
  op.type = OpType::kUpdate;
  op.index = "i";
  op.id = "1";
  CHECK(run(op, R"({"doc":{}})").error->reason == "[_doc][1]: document source missing");
}
