// Merging sealed segments: the outcome is what one segment of the rows that are left would be.
#include "index/segment/merge.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "tests/index/segment/memory_store.h"
#include "tests/index/segment/segment_compare.h"
#include "tests/index/segment/segment_model.h"
#include "tests/run_settings.h"

using namespace stratalog;
using namespace stratalog::index;
using namespace stratalog::test;

namespace {

struct Part {
  Model model;
  std::shared_ptr<Bitmap> deleted;
};

// Takes some fields from all rows of a model: inputs of a merge need not have the same ones.
void drop_fields(Model& model, std::mt19937_64& random) {
  const auto drop = [&](auto names, auto&& erase) {
    for (const std::string& name : names) {
      if (name == "n_time" || random() % 5 != 0) continue;
      for (ModelRow& row : model.rows) erase(row, name);
    }
  };
  drop(model.number_fields(), [](ModelRow& row, const auto& name) { row.numbers.erase(name); });
  drop(model.keyword_fields(), [](ModelRow& row, const auto& name) {
    row.keywords.erase(name);
    row.value_texts.erase(name);
  });
  drop(model.text_fields(), [](ModelRow& row, const auto& name) { row.texts.erase(name); });
  // A text whose values are not kept beside it.
  for (const std::string& name : model.value_text_fields()) {
    if (random() % 4 != 0) continue;
    for (ModelRow& row : model.rows) row.value_texts.erase(name);
  }
}

struct Merge {
  Merge(uint64_t seed, const std::vector<uint32_t>& row_counts) : random(seed) {
    const uint32_t one_in = 2 + static_cast<uint32_t>(random() % 20);
    int64_t number = 0;
    for (const uint32_t rows : row_counts) {
      Part part{random_model(seed * 100 + parts.size(), rows), nullptr};
      Model& model = part.model;
      if (parts.empty()) {
        first = model;
      } else {
        model.freqs = first.freqs;
        model.positions = first.positions;
        model.norms = first.norms;
      }
      drop_fields(model, random);
      const bool without_time = random() % 12 == 0;
      for (ModelRow& row : model.rows) {
        // Numbers of several inputs interleave as those of segments do that were sealed in turn.
        row.seq_no += number;
        if (without_time) row.numbers.erase("n_time");
        if (!row.id.empty()) row.id += "-" + std::to_string(parts.size());
        for (auto& [field, text] : row.value_texts) {
          // The same value has the same text everywhere.
          text = texts.try_emplace(field + "/" + *row.keywords[field].begin(), text).first->second;
        }
      }
      number += 1'000'000;
      if (random() % 6 != 0) {
        part.deleted = std::make_shared<Bitmap>(rows);
        const bool all = random() % 10 == 0;
        for (RowId row = 0; row < rows; ++row) {
          if (all || random() % one_in == 0) part.deleted->set(row);
        }
      }
      parts.push_back(std::move(part));
    }
    make_expected();
  }

  void make_expected() {
    expected.freqs = first.freqs;
    expected.positions = first.positions;
    expected.norms = first.norms;
    bool all_have_time = true;
    for (const Part& part : parts) {
      for (RowId row = 0; row < part.model.rows.size(); ++row) {
        all_have_time &= part.model.rows[row].numbers.contains("n_time");
        if (part.deleted == nullptr || !part.deleted->get(row))
          expected.rows.push_back(part.model.rows[row]);
      }
    }
    const auto key = [&](const ModelRow& row) {
      return std::pair(all_have_time ? row.numbers.at("n_time").front() : 0, row.seq_no);
    };
    std::sort(expected.rows.begin(), expected.rows.end(),
              [&](const ModelRow& a, const ModelRow& b) { return key(a) < key(b); });
  }

  // Whether the model's writer can write what is expected: texts by value where there are any.
  bool texts_by_value() const {
    const std::set<std::string> fields = expected.value_text_fields();
    return std::all_of(expected.rows.begin(), expected.rows.end(), [&](const ModelRow& row) {
      return std::all_of(fields.begin(), fields.end(), [&](const std::string& field) {
        return row.keywords.contains(field) == row.value_texts.contains(field);
      });
    });
  }

  Result<std::shared_ptr<SealedSegment>> run(storage::Store& store) {
    std::vector<MergeInput> inputs;
    for (const Part& part : parts) inputs.push_back({write_model(store, part.model), part.deleted});
    return merge_segments(store, inputs, {.name = "_7", .time_field = "n_time"});
  }

  std::mt19937_64 random;
  std::vector<Part> parts;
  Model first;
  Model expected;
  std::map<std::string, ModelText> texts;
};

}  // namespace

TEST_CASE("merge: the outcome holds what one segment of the remaining rows would hold") {
  const std::vector<std::vector<uint32_t>> sizes = {
      {1},        {1, 1},        {3, 200, 1},       {64, 128, 65},       {500, 500},
      {300, 300}, {100, 1, 700}, {1000, 20, 1, 30}, {127, 129, 64, 300}, {2000, 900, 900}};
  uint64_t seed = test_seed(1) * 1000;
  for (int round = 0; round < (test_long() ? 40 : 3); ++round) {
    for (const auto& row_counts : sizes) {
      ++seed;
      INFO("STRATALOG_TEST_SEED=" << test_seed(1) << ", inputs " << row_counts.size());
      MemoryStore store;
      Merge merge(seed, row_counts);
      const auto merged = merge.run(store);
      INFO((merged ? "" : merged.error().reason));
      REQUIRE(merged.ok());
      if (merge.expected.rows.empty()) {
        REQUIRE(*merged == nullptr);
        continue;
      }
      REQUIRE((*merged)->name() == "_7");
      check_model(**merged, merge.expected, merge.random);
      if (merge.texts_by_value()) check_same(**merged, *write_model(store, merge.expected));
    }
  }
}

TEST_CASE("merge: many rows, and the outcome merges again") {
  MemoryStore store;
  Merge merge(test_seed(1) + 77, {17000, 9000});
  auto merged = merge.run(store);
  REQUIRE(merged.ok());
  check_model(**merged, merge.expected, merge.random);
  const MergeInput again{*merged, nullptr};
  const auto twice = merge_segments(store, std::span(&again, 1), {"_7", "n_time"});
  REQUIRE(twice.ok());
  check_same(**merged, **twice);
}

TEST_CASE("merge: the store's error is the merge's, and nothing is left of it") {
  for (const uint32_t adds : {0u, 1u, 6u}) {
    MemoryStore store;
    Merge merge(5, {300, 300});
    std::vector<MergeInput> inputs;
    for (const Part& part : merge.parts)
      inputs.push_back({write_model(store, part.model), part.deleted});
    store.fail_adds_after(adds);
    const auto merged = merge_segments(store, inputs, {"_7", "n_time"});
    REQUIRE_FALSE(merged.ok());
    CHECK(merged.error().type == error_types::kIo);
    CHECK(store.list_segments()->size() == 2);
  }
}

TEST_CASE("merge: damaged inputs give an error or an outcome, never a crash") {
  MemoryStore store;
  Merge merge(9, {400, 300});
  std::vector<MergeInput> inputs;
  for (const Part& part : merge.parts)
    inputs.push_back({write_model(store, part.model), part.deleted});
  const auto uid = inputs[0].segment->uid();
  const MemoryStore::Blocks good = store.blocks(uid);
  size_t refused = 0;
  for (int round = 0; round < 300; ++round) {
    MemoryStore::Blocks& blocks = store.blocks(uid);
    blocks = good;
    // The last one is the directory, which was read when the segment was opened.
    std::string& block = blocks[merge.random() % (blocks.size() - 1)];
    for (uint64_t flips = 1 + merge.random() % 8; flips > 0; --flips)
      block[merge.random() % block.size()] ^= static_cast<char>(1 << (merge.random() % 8));
    const auto merged = merge_segments(store, inputs, {"_7", "n_time"});
    if (merged) continue;
    CHECK(merged.error().type == error_types::kCorruption);
    ++refused;
  }
  CHECK(refused > 30);
}
