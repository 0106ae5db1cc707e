#include "index/live/live_segment.h"

#include <catch2/catch.hpp>

#include "index/analysis/analyzer.h"
#include "index/auto_id.h"
#include "index/segment/sealed_segment.h"
#include "tests/index/segment/memory_store.h"

using namespace stratalog;
using namespace stratalog::index;

namespace {

// A mapping of `log` (text) with `log.keyword`, `n` (long), and nothing else that the live segment
// asks for.
class LogMapping final : public Mapping {
 public:
  uint64_t lineage() const override { return 1; }
  LogMapping() {
    fields_.push_back(field(0, "log", Kind::kTerms));
    fields_.push_back(field(1, "log.keyword", Kind::kOrdinals));
    fields_.push_back(field(2, "n", Kind::kI64));
    std::const_pointer_cast<MappedField>(fields_[0])->multi_fields = {1};
  }
  Result<std::shared_ptr<const Mapping>> merge(const json::Value&, bool) const override {
    return Error(error_types::kInternal, "");
  }
  const std::string& type() const override { return type_; }
  Result<std::shared_ptr<const Mapping>> with_type(std::string_view) const override {
    return Error(error_types::kInternal, "");
  }
  const std::vector<std::shared_ptr<const MappedField>>& fields() const override { return fields_; }
  const MappedField* find(std::string_view) const override { return nullptr; }
  const MappedField* resolve(std::string_view) const override { return nullptr; }
  bool is_object(std::string_view) const override { return false; }
  bool is_nested(std::string_view) const override { return false; }
  std::vector<const MappedField*> match(std::string_view) const override { return {}; }
  const json::Value& to_json() const override { return json_; }
  const MappingLimits& limits() const override { return limits_; }
  uint32_t total_fields() const override { return 3; }
  bool source_enabled() const override { return true; }
  bool routing_required() const override { return false; }
  const std::shared_ptr<const AnalysisRegistry>& analysis() const override { return analysis_; }

 private:
  static std::shared_ptr<const MappedField> field(FieldId id, std::string path, Kind kind) {
    auto made = std::make_shared<MappedField>();
    made->id = id;
    made->path = std::move(path);
    made->kind = kind;
    return made;
  }
  std::vector<std::shared_ptr<const MappedField>> fields_;
  std::string type_;
  json::Value json_;
  MappingLimits limits_;
  std::shared_ptr<const AnalysisRegistry> analysis_;
};

struct LiveFixture {
  std::shared_ptr<const Mapping> mapping = std::make_shared<LogMapping>();
  std::shared_ptr<LiveSegment> segment = LiveSegment::create("_0");

  // Adds a document; values with `keyword` false are over ignore_above.
  RowId add(std::vector<std::string> logs, std::vector<int64_t> numbers = {}, bool keyword = true,
            std::optional<std::string> id = {}) {
    std::string source = "{\"log\":[";
    for (const std::string& log : logs) source += "\"" + log + "\",";
    source += "]}";
    ParsedDocument document;
    for (const std::string& log : logs) {
      const size_t at = source.find("\"" + log + "\"") + 1;
      const std::string_view text = std::string_view(source).substr(at, log.size());
      document.values.push_back({0, Kind::kTerms, 0, text});
      if (keyword) document.values.push_back({1, Kind::kOrdinals, 0, text});
    }
    for (const int64_t n : numbers) document.values.push_back({2, Kind::kI64, n, {}});
    RowMeta meta;
    meta.seq_no = next_seq_no++;
    meta.auto_id_prefix = 7;
    if (id) meta.explicit_id = *id;
    sources.push_back(source);
    return segment->append(mapping, document, meta, source);
  }
  std::shared_ptr<const SegmentReader> read() { return segment->reader(segment->row_count()); }
  std::vector<RowId> rows_of(const TermsIndex& terms, std::string_view term) {
    const auto info = terms.find(term);
    if (!info) return {};
    const auto postings = terms.postings(*info, TermsIndex::Want::kPositions);
    std::vector<RowId> rows;
    for (RowId row = postings->next(); row != kNoRow; row = postings->next()) rows.push_back(row);
    CHECK(rows.size() == info->doc_freq);
    return rows;
  }

  SeqNo next_seq_no = 0;
  std::vector<std::string> sources;
};

using Rows = std::vector<RowId>;

}  // namespace

TEST_CASE_METHOD(LiveFixture,
                 "live segment: text is found by its terms, whichever way its units are kept") {
  add({"connection timeout"});
  add({"connection refused"});
  add({"connection timeout"});               // the same value: analysed once
  add({"a very long timeout"}, {}, false);   // no keyword: a unit of its own from here on
  add({"first timeout", "second timeout"});  // two values
  const auto reader = read();
  const TermsIndex* terms = reader->terms("log", Kind::kTerms);
  REQUIRE(terms != nullptr);
  CHECK(rows_of(*terms, "timeout") == Rows{0, 2, 3, 4});
  CHECK(rows_of(*terms, "connection") == Rows{0, 1, 2});
  CHECK(rows_of(*terms, "absent").empty());
  CHECK(terms->find("timeout")->total_term_freq == 5);
  CHECK(terms->doc_count() == 5);
  add({""});
  CHECK(read()->terms("log", Kind::kTerms)->doc_count() == 5);
  CHECK(terms->sum_total_term_freq() == 2 + 2 + 2 + 4 + 4);

  const auto postings = terms->postings(*terms->find("timeout"), TermsIndex::Want::kPositions);
  CHECK(postings->advance(3) == 3);
  CHECK(postings->freq() == 1);
  CHECK(std::vector<uint32_t>(postings->positions().begin(), postings->positions().end()) ==
        std::vector<uint32_t>{3});
  CHECK(postings->next() == 4);
  CHECK(postings->freq() == 2);
  CHECK(std::vector<uint32_t>(postings->positions().begin(), postings->positions().end()) ==
        std::vector<uint32_t>{1, 103});
  std::vector<uint8_t> norms(5);
  const Rows all = {0, 1, 2, 3, 4};
  terms->norms(all, norms.data());
  CHECK(norms == std::vector<uint8_t>{2, 2, 2, 4, 4});
}

TEST_CASE_METHOD(LiveFixture,
                 "live segment: keyword values have sorted ordinals, whatever their arrival") {
  add({"b"});
  add({"a"});
  add({"c", "a"});
  const auto reader = read();
  const OrdinalColumn* column = reader->ordinals("log.keyword");
  REQUIRE(column != nullptr);
  CHECK(column->ordinal_count() == 3);
  CHECK(column->term(0) == "a");
  CHECK(column->find("c") == std::optional<uint32_t>(2));
  CHECK(column->lower_bound("b") == 1);
  OrdinalBatch batch;
  column->gather(Rows{0, 2}, batch);
  CHECK(batch.values == std::vector<uint32_t>{1, 0, 2});
  CHECK(batch.starts == std::vector<uint32_t>{0, 1, 3});
  uint64_t bits = 0;
  column->fill_range(0, 3, 0, 1, &bits);
  CHECK(bits == 0b110);
  CHECK(column->doc_freq(0) == 2);
}

TEST_CASE_METHOD(LiveFixture, "live segment: positions end where Lucene's do") {
  const auto log = std::const_pointer_cast<MappedField>(mapping->fields()[0]);
  log->position_increment_gap = INT32_MAX;
  add({"!", "a a", "a b a"}, {}, false);
  const auto positions = [](const SegmentReader& reader) {
    const TermsIndex& terms = *reader.terms("log", Kind::kTerms);
    const auto postings = terms.postings(*terms.find("a"), TermsIndex::Want::kPositions);
    REQUIRE(postings->next() == 0);
    return std::vector<uint32_t>(postings->positions().begin(), postings->positions().end());
  };
  const std::vector<uint32_t> all(4, kPositionMax);
  CHECK(positions(*read()) == all);
  test::MemoryStore store;
  const auto sealed = segment->seal(store, nullptr);
  REQUIRE(sealed.ok());
  CHECK(positions(**sealed) == all);
}

TEST_CASE_METHOD(LiveFixture, "live segment: a reader sees no later row") {
  add({"one"}, {5});
  const auto before = read();
  add({"one two"}, {1, 9});
  const auto after = read();
  CHECK(before->row_count() == 1);
  CHECK(rows_of(*after->terms("log", Kind::kTerms), "one") == Rows{0, 1});
  const auto postings =
      before->terms("log", Kind::kTerms)
          ->postings(*before->terms("log", Kind::kTerms)->find("one"), TermsIndex::Want::kRows);
  CHECK(postings->next() == 0);
  CHECK(postings->next() == kNoRow);
  CHECK_FALSE(before->terms("log", Kind::kTerms)->find("two"));
  CHECK(before->numeric("n", Kind::kI64)->max() == 5);
  CHECK(after->numeric("n", Kind::kI64)->max() == 9);
  NumericBatch batch;
  after->numeric("n", Kind::kI64)->gather(Rows{0, 1}, batch);
  CHECK(batch.values == std::vector<int64_t>{5, 1, 9});
}

TEST_CASE_METHOD(LiveFixture, "live segment: sources come back byte for byte, shared objects too") {
  const std::string object =
      R"({"pod_name":"order-7d9f","namespace_name":"shop","labels":{"app":"order","tier":"backend"}})";
  std::vector<std::string> texts;
  for (int i = 0; i < 5; ++i) {
    texts.push_back(R"({"kubernetes":)" + object + R"(,"log":")" + std::to_string(i) + "\"}");
    ParsedDocument document;
    document.sub_objects.push_back({14, static_cast<uint32_t>(14 + object.size())});
    RowMeta meta;
    meta.seq_no = i;
    segment->append(mapping, document, meta, texts.back());
  }
  std::string buffer;
  for (RowId row = 0; row < 5; ++row) CHECK(segment->source(row, buffer) == texts[row]);
}

TEST_CASE_METHOD(LiveFixture, "live segment: numbered objects of any numbers are told apart") {
  std::vector<std::string> texts;
  for (uint64_t i = 0; i < 40; ++i) {
    // Numbers of the same low bits follow each other; a number always stands for the same bytes.
    const uint64_t number = 1 + i % 4 * (uint64_t{1} << (8 + i % 4 * 4));
    const std::string object =
        "{\"k\":\"" + std::string(80, static_cast<char>('a' + i % 4)) + "\"}";
    texts.push_back(R"({"kubernetes":)" + object + R"(,"log":")" + std::to_string(i) + "\"}");
    ParsedDocument document;
    document.sub_objects.push_back(
        {14, static_cast<uint32_t>(14 + object.size()), 0, 0, i % 7 == 0 ? 0 : number});
    RowMeta meta;
    meta.seq_no = static_cast<SeqNo>(i);
    segment->append(mapping, document, meta, texts.back());
  }
  std::string buffer;
  for (RowId row = 0; row < texts.size(); ++row) CHECK(segment->source(row, buffer) == texts[row]);
}

TEST_CASE_METHOD(LiveFixture, "live segment: row data, ids given and derived") {
  add({"x"}, {}, true, "mine");
  add({"y"});
  const auto reader = read();
  std::vector<RowData> data;
  reader->row_data(Rows{0, 1}, data);
  CHECK(data[0].id == "mine");
  CHECK(data[1].id == encode_auto_id({7, 1}));
  CHECK(reader->rows_of_explicit_id("mine") == Rows{0});
  CHECK(reader->rows_of_explicit_id("other").empty());
  CHECK(reader->find_seq_no(1) == std::optional<RowId>(1));
  CHECK_FALSE(reader->find_seq_no(2));
  CHECK(reader->max_seq_no() == 1);
}
