#include "tests/index/engine/engine_fixture.h"

#include <utility>

#include "index/partition/host.h"

namespace stratalog::index::test {

Result<std::unique_ptr<storage::WritableFile>> HookFs::create(const std::string& path) {
  if (before_segment && path.find("/incoming/") != std::string::npos)
    std::exchange(before_segment, nullptr)();
  return disk.create(path);
}

EngineFixture::EngineFixture() {
  options.folder = "/data";
  options.fs = &fs;
  options.background = false;
  reopen();
}

EngineFixture::~EngineFixture() = default;

Host& EngineFixture::host() { return dynamic_cast<Host&>(*engine_); }

void EngineFixture::reopen() {
  engine_.reset();
  auto opened = Engine::open(options);
  INFO((opened ? "" : opened.error().reason));
  REQUIRE(opened.ok());
  engine_ = std::move(*opened);
}

void EngineFixture::close_and_reopen() {
  REQUIRE(engine_->close().ok());
  reopen();
}

void EngineFixture::cut_power(storage::SimFs::Torn torn, uint64_t seed) {
  fs.disk.crash(torn, seed);
  // The dead engine learns of it by a write: a store that knows of a failure does not try to flush
  // at its end, for which RocksDB would wait a second.
  REQUIRE_FALSE(engine_->put_record("after", "death").ok());
  reopen();
}

json::Value EngineFixture::json_of(std::string_view text) {
  auto parsed = json::parse(text);
  REQUIRE(parsed.ok());
  return *parsed;
}

void EngineFixture::create(const std::string& name, std::string_view settings,
                           std::string_view mappings) {
  CreateIndexRequest request;
  request.name = name;
  request.settings = json_of(settings);
  request.mappings = json_of(mappings);
  auto created = engine_->create_index(request);
  INFO((created ? "" : created.error().reason));
  REQUIRE(created.ok());
}

WriteResult EngineFixture::run(WriteOp op, std::string_view source) {
  const Padded padded(source);
  op.source = padded.view();
  auto results = engine_->write(std::span(&op, 1), {});
  INFO((results ? "" : results.error().reason));
  REQUIRE(results.ok());
  REQUIRE(results->size() == 1);
  return results->front();
}

WriteResult EngineFixture::index(const std::string& index, const std::string& id,
                                 std::string_view source) {
  WriteOp op;
  op.index = index;
  op.id = id;
  return run(op, source);
}

WriteResult EngineFixture::create_doc(const std::string& index, const std::string& id,
                                      std::string_view source) {
  WriteOp op;
  op.type = OpType::kCreate;
  op.index = index;
  op.id = id;
  return run(op, source);
}

WriteResult EngineFixture::remove(const std::string& index, const std::string& id) {
  WriteOp op;
  op.type = OpType::kDelete;
  op.index = index;
  op.id = id;
  return run(op);
}

WriteResult EngineFixture::update(const std::string& index, const std::string& id,
                                  std::string_view body) {
  WriteOp op;
  op.type = OpType::kUpdate;
  op.index = index;
  op.id = id;
  return run(op, body);
}

std::string EngineFixture::source(const std::string& index, const std::string& id) {
  auto got = engine_->get(index, id, true);
  INFO((got ? "" : got.error().reason));
  REQUIRE(got.ok());
  return got->source;
}

uint64_t EngineFixture::visible(const std::string& index) {
  const auto state = engine_->state();
  const IndexMetadata* metadata = state->find(index);
  REQUIRE(metadata != nullptr);
  auto view = engine_->view(*metadata);
  INFO((view ? "" : view.error().reason));
  REQUIRE(view.ok());
  return view->live_count();
}

uint64_t EngineFixture::refreshed(const std::string& index) {
  REQUIRE(engine_->refresh(index).ok());
  return visible(index);
}

}  // namespace stratalog::index::test
