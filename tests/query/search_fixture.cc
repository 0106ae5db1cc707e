#include "tests/query/search_fixture.h"

#include <catch2/catch.hpp>

#include "base/json_writer.h"
#include "index/analysis/registry.h"
#include "index/document/document_parser.h"
#include "index/live/live_segment.h"
#include "query/search.h"
#include "query/shard_failure.h"

namespace stratalog::query {

namespace {

struct Segment {
  std::shared_ptr<index::LiveSegment> live;
  std::shared_ptr<Bitmap> deleted;
  std::map<std::string, index::RowId> rows;
};

struct Index {
  std::shared_ptr<index::IndexMetadata> metadata;
  std::vector<Segment> segments;
  index::SeqNo next = 0;
  bool cut = true;
};

Error unsupported() { return Error(error_types::kInternal, "not in these tests"); }

// Only views and state.
class ViewEngine final : public index::Engine {
 public:
  std::map<std::string, Index> indices;

  std::shared_ptr<const index::CatalogState> state() const override {
    auto state = std::make_shared<index::CatalogState>();
    for (const auto& [name, index] : indices) state->indices[name] = index.metadata;
    return state;
  }
  Result<index::View> view(const index::IndexMetadata& metadata) override {
    index::View view;
    for (const Segment& segment : indices.at(metadata.name).segments) {
      const uint32_t rows = segment.live->row_count();
      auto deleted = std::make_shared<Bitmap>(rows);
      uint32_t count = 0;
      for (uint32_t row = 0; row < rows && segment.deleted != nullptr; ++row) {
        if (!segment.deleted->get(row)) continue;
        deleted->set(row);
        ++count;
      }
      view.segments.push_back({segment.live->reader(rows), count > 0 ? deleted : nullptr, count});
    }
    view.max_seq_no = indices.at(metadata.name).next - 1;
    return view;
  }
  Result<std::vector<index::WriteResult>> write(std::span<const index::WriteOp>,
                                                const index::WriteOptions&) override {
    return unsupported();
  }
  using Engine::get;
  Result<index::GetResult> get(const index::GetOp&) override { return unsupported(); }
  void record_search(const index::IndexMetadata&, uint64_t, uint64_t) override {}
  Result<std::shared_ptr<const index::IndexMetadata>> create_index(
      const index::CreateIndexRequest&) override {
    return unsupported();
  }
  Status delete_index(std::string_view) override { return unsupported(); }
  Status open_index(std::string_view) override { return unsupported(); }
  Status close_index(std::string_view) override { return unsupported(); }
  Status put_mapping(std::string_view, const json::Value&, std::string_view) override {
    return unsupported();
  }
  Status put_settings(std::string_view, const json::Value&, bool) override { return unsupported(); }
  Status refresh(std::string_view) override { return unsupported(); }
  Status flush(std::string_view) override { return unsupported(); }
  Status force_merge(std::string_view, uint32_t, bool) override { return unsupported(); }
  Result<index::IndexStats> stats(std::string_view) override { return unsupported(); }
  Status update_aliases(std::span<const AliasAction>) override { return unsupported(); }
  Status put_template(TemplateKind, std::string_view, const json::Value&, bool) override {
    return unsupported();
  }
  Status delete_template(TemplateKind, std::string_view) override { return unsupported(); }
  Result<json::Value> simulate_index(std::string_view) const override { return unsupported(); }
  Status put_cluster_settings(const json::Value&, const json::Value&) override {
    return unsupported();
  }
  Result<std::optional<std::string>> get_record(std::string_view) const override {
    return unsupported();
  }
  Status put_record(std::string_view, std::string_view) override { return unsupported(); }
  Status change_records(std::span<const RecordChange>) override { return unsupported(); }
  Status scan_records(
      std::string_view,
      const std::function<Status(std::string_view, std::string_view)>&) const override {
    return unsupported();
  }
  NodeStats node_stats() const override { return {}; }
  Status verify() override { return unsupported(); }
  Status close() override { return unsupported(); }
};

}  // namespace

class MemoryIndices::Impl {
 public:
  ViewEngine engine;
  index::DocumentParser parser;
};

MemoryIndices::MemoryIndices() : impl_(std::make_unique<Impl>()) {}
MemoryIndices::~MemoryIndices() = default;

void MemoryIndices::create(const std::string& name, const json::Value& body) {
  auto metadata = std::make_shared<index::IndexMetadata>();
  metadata->name = name;
  metadata->uuid = "uuid";
  metadata->settings = json::Value::object({{"number_of_shards", "1"}});
  index::MappingLimits limits;
  if (const json::Value* settings = body.find("settings")) {
    const json::Value* conflicts = settings->find("index.mapping.conflicts");
    limits.accept_conflicts = conflicts != nullptr && conflicts->to_text() == "accept";
    for (const json::Member& member : settings->as_object()) {
      if (!member.key.starts_with("index.mapping"))
        metadata->settings.set(member.key, member.value);
    }
  }
  const json::Value* mappings = body.find("mappings");
  auto mapping = index::Mapping::parse(mappings == nullptr ? json::Value() : *mappings,
                                       index::AnalysisRegistry::built_in(), limits);
  REQUIRE(mapping.ok());
  metadata->mapping = *mapping;
  impl_->engine.indices[name].metadata = metadata;
}

void MemoryIndices::add(const std::string& name, const std::string& id, std::string_view source) {
  Index& index = impl_->engine.indices.at(name);
  std::string padded(source);
  padded.resize(source.size() + 64, ' ');
  const std::string_view text = std::string_view(padded).substr(0, source.size());
  Arena arena;
  index::ParsedDocument document;
  for (int round = 0;; ++round) {
    REQUIRE(round < 5);
    index::MappingUpdate update;
    document.clear();
    const Status parsed =
        impl_->parser.parse(*index.metadata->mapping, text, {}, arena, document, update);
    if (!parsed) FAIL(parsed.error().reason);
    if (update.empty()) break;
    auto merged = index.metadata->mapping->merge(update.mapping, true);
    REQUIRE(merged.ok());
    auto metadata = std::make_shared<index::IndexMetadata>(*index.metadata);
    metadata->mapping = *merged;
    index.metadata = metadata;
  }
  if (index.cut)
    index.segments.push_back(
        {index::LiveSegment::create("_" + std::to_string(index.segments.size())), nullptr, {}});
  index.cut = false;
  Segment& segment = index.segments.back();
  index::RowMeta meta;
  meta.seq_no = index.next++;
  if (!id.empty()) meta.explicit_id = id;
  meta.auto_id_prefix = 0x1234;
  segment.rows[id] = segment.live->append(index.metadata->mapping, document, meta, text);
}

void MemoryIndices::cut(const std::string& name) { impl_->engine.indices.at(name).cut = true; }

void MemoryIndices::remove(const std::string& name, const std::string& id) {
  for (Segment& segment : impl_->engine.indices.at(name).segments) {
    const auto it = segment.rows.find(id);
    if (it == segment.rows.end()) continue;
    auto deleted = std::make_shared<Bitmap>(1 << 20);
    if (segment.deleted != nullptr) *deleted = *segment.deleted;
    deleted->set(it->second);
    segment.deleted = deleted;
    ++impl_->engine.indices.at(name).next;
  }
}

index::Engine& MemoryIndices::engine() { return impl_->engine; }
std::shared_ptr<const index::IndexMetadata> MemoryIndices::metadata(const std::string& name) const {
  return impl_->engine.indices.at(name).metadata;
}
const index::Mapping& MemoryIndices::mapping(const std::string& name) const {
  return *metadata(name)->mapping;
}

std::vector<index::ResolvedIndex> MemoryIndices::targets(const std::vector<std::string>& names) {
  std::vector<index::ResolvedIndex> out;
  for (const std::string& name : names) out.push_back({metadata(name), {}});
  return out;
}

json::Value error_body(const Error& error) {
  std::string text = "{\"root_cause\":[";
  if (error.root_causes.empty()) {
    Error own = error;
    own.caused_by = nullptr;
    append_cause(text, own);
  }
  for (size_t i = 0; i < error.root_causes.size(); ++i) {
    if (i > 0) text += ',';
    append_cause(text, error.root_causes[i]);
  }
  std::string cause;
  append_cause(cause, error);
  text += "]," + cause.substr(1);
  auto parsed = json::parse(text);
  REQUIRE(parsed.ok());
  return json::Value::object({{"error", *parsed}, {"status", error.type.status}});
}

json::Value run_search(MemoryIndices& indices, const std::vector<std::string>& names,
                       std::string_view body, const std::map<std::string, std::string>& params) {
  const auto lookup = [&](std::string_view name) -> const std::string* {
    const auto it = params.find(std::string(name));
    return it == params.end() ? nullptr : &it->second;
  };
  Result<SearchRequest> request = parse_search(body, lookup);
  if (!request) return error_body(request.error());
  SearchOptions options;
  options.now_ms = 1'700'000'000'000;
  options.node_id = "node";
  Result<SearchResponse> response =
      search(indices.engine(), indices.targets(names), *request, options);
  if (!response) return error_body(response.error());
  std::string text;
  append_response(text, *response);
  auto parsed = json::parse(text);
  INFO(text);
  REQUIRE(parsed.ok());
  return std::move(*parsed);
}

std::string aggregations_of(MemoryIndices& indices, const std::string& name,
                            std::string_view body) {
  const json::Value answer = run_search(indices, {name}, body);
  const json::Value* aggregations = answer.find("aggregations");
  REQUIRE(aggregations != nullptr);
  std::string text;
  json::Writer(text).value(*aggregations);
  return text;
}

}  // namespace stratalog::query
