// A segment as plain rows: written through SegmentWriter, and held against what a reader says.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "index/segment/sealed_segment.h"
#include "index/segment/segment_writer.h"

namespace stratalog::test {

struct ModelText {
  std::vector<std::string> tokens;  // "" leaves a hole: the position counts, the token is none
  uint8_t norm = 0;
  friend auto operator<=>(const ModelText&, const ModelText&) = default;
};

struct ModelRow {
  std::map<std::string, std::vector<int64_t>> numbers;  // ascending
  std::map<std::string, std::set<std::string>> keywords;
  std::map<std::string, ModelText> texts;        // by row
  std::map<std::string, ModelText> value_texts;  // "x": text of the value of keyword "x"
  int64_t seq_no = 0;
  int64_t version = 1;
  int64_t primary_term = 1;
  uint64_t prefix = 77;
  std::string id;  // explicit, or ""
  std::string routing;
  std::string source;
};

struct Model {
  std::vector<ModelRow> rows;
  bool freqs = true;
  bool positions = true;
  bool norms = true;

  std::set<std::string> number_fields() const;
  std::set<std::string> keyword_fields() const;
  std::set<std::string> text_fields() const;
  std::set<std::string> value_text_fields() const;
};

// Fields: numbers n_*, keywords k_*, texts t_*. `seed` and `rows` decide all.
Model random_model(uint64_t seed, uint32_t rows);

Result<std::shared_ptr<index::SealedSegment>> try_write_model(storage::Store& store,
                                                              const Model& model);
std::shared_ptr<index::SealedSegment> write_model(storage::Store& store, const Model& model);

// Asks everything the reader interface has to say about all rows; REQUIREs that it is what the
// model says.
void check_model(const index::SegmentReader& segment, const Model& model, std::mt19937_64& random);
// Asks the same without looking at the answers; a SegmentFault passes through.
void read_everything(const index::SegmentReader& segment, std::mt19937_64& random);

}  // namespace stratalog::test
