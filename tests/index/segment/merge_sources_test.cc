// Sources through merges: which blocks are taken over as they are, and that every byte comes back.
#include "index/segment/merge_sources.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "tests/index/segment/memory_store.h"
#include "tests/index/segment/segment_model.h"

using namespace stratalog;
using namespace stratalog::index;
using namespace stratalog::test;

namespace {

constexpr uint32_t kRows = 3000;

std::string source_of(int64_t time, std::mt19937_64& random) {
  std::string text = R"({"kubernetes":{"pod_name":"order-)" + std::to_string(time % 7) +
                     R"(","namespace_name":"shop","labels":{"app":"order"}},"log":")";
  for (int i = 0; i < 25; ++i) text += std::to_string(random() % 100000) + " ";
  return text + "\"}";
}

// Rows at the times first, first + step, ...
Model rows_from(int64_t first, int64_t step, int64_t seq_no) {
  std::mt19937_64 random(static_cast<uint64_t>(first));
  Model model;
  for (uint32_t i = 0; i < kRows; ++i) {
    ModelRow row;
    const int64_t time = first + step * i;
    row.numbers["n_time"] = {time};
    row.seq_no = seq_no + i;
    if (time % 100 != 0) row.source = source_of(time, random);
    model.rows.push_back(row);
  }
  return model;
}

struct SourceMerge {
  MemoryStore store;
  std::vector<MergeInput> inputs;
  std::vector<ModelRow> expected;

  void add(const Model& model, std::shared_ptr<Bitmap> deleted = nullptr) {
    add(write_model(store, model), model, std::move(deleted));
  }
  void add(std::shared_ptr<const SealedSegment> segment, const Model& model,
           std::shared_ptr<Bitmap> deleted = nullptr) {
    for (RowId row = 0; row < model.rows.size(); ++row) {
      if (deleted == nullptr || !deleted->get(row)) expected.push_back(model.rows[row]);
    }
    inputs.push_back({std::move(segment), std::move(deleted)});
  }
  // Merges, compares every source, and returns how many groups the outcome has.
  size_t groups() {
    auto merged = merge_segments(store, inputs, {.name = "_m", .time_field = "n_time"});
    REQUIRE(merged.ok());
    outcome = *merged;
    std::sort(expected.begin(), expected.end(), [](const ModelRow& a, const ModelRow& b) {
      return std::pair(a.numbers.at("n_time"), a.seq_no) <
             std::pair(b.numbers.at("n_time"), b.seq_no);
    });
    REQUIRE(outcome->row_count() == expected.size());
    std::vector<RowId> rows(expected.size());
    for (RowId row = 0; row < rows.size(); ++row) rows[row] = row;
    // In an order that goes from group to group and back.
    std::shuffle(rows.begin(), rows.end(), std::mt19937_64(7));
    rows.resize(std::min<size_t>(rows.size(), 2000));
    std::vector<std::string> seen(rows.size());
    outcome->sources(rows, [&](size_t i, std::string_view source) { seen[i] = source; });
    for (size_t i = 0; i < rows.size(); ++i) {
      if (seen[i] != expected[rows[i]].source) FAIL("row " << rows[i]);
    }
    const auto& segment = dynamic_cast<const SealedSegmentImpl&>(*outcome);
    SourceReader::Cursor cursor(*segment.source_reader());
    for (RowId row = 0; row < expected.size(); ++row) {
      if (cursor.get(row) != expected[row].source) FAIL("row " << row);
    }
    return segment.source_reader()->group_count();
  }
  std::shared_ptr<SealedSegment> outcome;
};

}  // namespace

TEST_CASE("merge of sources: blocks of inputs that lie one after the other are taken over") {
  SourceMerge merge;
  for (int64_t i = 0; i < 3; ++i) merge.add(rows_from(1 + i * kRows, 1, i * kRows));
  CHECK(merge.groups() == 3);

  // An outcome is an input like others, with all its groups.
  SourceMerge again;
  Model first;
  first.rows = merge.expected;
  const auto& segment = dynamic_cast<const SealedSegmentImpl&>(*merge.outcome);
  again.add(merge.outcome, first);
  again.add(rows_from(1 + 3 * kRows, 1, 3 * kRows));
  CHECK(again.groups() == segment.source_reader()->group_count() + 1);
}

TEST_CASE("merge of sources: rows that interleave are written anew") {
  SourceMerge merge;
  merge.add(rows_from(1, 2, 0));
  merge.add(rows_from(2, 2, kRows));
  CHECK(merge.groups() == 1);
}

TEST_CASE("merge of sources: where inputs overlap at their ends, the rest is taken over") {
  SourceMerge merge;
  merge.add(rows_from(1, 1, 0));
  merge.add(rows_from(1 + kRows - kRows / 8, 1, kRows));
  CHECK(merge.groups() == 3);
}

TEST_CASE("merge of sources: a block with a deleted row is written anew") {
  for (const uint32_t every : {500u, 10u, 1u}) {
    auto deleted = std::make_shared<Bitmap>(kRows);
    for (RowId row = every / 2; row < kRows; row += every) deleted->set(row);
    SourceMerge merge;
    merge.add(rows_from(1, 1, 0), deleted);
    merge.add(rows_from(1 + kRows, 1, kRows));
    // Few deleted rows: own blocks, and both inputs' others. Many: nothing is left to take over.
    CHECK(merge.groups() == (every == 500 ? 3 : every == 10 ? 2 : 1));
  }
}

TEST_CASE("merge of sources: what is small is written anew, into full blocks") {
  SourceMerge merge;
  for (int64_t i = 0; i < 20; ++i) {
    Model model = rows_from(1 + i * kRows, 1, i * kRows);
    model.rows.resize(50);
    merge.add(model);
  }
  CHECK(merge.groups() == 1);
}
