#include "index/live/object_replays.h"

#include <catch2/catch.hpp>

#include "index/live/live_segment.h"
#include "tests/index/document/document_fixture.h"

using namespace stratalog::index;

namespace {

// Everything that a reader tells of a field, as text.
std::string describe_field(const SegmentReader& reader, const FieldKey& field) {
  std::vector<RowId> rows(reader.row_count());
  for (RowId row = 0; row < rows.size(); ++row) rows[row] = row;
  std::string out;
  if (const NumericColumn* column = reader.numeric(field.path, field.kind)) {
    NumericBatch batch;
    column->gather(rows, batch);
    for (size_t i = 0; i < rows.size(); ++i) {
      out += "\n" + std::to_string(i) + ":";
      for (uint32_t v = batch.begin(i); v < batch.end(i); ++v)
        out += " " + std::to_string(batch.values[v]);
    }
  }
  if (const OrdinalColumn* column = reader.ordinals(field.path, field.kind)) {
    OrdinalBatch batch;
    column->gather(rows, batch);
    out += "\npresent " + std::to_string(column->present_rows());
    for (size_t i = 0; i < rows.size(); ++i) {
      out += "\n" + std::to_string(i) + ":";
      for (uint32_t v = batch.begin(i); v < batch.end(i); ++v)
        out += " " + column->term(batch.values[v]);
    }
  }
  if (const TermsIndex* terms = reader.terms(field.path, field.kind)) {
    out += "\nterms " + std::to_string(terms->doc_count()) + " " +
           std::to_string(terms->sum_doc_freq()) + " " +
           std::to_string(terms->sum_total_term_freq());
    for (auto at = terms->iterate(""); at->valid(); at->next()) {
      out += "\n" + std::string(at->term()) + " " + std::to_string(at->info().doc_freq) + " " +
             std::to_string(at->info().total_term_freq) + ":";
      const auto postings = terms->postings(at->info(), TermsIndex::Want::kPositions);
      for (RowId row = postings->next(); row != kNoRow; row = postings->next()) {
        out += " " + std::to_string(row) + "*" + std::to_string(postings->freq());
        for (const uint32_t position : postings->positions()) out += "@" + std::to_string(position);
      }
    }
    std::vector<uint8_t> norms(rows.size());
    terms->norms(rows, norms.data());
    out += "\nnorms";
    for (const uint8_t norm : norms) out += " " + std::to_string(norm);
  }
  return out;
}

struct ReplayFixture {
  explicit ReplayFixture(std::string_view mapping = "{}") : documents(mapping, accepting()) {}
  static MappingLimits accepting() {
    MappingLimits limits;
    limits.accept_conflicts = true;
    return limits;
  }

  void add(const std::string& source) {
    documents.parse(source);
    RowMeta meta;
    meta.seq_no = replayed->row_count();
    ParsedDocument document = documents.document();
    for (const auto& object : document.sub_objects) known += object.value_count > 0 ? 1 : 0;
    replayed->append(documents.mapping(), document, meta, source);
    for (auto& object : document.sub_objects) object.value_count = object.number = 0;
    plain->append(documents.mapping(), document, meta, source);
  }
  void check() const {
    const auto a = replayed->reader(replayed->row_count());
    const auto b = plain->reader(plain->row_count());
    REQUIRE(a->fields() == b->fields());
    for (const FieldKey& field : b->fields()) {
      INFO(field.path);
      CHECK(describe_field(*a, field) == describe_field(*b, field));
    }
    std::string of_a, of_b;
    for (RowId row = 0; row < a->row_count(); ++row)
      REQUIRE(replayed->source(row, of_a) == plain->source(row, of_b));
  }

  DocumentFixture documents;
  std::shared_ptr<LiveSegment> replayed = LiveSegment::create("_0");
  std::shared_ptr<LiveSegment> plain = LiveSegment::create("_0");
  int known = 0;  // objects whose values the parser knew
};

// Big enough to be remembered.
std::string pod(int number) {
  const std::string n = std::to_string(number);
  return R"({"pod_name":"order-7d9f8c6b5-)" + n + R"(","namespace_name":"shop","restarts":)" + n +
         R"(,"ready":true,"cpu":0.)" + n + R"(,"images":["registry/order:1.2","registry/proxy:)" +
         n + R"("],"labels":{"app":"order","tier":"back end","rev":")" + n +
         R"("},"annotations":{"note":"rolled out by the release train, second wave of the day","quote":"a \"b\""}})";
}

std::string line(int number, const std::string& log) {
  return R"({"@timestamp":"2024-05-01T00:00:00.000Z","kubernetes":)" + pod(number) + R"(,"log":")" +
         log + R"(","stream":"stdout"})";
}

}  // namespace

TEST_CASE_METHOD(ReplayFixture, "object replays: columns are as if each object were added anew") {
  for (int i = 0; i < 60; ++i) add(line(i % 3, "line " + std::to_string(i)));
  CHECK(known > 40);
  check();
}

TEST_CASE_METHOD(ReplayFixture, "object replays: fields that get values from elsewhere too") {
  for (int i = 0; i < 12; ++i) add(line(0, "plain"));
  for (int i = 0; i < 6; ++i) {
    add(R"({"kubernetes.pod_name":"outside before","kubernetes":)" + pod(0) + "}");
    add(R"({"kubernetes":)" + pod(0) + R"(,"kubernetes.pod_name":"outside after"})");
    add(line(0, "between"));
    add(R"({"kubernetes.restarts":7,"log":"alone"})");
  }
  CHECK(known > 10);
  check();
}

TEST_CASE_METHOD(ReplayFixture, "object replays: two objects in one document") {
  for (int i = 0; i < 20; ++i)
    add(R"({"kubernetes":)" + pod(i % 2) + R"(,"other":)" + pod(i % 3) + R"(,"n":1})");
  CHECK(known > 20);
  check();
}

TEST_CASE_METHOD(ReplayFixture, "object replays: the same bytes under another key") {
  for (int i = 0; i < 20; ++i) {
    add(R"({"before":)" + pod(0) + "}");
    add(R"({"after":)" + pod(0) + "}");
    add(R"({"before":)" + pod(0) + R"(,"after":)" + pod(0) + "}");
  }
  CHECK(known > 20);
  check();
  const auto rows = [&](const char* path) {
    const auto reader = replayed->reader(replayed->row_count());
    return reader->ordinals(path, Kind::kOrdinals)->present_rows();
  };
  CHECK(rows("before.pod_name.keyword") == 40);
  CHECK(rows("after.labels.app.keyword") == 40);
}

TEST_CASE("object replays: a mapping that changes makes other values of the same bytes") {
  ReplayFixture fixture(R"({"properties":{"kubernetes":{"properties":{
      "pod_name":{"type":"keyword"},"restarts":{"type":"long"}}}}})");
  for (int i = 0; i < 20; ++i) fixture.add(line(1, "before"));
  fixture.documents.merge(R"({"properties":{"kubernetes":{"properties":{
      "pod_name":{"type":"keyword","fields":{"words":{"type":"text"}}}}}}})");
  for (int i = 0; i < 20; ++i) fixture.add(line(1, "after"));
  CHECK(fixture.known > 20);
  fixture.check();
}
