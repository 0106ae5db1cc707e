// Documents that do not fit their mapping, where that is accepted: each is kept and found by what
// it has, whatever has become of its segment meanwhile.
#include <algorithm>
#include <catch2/catch.hpp>

#include "query/search.h"
#include "storage/sim_fs.h"

using namespace stratalog;

namespace {

class Logs {
 public:
  Logs() {
    open();
    index::CreateIndexRequest request;
    request.name = "logs";
    request.settings =
        *json::parse(R"({"mapping.conflicts":"accept","mapping.total_fields.limit":14})");
    request.mappings = *json::parse(
        R"({"properties":{"address":{"type":"ip"},"word":{"type":"keyword"},"flag":{"type":"boolean"}}})");
    REQUIRE(engine_->create_index(request).ok());
  }

  void add(const std::string& id, std::string source) {
    const size_t bytes = source.size();
    source.append(64, '\0');
    index::WriteOp op;
    op.index = "logs";
    op.id = id;
    op.source = std::string_view(source).substr(0, bytes);
    const auto results = engine_->write(std::span(&op, 1), {});
    REQUIRE(results.ok());
    INFO((results->front().error ? results->front().error->reason : ""));
    REQUIRE_FALSE(results->front().error);
  }
  void remove(const std::string& id) {
    index::WriteOp op;
    op.type = index::OpType::kDelete;
    op.index = "logs";
    op.id = id;
    REQUIRE(engine_->write(std::span(&op, 1), {}).ok());
  }
  void seal() { REQUIRE(engine_->flush("logs").ok()); }
  void merge() { REQUIRE(engine_->force_merge("logs", 1, false).ok()); }
  void cut_power() {
    fs_.crash();
    static_cast<void>(engine_->put_record("after", "death"));
    open();
  }

  // The ids of the hits, sorted.
  std::string found(const std::string& query) {
    REQUIRE(engine_->refresh("logs").ok());
    const auto none = [](std::string_view) -> const std::string* { return nullptr; };
    auto request = query::parse_search(R"({"size":100,"query":)" + query + "}", none);
    INFO((request ? "" : request.error().reason));
    REQUIRE(request.ok());
    const auto state = engine_->state();
    const std::vector<index::ResolvedIndex> targets = {{state->indices.find("logs")->second, {}}};
    const auto response = query::search(*engine_, targets, *request, {});
    INFO((response ? "" : response.error().reason));
    REQUIRE(response.ok());
    REQUIRE(response->failures.empty());
    const auto hits = json::parse("[" + response->hits + "]");
    REQUIRE(hits.ok());
    std::vector<std::string> ids;
    for (const json::Value& hit : hits->as_array()) {
      ids.push_back(hit.find("_id")->as_string());
      sources_[ids.back()] = json::to_string(*hit.find("_source"));
    }
    std::sort(ids.begin(), ids.end());
    std::string out;
    for (const std::string& id : ids) out += (out.empty() ? "" : " ") + id;
    return out;
  }
  const std::string& source(const std::string& id) { return sources_[id]; }

 private:
  void open() {
    engine_.reset();
    auto opened = index::Engine::open({.folder = "/data", .fs = &fs_, .background = false});
    INFO((opened ? "" : opened.error().reason));
    REQUIRE(opened.ok());
    engine_ = std::move(*opened);
  }

  storage::SimFs fs_;
  std::unique_ptr<index::Engine> engine_;
  std::map<std::string, std::string> sources_;
};

}  // namespace

TEST_CASE("accepted conflicts: every document is found by what it has, in every state") {
  const std::pair<const char*, const char*> documents[] = {
      {"1", R"({"app":"web","count":5,"address":"10.0.0.1","word":"w","flag":true})"},
      {"2", R"({"app":{"name":"shop"},"count":"very many","address":"nowhere","flag":"perhaps"})"},
      {"3", R"({"app":["web","store"],"count":[7,"some"],"address":["10.0.0.2","there"]})"},
      {"4", R"({"word":{"inner":"deep"},"count":{"of":"things"},"flag":5})"},
      {"5", R"({"app":{"name":["shop","mall"]},"word":"w","count":true})"},
      // Over the limit of fields.
      {"6", R"({"extra1":"a b","extra2":17,"extra3":{"x":{"y":"z"}},"extra4":["p","q"]})"},
      {"7", R"({"extra1":12,"extra3":"plain"})"},
  };
  const std::pair<const char*, const char*> queries[] = {
      {R"({"match":{"app":"web"}})", "1 3"},
      {R"({"match":{"app.name":"mall"}})", "5"},
      {R"({"term":{"app.keyword":"store"}})", "3"},
      {R"({"term":{"count":5}})", "1"},
      {R"({"range":{"count":{"gte":6}}})", "2 3 5"},  // words behind "6" too
      {R"({"match":{"count":"many"}})", "2"},
      {R"({"match":{"count":"some"}})", "3"},
      {R"({"match":{"count.of":"things"}})", "4"},
      {R"({"term":{"address":"10.0.0.0/8"}})", "1 3"},
      {R"({"term":{"address":"nowhere"}})", "2"},
      {R"({"term":{"word":"w"}})", "1 5"},
      {R"({"match":{"word.inner":"deep"}})", "4"},
      {R"({"term":{"flag":true}})", "1"},
      {R"({"term":{"flag":"perhaps"}})", "2"},
      {R"({"term":{"extra2":17}})", "6"},
      {R"({"match":{"extra1":"b"}})", "6"},  // the last that had room
      {R"({"term":{"extra1":12}})", "7"},
      {R"({"term":{"extra3.x.y":"z"}})", "6"},
      {R"({"term":{"extra4":"q"}})", "6"},
      {R"({"exists":{"field":"count"}})", "1 2 3 4 5"},
      {R"({"exists":{"field":"address"}})", "1 2 3"},
      {R"({"exists":{"field":"extra3"}})", "6 7"},
      {R"({"match_all":{}})", "1 2 3 4 5 6 7"},
  };
  Logs logs;
  const auto check = [&](const char* state) {
    INFO(state);
    for (const auto& [query, expected] : queries) {
      INFO(query);
      CHECK(logs.found(query) == expected);
    }
    for (const auto& [id, source] : documents) CHECK(logs.source(id) == source);
  };
  const bool in_parts = GENERATE(false, true);
  for (const auto& [id, source] : documents) {
    logs.add(id, source);
    if (!in_parts) continue;
    logs.add("gone", source);
    logs.seal();
    logs.remove("gone");
  }
  check("written");
  logs.cut_power();
  check("recovered from the log");
  logs.seal();
  check("sealed");
  logs.cut_power();
  check("recovered from segments");
  logs.merge();
  check("merged");
  logs.cut_power();
  check("recovered from a merged segment");
}
