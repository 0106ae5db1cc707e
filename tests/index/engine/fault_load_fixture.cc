#include "tests/index/engine/fault_load_fixture.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "index/auto_id.h"
#include "tests/index/engine/engine_fixture.h"

namespace stratalog::index::test {

namespace {

json::Value parsed(const std::string& text) {
  auto value = json::parse(text);
  REQUIRE(value.ok());
  return *value;
}

std::string document(int n, const std::string& more = "") {
  return R"({"@timestamp":"2026-11-22T00:00:)" + std::to_string(10 + n % 50) + R"(Z","n":)" +
         std::to_string(n) + R"(,"log":"line )" + std::to_string(n) +
         R"( of a log","k8s":{"pod":"p)" + std::to_string(n % 3) + "\"}" + more + "}";
}

}  // namespace

std::set<FaultLoad::Source>& FaultLoad::may_be(const std::string& index, const std::string& id) {
  std::set<Source>& sources = indices_[index].documents[id];
  if (sources.empty()) sources.insert(std::nullopt);
  return sources;
}

FaultLoad::Index& FaultLoad::touched(const std::string& name, bool done) {
  Index& index = indices_[name];
  index.may_be = true;
  if (done) index.may_be_absent = false;
  note(done);
  return index;
}

void FaultLoad::bulk(const std::string& index, const std::vector<Document>& documents) {
  std::vector<Padded> sources;
  std::vector<WriteOp> ops(documents.size());
  for (const Document& each : documents) sources.emplace_back(each.source);
  for (size_t i = 0; i < ops.size(); ++i) {
    ops[i].index = index;
    ops[i].id = documents[i].id;
    ops[i].source = sources[i].view();
  }
  const auto results = engine_->write(ops, {});
  const bool any = results.ok() && std::any_of(results->begin(), results->end(),
                                               [](const WriteResult& r) { return !r.error; });
  Index& model = touched(index, any);
  std::vector<Document> refused;
  for (size_t i = 0; i < ops.size(); ++i) {
    const bool done = results.ok() && !(*results)[i].error;
    const std::string& id = done ? (*results)[i].id : documents[i].id;
    note(done);
    if (done) {
      may_be(index, id) = {documents[i].source};
    } else if (id.empty()) {
      model.unnamed.insert(documents[i].source);
    } else {
      may_be(index, id).insert(documents[i].source);
      refused.push_back(documents[i]);
    }
  }
  if (!refused.empty()) model.refused.push_back(std::move(refused));
}

void FaultLoad::remove(const std::string& index, const std::vector<std::string>& ids) {
  std::vector<WriteOp> ops(ids.size());
  for (size_t i = 0; i < ops.size(); ++i) {
    ops[i].type = OpType::kDelete;
    ops[i].index = index;
    ops[i].id = ids[i];
  }
  const auto results = engine_->write(ops, {});
  note(results.ok());
  for (size_t i = 0; i < ops.size(); ++i) {
    const bool done = results.ok() && !(*results)[i].error;
    note(done);
    if (done) {
      may_be(index, ids[i]) = {std::nullopt};
    } else {
      may_be(index, ids[i]).insert(std::nullopt);
    }
  }
}

void FaultLoad::update(const std::string& index, const std::string& id, const std::string& member,
                       int value) {
  const std::string change = "{\"" + member + "\":" + std::to_string(value) + "}";
  const Padded body("{\"doc\":" + change + ",\"upsert\":" + change + "}");
  WriteOp op;
  op.type = OpType::kUpdate;
  op.index = index;
  op.id = id;
  op.source = body.view();
  const auto results = engine_->write(std::span(&op, 1), {.want_source = true});
  const bool done = results.ok() && !results->front().error;
  touched(index, done);
  std::set<Source>& sources = may_be(index, id);
  std::set<Source> changed;
  for (const Source& source : sources) {
    json::Value next = parsed(source ? *source : "{}");
    next.set(member, value);
    changed.insert(json::to_string(next));
  }
  if (done) {
    REQUIRE(changed.contains(results->front().updated_source));
    sources = {results->front().updated_source};
  } else {
    sources.insert(changed.begin(), changed.end());
  }
}

void FaultLoad::create_index(const std::string& name) {
  CreateIndexRequest request;
  request.name = name;
  request.mappings = parsed(R"({"properties":{"n":{"type":"long"},"tag":{"type":"keyword"}}})");
  Index& index = touched(name, engine_->create_index(request).ok());
  if (!index.may_be_absent) index.fields = {"n", "tag"};
}

void FaultLoad::delete_index(const std::string& name) {
  const bool done = engine_->delete_index(name).ok();
  note(done);
  if (done) {
    indices_[name] = {};
    return;
  }
  Index& index = indices_[name];
  index.may_be_absent = true;
  index.fields.clear();
  index.aliases.clear();
  index.refused.clear();
  for (auto& [id, sources] : index.documents) sources.insert(std::nullopt);
}

void FaultLoad::put_mapping(const std::string& name, const std::string& field) {
  const bool done =
      engine_->put_mapping(name, parsed(R"({"properties":{")" + field + R"(":{"type":"ip"}}})"))
          .ok();
  note(done);
  if (done) indices_[name].fields.insert(field);
}

void FaultLoad::put_alias(const std::string& name, const std::string& alias) {
  const Engine::AliasAction action{Engine::AliasAction::Type::kAdd, name, alias, {}, {}};
  const bool done = engine_->update_aliases(std::span(&action, 1)).ok();
  note(done);
  if (done) indices_[name].aliases.insert(alias);
}

void FaultLoad::put_template(const std::string& name) {
  const json::Value body = parsed(R"({"index_patterns":[")" + name +
                                  R"(*"],"mappings":{"properties":{"t":{"type":"keyword"}}}})");
  const bool done = engine_->put_template(Engine::TemplateKind::kLegacy, name, body, false).ok();
  note(done);
  std::set<bool>& may = templates_[name];
  if (done) {
    may = {true};
  } else {
    if (may.empty()) may.insert(false);
    may.insert(true);
  }
}

void FaultLoad::delete_template(const std::string& name) {
  const bool done = engine_->delete_template(Engine::TemplateKind::kLegacy, name).ok();
  note(done);
  if (done) {
    templates_[name] = {false};
  } else {
    templates_[name].insert(false);
  }
}

bool FaultLoad::run(Engine& engine) {
  engine_ = &engine;
  all_done_ = true;
  int request = 0;  // tells apart what requests write to the same ids
  const auto some = [&](int first, int count, const std::string& more = "") {
    ++request;
    std::vector<Document> documents;
    for (int i = first; i < first + count; ++i) {
      documents.push_back(
          {std::to_string(i), document(i, ",\"request\":" + std::to_string(request) + more)});
    }
    return documents;
  };
  create_index("a");
  put_template("b");
  bulk("a", some(0, 8));
  bulk("a", {{"", document(900)}, {"", document(901)}});
  bulk("b", some(0, 4));
  other(engine.refresh("a"));
  update("a", "1", "count", 1);
  remove("a", {"2", "77"});
  bulk("a", some(3, 2, R"(,"later":"field")"));
  other(engine.flush("a"));
  bulk("a", some(4, 6));
  remove("a", {"0", "5"});
  update("a", "6", "other", 2);
  put_mapping("a", "address");
  other(engine.put_settings("a", parsed(R"({"refresh_interval":"5s"})"), false));
  put_alias("a", "of_a");
  other(engine.flush("a"));
  other(engine.flush("b"));
  bulk("a", some(7, 6));
  bulk("b", {{"1", document(1, R"(,"b":true)")}, {"", document(902)}});
  other(engine.force_merge("a", 1, false));
  remove("a", {"8", "9"});
  delete_index("b");
  bulk("b", {{"1", document(50)}, {"x", document(51)}});
  bulk("c", some(0, 3));
  remove("c", {"0", "1", "2"});
  other(engine.flush("c"));
  delete_template("b");
  other(engine.close_index("b"));
  other(engine.open_index("b"));
  update("b", "x", "late", 3);
  other(engine.refresh("b"));
  other(engine.force_merge("a", 1, true));
  bulk("a", {{"last", document(99)}, {"1", document(98)}});
  return all_done_;
}

void FaultLoad::run_on(Engine& engine) {
  engine_ = &engine;
  all_done_ = true;
  ++round_;
  const std::string round = "r" + std::to_string(round_);
  bulk("a", {{round, document(1)}, {"1", document(200 + round_)}, {"", document(300 + round_)}});
  bulk("b", {{round, document(2)}});
  update("a", "6", "round", round_);
  remove("a", {"3"});
  other(engine.flush("a"));
  bulk("a", {{"after", document(400 + round_)}});
  other(engine.force_merge("a", 1, false));
  put_mapping("a", round);
  REQUIRE(all_done_);
}

std::map<std::string, std::string> FaultLoad::listed(Engine& engine, const std::string& name) {
  REQUIRE(engine.refresh(name).ok());
  const auto state = engine.state();
  const auto view = engine.view(*state->find(name));
  REQUIRE(view.ok());
  std::map<std::string, std::string> documents;
  std::set<SeqNo> numbers;
  for (const SegmentView& segment : view->segments) {
    std::vector<RowId> rows;
    for (RowId row = 0; row < segment.segment->row_count(); ++row) {
      if (segment.deleted == nullptr || !segment.deleted->get(row)) rows.push_back(row);
    }
    REQUIRE(rows.size() == segment.live_count());
    std::vector<RowData> data;
    segment.segment->row_data(rows, data);
    segment.segment->sources(rows, [&](size_t i, std::string_view source) {
      INFO("index " << name << ", document " << data[i].id);
      REQUIRE(documents.emplace(data[i].id, source).second);
      REQUIRE(numbers.insert(data[i].seq_no).second);
    });
  }
  return documents;
}

void FaultLoad::check_index(Engine& engine, const std::string& name, Index& index) {
  INFO("index " << name);
  const auto state = engine.state();
  const IndexMetadata* metadata = state->find(name);
  if (metadata == nullptr) {
    REQUIRE(index.may_be_absent);
    index = {};
    return;
  }
  REQUIRE(index.may_be);
  index.may_be_absent = false;
  if (metadata->state == IndexState::kClosed) REQUIRE(engine.open_index(name).ok());
  const json::Value mapping = metadata->mapping->to_json();
  for (const std::string& field : index.fields) {
    INFO("field " << field);
    REQUIRE(mapping.find_path("properties." + field) != nullptr);
  }
  for (const std::string& alias : index.aliases) REQUIRE(metadata->aliases.contains(alias));

  const std::map<std::string, std::string> there = listed(engine, name);
  for (const auto& request : index.refused) {
    size_t found = 0;
    size_t untouched = 0;
    for (const Document& each : request) {
      const std::set<Source>& may = may_be(name, each.id);
      if (!may.contains(each.source) || may.size() == 1) continue;
      ++untouched;
      const auto at = there.find(each.id);
      found += at != there.end() && at->second == each.source ? 1 : 0;
    }
    CAPTURE(request.front().source);
    if (untouched == request.size()) REQUIRE((found == 0 || found == request.size()));
  }
  for (const auto& [id, source] : there) {
    CAPTURE(id, source);
    if (!index.documents.contains(id)) {
      REQUIRE(index.unnamed.erase(source) == 1);
      index.documents[id] = {source};
    }
  }
  for (auto& [id, sources] : index.documents) {
    const auto at = there.find(id);
    const Source found = at == there.end() ? std::nullopt : Source(at->second);
    CAPTURE(id, found.value_or("none"), sources.size());
    REQUIRE(sources.contains(found));
    sources = {found};
    const auto got = engine.get(name, id, true);
    REQUIRE(got.ok());
    REQUIRE(got->found == found.has_value());
    if (found) REQUIRE(got->source == *found);
  }
  index.refused.clear();
  index.unnamed.clear();
}

void FaultLoad::check(Engine& engine) {
  engine_ = &engine;
  const auto state = engine.state();
  for (const auto& [name, metadata] : state->indices) {
    INFO("index " << name);
    REQUIRE(indices_.contains(name));
  }
  for (auto& [name, index] : indices_) check_index(engine, name, index);
  for (auto& [name, may] : templates_) {
    INFO("template " << name);
    const bool there = state->legacy_templates.contains(name);
    REQUIRE(may.contains(there));
    may = {there};
  }
}

}  // namespace stratalog::index::test
