#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "base/bytes.h"
#include "index/segment/sub_objects.h"
#include "tests/index/segment/segment_model.h"
#include "tests/index/segment/segment_model_terms.h"

namespace stratalog::test {

using namespace index;

namespace {

class MapTerms final : public TermsInput {
 public:
  MapTerms(const Inverted& terms, bool freqs, bool positions)
      : terms_(terms), freqs_(freqs), positions_(positions) {}
  bool next() override {
    at_ = started_ ? std::next(at_) : terms_.begin();
    started_ = true;
    if (at_ == terms_.end()) return false;
    bytes_.clear();
    size_t next = 0;
    for (const uint32_t freq : at_->second.freqs) {
      for (uint32_t i = 0, last = 0; i < freq && next < at_->second.positions.size(); ++i) {
        put_varint(bytes_, at_->second.positions[next] - last);
        last = at_->second.positions[next++];
      }
    }
    return true;
  }
  std::string_view term() const override { return at_->first; }
  std::span<const RowId> rows() const override { return at_->second.rows; }
  std::span<const uint32_t> freqs() const override {
    return freqs_ ? std::span<const uint32_t>(at_->second.freqs) : std::span<const uint32_t>();
  }
  std::string_view positions() const override {
    return positions_ ? std::string_view(bytes_) : std::string_view();
  }

 private:
  const Inverted& terms_;
  const bool freqs_;
  const bool positions_;
  bool started_ = false;
  std::string bytes_;  // of the positions
  Inverted::const_iterator at_;
};

class ModelNumbers final : public NumericInput {
 public:
  ModelNumbers(const Model& model, const std::string& field) : model_(model), field_(field) {
    one_each_ = std::all_of(model.rows.begin(), model.rows.end(), [&](const ModelRow& row) {
      const auto found = row.numbers.find(field);
      return found != row.numbers.end() && found->second.size() == 1;
    });
  }
  void read(RowId begin, RowId end, NumericBatch& out) override {
    out.values.clear();
    out.starts.assign(1, 0);
    out.one_each = one_each_;
    for (RowId row = begin; row < end; ++row) {
      if (const auto found = model_.rows[row].numbers.find(field_);
          found != model_.rows[row].numbers.end()) {
        out.values.insert(out.values.end(), found->second.begin(), found->second.end());
      }
      out.starts.push_back(static_cast<uint32_t>(out.values.size()));
    }
  }

 private:
  const Model& model_;
  const std::string& field_;
  bool one_each_ = false;
};

// Every second row in parts.
class ModelSources final : public SourceInput {
 public:
  explicit ModelSources(const Model& model) : model_(model) {}
  void read(RowId row, SourceParts& out) override {
    const std::string_view source = model_.rows[row].source;
    out.objects.clear();
    uint32_t last = 0;
    SubObjectScanner scanner(source);
    for (uint32_t end = 0; row % 2 == 1 && scanner.next() && scanner.find_end(end); last = end) {
      const std::string object(source.substr(scanner.begin(), end - scanner.begin()));
      const auto number = numbers_.try_emplace(object, objects_.size());
      if (number.second) objects_.push_back(object);
      out.objects.push_back({source.substr(last, scanner.begin() - last), number.first->second});
      scanner.skip_to(end);
    }
    out.rest = source.substr(last);
  }
  std::string_view object(uint32_t number) const override { return objects_.at(number); }

 private:
  const Model& model_;
  std::map<std::string, uint32_t> numbers_;
  std::vector<std::string> objects_;
};

}  // namespace

Result<std::shared_ptr<SealedSegment>> try_write_model(storage::Store& store, const Model& model) {
  ASSIGN_OR_RETURN(auto writer, SegmentWriter::create(
                                    store, {.row_count = static_cast<uint32_t>(model.rows.size()),
                                            .name = "_7"}));
  for (const std::string& field : model.number_fields()) {
    ModelNumbers input(model, field);
    RETURN_IF_ERROR(writer->write_numeric({field, Kind::kI64}, input));
  }
  std::vector<uint8_t> norms;
  for (const std::string& field : model.keyword_fields()) {
    const Inverted terms = invert_keyword(model, field);
    MapTerms input(terms, false, false);
    RETURN_IF_ERROR(writer->write_ordinals({field, Kind::kOrdinals}, input));
    if (!model.value_text_fields().contains(field)) continue;
    Inverted by_value;
    std::map<std::string, const ModelText*> texts;
    for (const ModelRow& row : model.rows) {
      if (row.value_texts.contains(field))
        texts[*row.keywords.at(field).begin()] = &row.value_texts.at(field);
    }
    norms.assign(terms.size(), 0);
    RowId ordinal = 0;
    for (const auto& [value, occurrences] : terms) {
      add_text(by_value, ordinal, *texts.at(value));
      norms[ordinal++] = model.norms ? texts.at(value)->norm : 1;
    }
    MapTerms text(by_value, model.freqs, model.positions);
    RETURN_IF_ERROR(writer->write_text_by_value({field, Kind::kTerms}, {field, Kind::kOrdinals},
                                                text,
                                                {.freqs = model.freqs,
                                                 .positions = model.positions,
                                                 .has_norms = model.norms,
                                                 .norms = norms}));
  }
  for (const std::string& field : model.text_fields()) {
    const Inverted terms = invert_text(model, field);
    norms.assign(model.rows.size(), 0);
    for (size_t row = 0; row < model.rows.size(); ++row) {
      const auto found = model.rows[row].texts.find(field);
      if (found != model.rows[row].texts.end()) norms[row] = model.norms ? found->second.norm : 1;
    }
    MapTerms text(terms, model.freqs, model.positions);
    RETURN_IF_ERROR(writer->write_text({field, Kind::kTerms}, text,
                                       {.freqs = model.freqs,
                                        .positions = model.positions,
                                        .has_norms = model.norms,
                                        .norms = norms}));
  }
  std::vector<int64_t> seq_no, version, primary_term;
  std::vector<std::string_view> ids, routing;
  std::vector<uint64_t> prefixes;
  for (const ModelRow& row : model.rows) {
    seq_no.push_back(row.seq_no);
    version.push_back(row.version);
    primary_term.push_back(row.primary_term);
    ids.push_back(row.id);
    routing.push_back(row.routing);
    prefixes.push_back(row.prefix);
  }
  RETURN_IF_ERROR(writer->write_rows({.seq_no = seq_no,
                                      .version = version,
                                      .primary_term = primary_term,
                                      .ids = ids,
                                      .auto_id_prefixes = prefixes,
                                      .routing = routing}));
  ModelSources sources(model);
  RETURN_IF_ERROR(writer->write_sources(sources));
  return writer->finish();
}

std::shared_ptr<SealedSegment> write_model(storage::Store& store, const Model& model) {
  auto segment = try_write_model(store, model);
  if (!segment) FAIL(segment.error().reason);
  return *segment;
}

}  // namespace stratalog::test
