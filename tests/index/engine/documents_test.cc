// Stories about documents: versions, conflicts, updates, visibility, and what survives.
#include <deque>

#include "index/auto_id.h"
#include "tests/index/engine/engine_fixture.h"

using namespace stratalog;
using namespace stratalog::index;
using namespace stratalog::index::test;
using Outcome = WriteResult::Kind;

TEST_CASE_METHOD(EngineFixture, "a document is written, read, replaced and deleted") {
  WriteResult result = index("i", "1", R"({"a":1})");
  CHECK(result.kind == Outcome::kCreated);
  CHECK(result.index == "i");
  CHECK(result.version == 1);
  CHECK(result.seq_no == 0);
  CHECK(result.primary_term == 1);
  CHECK(source("i", "1") == R"({"a":1})");

  result = index("i", "1", R"({"a": 2})");
  CHECK(result.kind == Outcome::kUpdated);
  CHECK(result.version == 2);
  CHECK(result.seq_no == 1);
  CHECK(source("i", "1") == R"({"a": 2})");

  result = remove("i", "1");
  CHECK(result.kind == Outcome::kDeleted);
  CHECK(result.version == 3);
  CHECK(source("i", "1") == "");
  CHECK(remove("i", "1").kind == Outcome::kNotFound);
  CHECK(create_doc("i", "1", "{}").version == 5);
}

TEST_CASE_METHOD(EngineFixture, "automatic ids are found again, also after sealing and reopening") {
  const WriteResult first = index("i", "", R"({"n":1})");
  const WriteResult second = index("i", "", R"({"n":2})");
  CHECK(first.id.size() == 20);
  CHECK(first.id != second.id);
  CHECK(source("i", first.id) == R"({"n":1})");
  REQUIRE(engine().flush("i").ok());
  CHECK(source("i", second.id) == R"({"n":2})");
  reopen();
  const WriteResult third = index("i", "", R"({"n":3})");
  CHECK(decode_auto_id(third.id)->prefix != decode_auto_id(first.id)->prefix);
  CHECK(third.primary_term == 2);
  CHECK(source("i", first.id) == R"({"n":1})");
  CHECK(source("i", third.id) == R"({"n":3})");

  SECTION("and can be replaced and deleted like others") {
    CHECK(index("i", first.id, R"({"n":11})").kind == Outcome::kUpdated);
    CHECK(index("i", third.id, R"({"n":33})").version == 2);
    CHECK(remove("i", second.id).kind == Outcome::kDeleted);
    REQUIRE(engine().flush("i").ok());
    reopen();
    CHECK(source("i", first.id) == R"({"n":11})");
    CHECK(source("i", second.id) == "");
    CHECK(source("i", third.id) == R"({"n":33})");
    CHECK(visible("i") == 2);
  }
  SECTION("a client's id that looks like one to come does not meet it later") {
    AutoId next = *decode_auto_id(third.id);
    ++next.seq_no;
    CHECK(index("i", encode_auto_id(next), "{}").kind == Outcome::kCreated);
    for (int i = 0; i < 3; ++i) CHECK(index("i", "", "{}").kind == Outcome::kCreated);
    CHECK(engine().refresh("i").ok());
    CHECK(visible("i") == 7);
  }
}

TEST_CASE_METHOD(EngineFixture, "conflicts are told in Elasticsearch's words") {
  index("i", "1", R"({"a":1})");
  const auto reason = [&](WriteOp op) {
    op.index = "i";
    if (op.id.empty()) op.id = "1";
    const WriteResult result = run(op, op.type == OpType::kDelete ? "" : "{}");
    return result.error ? result.error->reason : "";
  };
  WriteOp op;
  op.type = OpType::kCreate;
  CHECK(reason(op) == "[1]: version conflict, document already exists (current version [1])");
  op.type = OpType::kIndex;
  op.if_seq_no = 5;
  op.if_primary_term = 1;
  CHECK(reason(op) ==
        "[1]: version conflict, required seqNo [5], primary term [1]. current document has seqNo "
        "[0] and primary term [1]");
  op.id = "9";
  CHECK(reason(op) ==
        "[9]: version conflict, required seqNo [5], primary term [1]. but no document was found");
  op = {};
  op.id = "e";
  op.version = 5;
  op.version_type = VersionType::kExternal;
  CHECK(reason(op) == "");
  CHECK(reason(op) ==
        "[e]: version conflict, current version [5] is higher or equal to the one provided [5]");
  op.version_type = VersionType::kExternalGte;
  CHECK(reason(op) == "");
  op.version = 4;
  CHECK(reason(op) ==
        "[e]: version conflict, current version [5] is higher than the one provided [4]");
  op.type = OpType::kDelete;
  op.version = 7;
  op.version_type = VersionType::kExternal;
  CHECK(reason(op) == "");
  op.type = OpType::kIndex;
  CHECK(reason(op) ==
        "[e]: version conflict, current version [7] is higher or equal to the one provided [7]");

  const WriteResult result = create_doc("i", "1", "{}");
  REQUIRE(result.error);
  CHECK(result.error->type == error_types::kVersionConflict);
  CHECK(result.error->fields[0].name == "index_uuid");
  CHECK(result.error->fields[1].name == "shard");
  CHECK(result.error->fields[1].value == "0");
  CHECK(result.error->fields[2].value == "i");
}

TEST_CASE_METHOD(EngineFixture,
                 "several operations on one id in one request take effect in order") {
  const Padded one(R"({"v":1})"), two(R"({"v":2})"), partial(R"({"doc":{"w":3}})"), bad("{\"v\":");
  std::vector<WriteOp> ops(7);
  for (WriteOp& op : ops) {
    op.index = "i";
    op.id = "x";
  }
  ops[0].type = OpType::kCreate;
  ops[0].source = one.view();
  ops[1].type = OpType::kCreate;
  ops[1].source = two.view();
  ops[2].source = two.view();
  ops[3].type = OpType::kUpdate;
  ops[3].source = partial.view();
  ops[4].type = OpType::kDelete;
  ops[5].source = bad.view();
  ops[6].source = one.view();
  auto results = engine().write(ops, {});
  REQUIRE(results.ok());
  CHECK((*results)[0].kind == Outcome::kCreated);
  CHECK((*results)[1].error);
  CHECK((*results)[2].version == 2);
  CHECK((*results)[3].kind == Outcome::kUpdated);
  CHECK((*results)[3].version == 3);
  CHECK((*results)[4].kind == Outcome::kDeleted);
  REQUIRE((*results)[5].error);
  CHECK((*results)[5].error->type == error_types::kMapperParsing);
  CHECK((*results)[6].kind == Outcome::kCreated);
  CHECK((*results)[6].version == 5);
  reopen();
  CHECK(source("i", "x") == R"({"v":1})");
  CHECK(index("i", "x", "{}").version == 6);
}

TEST_CASE_METHOD(EngineFixture, "partial updates") {
  CHECK(update("i", "1", R"({"doc":{"a":1}})").error->reason == "[_doc][1]: document missing");
  CHECK(update("i", "1", R"({"doc":{"a":1},"upsert":{"a":5}})").kind == Outcome::kCreated);
  CHECK(source("i", "1") == R"({"a":5})");
  CHECK(update("i", "1", R"({"doc":{"a":5}})").kind == Outcome::kNoop);
  CHECK(update("i", "1", R"({"doc":{"a":5},"detect_noop":false})").version == 2);
  CHECK(update("i", "1", R"({"doc":{"b":{"c":[1,2]}}})").version == 3);
  CHECK(update("i", "1", R"({"doc":{"b":{"d":null}}})").version == 4);
  CHECK(source("i", "1") == R"({"a":5,"b":{"c":[1,2],"d":null}})");
  CHECK(update("i", "2", R"({"doc":{"a":1},"doc_as_upsert":true})").kind == Outcome::kCreated);
  CHECK(update("i", "1", R"({"script":"x"})").error->reason == "failed to execute script");
  CHECK(update("i", "1", R"({})").error->reason ==
        "Validation Failed: 1: script or doc is missing;");
  CHECK(update("i", "1", R"({"doc":"x"})").error->reason ==
        "[1:8] [UpdateRequest] doc doesn't support values of type: VALUE_STRING");
  const WriteResult wanted = update("i", "2", R"({"doc":{"a":2},"_source":true})");
  CHECK(wanted.updated_source == R"({"a":2})");
}

TEST_CASE_METHOD(EngineFixture, "a search sees what was there at the last refresh") {
  index("i", "1", "{}");
  CHECK(visible("i") == 0);
  CHECK(refreshed("i") == 1);
  index("i", "2", "{}");
  remove("i", "1");
  CHECK(visible("i") == 1);
  REQUIRE(engine().refresh("i").ok());
  CHECK(visible("i") == 1);
  index("i", "3", "{}");
  const auto before = *engine().view(*engine().state()->find("i"));
  REQUIRE(engine().flush("i").ok());
  CHECK(visible("i") == 2);
  CHECK(before.live_count() == 1);  // an older view stays as it was
  CHECK(engine().get("i", "3", false)->found);
  index("i", "4", "{}");
  CHECK_FALSE(engine().get("i", "4", false)->found);
  CHECK(engine().get("i", "4", true)->found);
}

TEST_CASE_METHOD(EngineFixture, "deletes hold for sealed rows, through reopening and merging") {
  for (int segment = 0; segment < 4; ++segment) {
    for (int i = 0; i < 5; ++i)
      index("i", std::to_string(segment * 5 + i), R"({"@timestamp":"2026-11-22T00:00:00Z"})");
    REQUIRE(engine().flush("i").ok());
  }
  for (int i = 0; i < 20; i += 2) remove("i", std::to_string(i));
  index("i", "1", R"({"new":true})");
  SECTION("while they are in the log alone") { reopen(); }
  SECTION("once they are in the catalog") { close_and_reopen(); }
  SECTION("and after a merge") {
    REQUIRE(engine().force_merge("i", 1, false).ok());
    CHECK(engine().stats("i")->segment_count == 1);
    CHECK(engine().stats("i")->docs_deleted == 0);
    SECTION("and another start") { reopen(); }
  }
  CHECK(visible("i") == 10);
  CHECK(source("i", "1") == R"({"new":true})");
  CHECK(source("i", "2") == "");
  CHECK(source("i", "3") != "");
  CHECK(index("i", "3", "{}").version == 2);
}

TEST_CASE_METHOD(EngineFixture, "the mapping grows with documents and is there after a crash") {
  index("i", "1", R"({"name":"x","count":3})");
  reopen();
  const json::Value mapping = engine().state()->find("i")->mapping->to_json();
  CHECK(mapping.find_path("properties.count.type")->as_string() == "long");
  CHECK(mapping.find_path("properties.name.type")->as_string() == "text");
  const WriteResult refused = index("i", "2", R"({"count":"many"})");
  REQUIRE(refused.error);
  CHECK(refused.error->type == error_types::kMapperParsing);
  CHECK(source("i", "2") == "");
}

TEST_CASE_METHOD(EngineFixture, "log indices take documents that do not fit their mapping") {
  CHECK_FALSE(index("logstash-2026.11.22", "1", R"({"count":3,"app":"x"})").error);
  CHECK_FALSE(index("logstash-2026.11.22", "2", R"({"count":"many","app":{"name":"y"}})").error);
  REQUIRE(engine().flush("logstash-2026.11.22").ok());
  CHECK(visible("logstash-2026.11.22") == 2);
  CHECK(source("logstash-2026.11.22", "2") == R"({"count":"many","app":{"name":"y"}})");
}

TEST_CASE_METHOD(EngineFixture, "routing and require_alias") {
  create("r", "{}", R"({"_routing":{"required":true}})");
  CHECK(index("r", "1", "{}").error->reason == "routing is required for [r]/[_doc]/[1]");
  WriteOp op;
  op.index = "r";
  op.id = "1";
  op.routing = "a";
  CHECK_FALSE(run(op, "{}").error);
  CHECK(engine().get("r", "1", true).error().type == error_types::kRoutingMissing);
  GetOp get;
  get.index = "r";
  get.id = "1";
  get.routing = "a";
  CHECK(engine().get(get)->routing == "a");
  REQUIRE(engine().flush("r").ok());
  reopen();
  CHECK(engine().get(get)->routing == "a");
  op.require_alias = true;
  CHECK(run(op, "{}").error->reason ==
        "no such index [r] and [require_alias] request flag is [true] and [r] is not an alias");
}

TEST_CASE_METHOD(EngineFixture, "blocks refuse writes") {
  create("b", R"({"blocks.write":true})");
  const WriteResult refused = index("b", "1", "{}");
  REQUIRE(refused.error);
  CHECK(refused.error->reason == "index [b] blocked by: [FORBIDDEN/8/index write (api)];");
  REQUIRE(engine().put_settings("b", json_of(R"({"blocks.write":null})"), false).ok());
  CHECK_FALSE(index("b", "1", "{}").error);
}

TEST_CASE_METHOD(EngineFixture, "a request of any length is taken whole, in its order") {
  constexpr int kOps = 25'000;  // more than are applied at once
  const Padded source(R"({"n":1})");
  std::vector<WriteOp> ops(kOps);
  for (int i = 0; i < kOps; ++i) {
    WriteOp& op = ops[static_cast<size_t>(i)];
    op.index = "i";
    op.id = std::to_string(i % (kOps - 10));  // the last ten are there already
    op.source = source.view();
  }
  const auto results = engine().write(ops, {});
  REQUIRE(results.ok());
  for (int i = 0; i < kOps; ++i) {
    const WriteResult& result = (*results)[static_cast<size_t>(i)];
    REQUIRE_FALSE(result.error);
    REQUIRE(result.seq_no == i);
    REQUIRE(result.version == (i < kOps - 10 ? 1 : 2));
  }
  cut_power();
  CHECK(refreshed("i") == kOps - 10);
}

TEST_CASE_METHOD(EngineFixture, "a request in which every document brings a field") {
  std::deque<Padded> sources;
  std::vector<WriteOp> ops(120);
  for (size_t i = 0; i < ops.size(); ++i) {
    const std::string field = "f" + std::to_string(i);
    sources.emplace_back(i == 77 ? "{\"f3\":{\"not\":\"a number\"}}"
                                 : "{\"" + field + "\":" + std::to_string(i) + "}");
    ops[i].index = "grows";
    ops[i].source = sources[i].view();
  }
  const auto results = engine().write(ops, {});
  REQUIRE(results.ok());
  const auto mapping = engine().state()->find("grows")->mapping;
  for (size_t i = 0; i < ops.size(); ++i) {
    INFO(i);
    CHECK((*results)[i].error.has_value() == (i == 77));
    CHECK((mapping->find("f" + std::to_string(i)) != nullptr) == (i != 77));
    if (i != 77) CHECK(source("grows", (*results)[i].id) == ops[i].source);
  }
  CHECK(refreshed("grows") == 119);
  reopen();
  CHECK(refreshed("grows") == 119);
}
