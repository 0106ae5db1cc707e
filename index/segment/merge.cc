#include "index/segment/merge.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/ensure.h"
#include "index/segment/checked_terms.h"
#include "index/segment/merge_columns.h"
#include "index/segment/merge_rows.h"
#include "index/segment/merge_sources.h"
#include "index/segment/merge_terms.h"
#include "index/segment/segment_writer_impl.h"

namespace stratalog::index {
namespace {

// Fields with more values, those of all inputs counted, are merged by their lists; others by their
// columns, for which all values are held in memory.
constexpr uint64_t kColumnTermsMax = 1 << 16;

class MergeRowInput final : public RowInput {
 public:
  explicit MergeRowInput(const MergeRows& rows) : rows_(rows) {
    std::vector<const ColumnReader*> seq_no, version, primary_term, prefix;
    std::vector<MergeTerms::Source> ids, routing;
    for (size_t i = 0; i < rows.input_count(); ++i) {
      const RowStore& store = *rows.segment(i).row_store();
      seq_no.push_back(&store.seq_no());
      version.push_back(&store.version());
      primary_term.push_back(&store.primary_term());
      prefix.push_back(store.prefixes());
      add_source(store.ids(), i, ids);
      add_source(store.routing(), i, routing);
      if (store.ids() != nullptr) id_count_ += store.ids()->ordinal_count();
    }
    seq_no_.emplace(rows, std::move(seq_no));
    version_.emplace(rows, std::move(version));
    primary_term_.emplace(rows, std::move(primary_term));
    prefix_.emplace(rows, std::move(prefix));
    const CheckedTerms::Shape one_each{.list_rows = rows.row_count(), .single_valued = true};
    if (!ids.empty()) {
      ids_.emplace(std::move(ids), false, false);
      checked_ids_.emplace(*ids_, one_each);
    }
    if (!routing.empty()) {
      routing_.emplace(std::move(routing), false, false);
      checked_routing_.emplace(*routing_, one_each);
    }
  }

  void read(RowId begin, RowId end, Window& out) override {
    read_column(*seq_no_, begin, end, out.seq_no);
    read_column(*version_, begin, end, out.version);
    read_column(*primary_term_, begin, end, out.primary_term);
    prefix_->read(begin, end, batch_);
    out.prefix.resize(end - begin);
    for (size_t i = 0; i < out.prefix.size(); ++i) {
      // An input of explicit ids only has no prefixes.
      out.prefix[i] = batch_.begin(i) < batch_.end(i) ? batch_.values[batch_.begin(i)] : 0;
    }
  }
  TermsInput* ids() override { return checked_ids_ ? &*checked_ids_ : nullptr; }
  uint64_t id_count_max() const override { return id_count_; }
  TermsInput* routing() override { return checked_routing_ ? &*checked_routing_ : nullptr; }

 private:
  void add_source(const OrdinalField* field, size_t input,
                  std::vector<MergeTerms::Source>& sources) const {
    if (field == nullptr) return;
    sources.push_back({.dictionary = &field->dictionary(),
                       .postings = field->rows().lists(),
                       .new_rows = rows_.new_rows(input)});
  }
  void read_column(MergeNumbers& column, RowId begin, RowId end, std::vector<int64_t>& out) {
    column.read(begin, end, batch_);
    check_stored(batch_.values.size() == end - begin, "row data");
    out = batch_.values;
  }

  const MergeRows& rows_;
  std::optional<MergeNumbers> seq_no_, version_, primary_term_, prefix_;
  std::optional<MergeTerms> ids_, routing_;
  std::optional<CheckedTerms> checked_ids_, checked_routing_;
  uint64_t id_count_ = 0;
  NumericBatch batch_;
};

class Merger {
 public:
  Merger(const MergeRows& rows, StreamingSegmentWriter& writer) : rows_(rows), writer_(writer) {}

  Status run() {
    std::set<FieldKey> fields;
    for (size_t i = 0; i < rows_.input_count(); ++i) {
      fields.insert(rows_.segment(i).fields().begin(), rows_.segment(i).fields().end());
    }
    for (const FieldKey& field : fields) {
      if (is_numeric(field.kind)) RETURN_IF_ERROR(merge_numbers(field));
    }
    for (const FieldKey& field : fields) {
      if (field.kind == Kind::kTerms) find_shared_values(field);
    }
    // The writer holds fields back to find those that follow from others, but not for ever: the
    // others first.
    for (const bool derived : {false, true}) {
      for (const FieldKey& field : fields) {
        if (has_dictionary(field.kind) && follows_somewhere(field) == derived)
          RETURN_IF_ERROR(merge_ordinals(field));
      }
    }
    for (const FieldKey& field : fields) {
      if (field.kind == Kind::kTerms) RETURN_IF_ERROR(merge_text(field));
    }
    MergeRowInput row_input(rows_);
    RETURN_IF_ERROR(writer_.write_row_input(row_input));
    MergeSources sources(rows_);
    return writer_.write_sources_by([&](SourceWriter& writer) { sources.write(writer); });
  }

 private:
  using Ordinals = std::vector<std::vector<uint32_t>>;  // by input: new ordinal of each ordinal

  Status merge_numbers(const FieldKey& field) {
    std::vector<const ColumnReader*> columns;
    for (size_t i = 0; i < rows_.input_count(); ++i) {
      const NumericField* numbers = rows_.segment(i).numeric_field(field.path, field.kind);
      columns.push_back(numbers == nullptr ? nullptr : &numbers->column());
    }
    MergeNumbers input(rows_, std::move(columns));
    if (!input.any()) return {};
    return writer_.write_numeric(field, input);
  }

  bool follows_somewhere(const FieldKey& field) const {
    for (size_t i = 0; i < rows_.input_count(); ++i) {
      if (rows_.segment(i).follows_from(field) != nullptr) return true;
    }
    return false;
  }

  Status merge_ordinals(const FieldKey& field) {
    std::vector<const OrdinalField*> fields;
    uint64_t terms = 0;
    bool stored = true;
    for (size_t i = 0; i < rows_.input_count(); ++i) {
      fields.push_back(rows_.segment(i).ordinal_field(field.path, field.kind));
      if (fields.back() == nullptr) continue;
      terms += fields.back()->ordinal_count();
      stored = stored && fields.back()->rows().lists() != nullptr;
    }
    const bool keep_ordinals = shared_.contains(field);
    if (terms <= kColumnTermsMax || !stored) {
      MergeOrdinals input(rows_, fields);
      RETURN_IF_ERROR(write_ordinals(field, input, keep_ordinals));
      if (keep_ordinals) new_ordinals_[field] = input.new_ordinals();
      return {};
    }
    std::vector<MergeTerms::Source> sources;
    std::vector<size_t> inputs;
    for (size_t i = 0; i < fields.size(); ++i) {
      if (fields[i] == nullptr) continue;
      inputs.push_back(i);
      sources.push_back({.dictionary = &fields[i]->dictionary(),
                         .postings = fields[i]->rows().lists(),
                         .new_rows = rows_.new_rows(i)});
    }
    MergeTerms input(std::move(sources), false, false);
    RETURN_IF_ERROR(write_ordinals(field, input, keep_ordinals));
    if (keep_ordinals) {
      Ordinals ordinals(fields.size());
      for (size_t k = 0; k < inputs.size(); ++k) ordinals[inputs[k]] = input.new_ordinals()[k];
      new_ordinals_[field] = std::move(ordinals);
    }
    return {};
  }

  // Of a field whose rows are all gone nothing is written.
  Status write_ordinals(const FieldKey& field, TermsInput& input, bool single_valued) {
    CheckedTerms checked(input, {.list_rows = rows_.row_count(), .single_valued = single_valued});
    if (checked.empty()) return {};
    return writer_.write_ordinals(field, checked);
  }

  // A text stays by value where every input that has the values has the text by them.
  void find_shared_values(const FieldKey& text) {
    const FieldKey* values = nullptr;
    for (size_t i = 0; i < rows_.input_count() && values == nullptr; ++i) {
      values = rows_.segment(i).shares_values_of(text);
    }
    if (values == nullptr) return;
    for (size_t i = 0; i < rows_.input_count(); ++i) {
      const SealedSegmentImpl& segment = rows_.segment(i);
      const FieldKey* own = segment.shares_values_of(text);
      const bool absent = segment.text_field(text.path) == nullptr &&
                          segment.ordinal_field(values->path, values->kind) == nullptr;
      if (!absent && (own == nullptr || *own != *values)) return;
    }
    shared_.insert(*values);
    values_of_[text] = *values;
  }

  Status merge_text(const FieldKey& field) {
    std::vector<const TextField*> texts;
    bool freqs = true;
    bool positions = true;
    bool norms = true;
    for (size_t i = 0; i < rows_.input_count(); ++i) {
      texts.push_back(rows_.segment(i).text_field(field.path));
      if (texts.back() == nullptr) continue;
      freqs = freqs && texts.back()->list_postings().has_freqs();
      positions = positions && texts.back()->has_positions();
      norms = norms && texts.back()->has_norms();
    }
    SegmentWriter::TextOptions options{
        .freqs = freqs, .positions = positions, .has_norms = norms, .norms = {}};
    const auto shared = values_of_.find(field);
    std::vector<uint8_t> all_norms;
    std::vector<MergeTerms::Source> sources;
    if (shared != values_of_.end()) {
      const Ordinals& ordinals = new_ordinals_.at(shared->second);
      for (size_t i = 0; i < texts.size(); ++i) {
        if (texts[i] == nullptr) continue;
        sources.push_back({.dictionary = &texts[i]->dictionary(),
                           .postings = &texts[i]->list_postings(),
                           .new_rows = ordinals[i]});
      }
      options.norms = all_norms = norms_by_value(texts, ordinals, norms);
      MergeTerms input(std::move(sources), freqs, positions);
      CheckedTerms checked(
          input,
          {.list_rows = term_count(ordinals), .freqs = freqs, .positions = freqs && positions});
      if (is_nothing(checked, options)) return {};
      return writer_.write_text_by_value(field, shared->second, checked, options);
    }
    for (size_t i = 0; i < texts.size(); ++i) {
      if (texts[i] == nullptr) continue;
      const bool by_value = texts[i]->values_of() != nullptr;
      sources.push_back({.dictionary = &texts[i]->dictionary(),
                         .postings = by_value ? nullptr : &texts[i]->list_postings(),
                         .new_rows = rows_.new_rows(i),
                         .expanded = texts[i]});
    }
    options.norms = all_norms = norms_by_row(texts, norms);
    MergeTerms input(std::move(sources), freqs, positions);
    CheckedTerms checked(
        input, {.list_rows = rows_.row_count(), .freqs = freqs, .positions = freqs && positions});
    if (is_nothing(checked, options)) return {};
    return writer_.write_text(field, checked, options);
  }

  // A text without a token is there all the same.
  static bool is_nothing(const CheckedTerms& terms, const SegmentWriter::TextOptions& options) {
    return terms.empty() && std::all_of(options.norms.begin(), options.norms.end(),
                                        [](uint8_t norm) { return norm == 0; });
  }

  // As SegmentWriter takes it: inputs with norms may meet such without.
  static uint8_t norm_or_present(int64_t norm, bool norms) {
    return static_cast<uint8_t>(norms ? norm : std::min<int64_t>(norm, 1));
  }

  // How many values are kept.
  static uint32_t term_count(const Ordinals& ordinals) {
    uint32_t count = 0;
    for (const auto& of_input : ordinals) {
      for (const uint32_t ordinal : of_input) {
        if (ordinal != kNoRow) count = std::max(count, ordinal + 1);
      }
    }
    return count;
  }

  static std::vector<uint8_t> norms_by_value(const std::vector<const TextField*>& texts,
                                             const Ordinals& ordinals, bool has_norms) {
    std::vector<uint8_t> norms(term_count(ordinals));
    NumericBatch batch;
    for (size_t i = 0; i < texts.size(); ++i) {
      if (texts[i] == nullptr) continue;
      const ColumnReader& column = texts[i]->norm_column();
      column.read(0, column.row_count(), batch);
      check_stored(batch.values.size() == ordinals[i].size(), "norms by value");
      for (size_t k = 0; k < batch.values.size(); ++k) {
        const uint32_t ordinal = ordinals[i][k];
        if (ordinal != kNoRow) norms[ordinal] = norm_or_present(batch.values[k], has_norms);
      }
    }
    return norms;
  }

  std::vector<uint8_t> norms_by_row(const std::vector<const TextField*>& texts,
                                    bool has_norms) const {
    std::vector<uint8_t> norms(rows_.row_count());
    std::vector<RowId> rows;
    std::vector<uint8_t> some;
    for (size_t i = 0; i < texts.size(); ++i) {
      if (texts[i] == nullptr) continue;
      const std::span<const RowId> new_rows = rows_.new_rows(i);
      for (RowId begin = 0; begin < new_rows.size(); begin += kChunkRows) {
        const auto end =
            static_cast<RowId>(std::min<size_t>(new_rows.size(), begin + size_t{kChunkRows}));
        rows.clear();
        for (RowId row = begin; row < end; ++row) {
          if (new_rows[row] != kNoRow) rows.push_back(row);
        }
        some.resize(rows.size());
        texts[i]->norms(rows, some.data());
        for (size_t k = 0; k < rows.size(); ++k) {
          norms[new_rows[rows[k]]] = norm_or_present(some[k], has_norms);
        }
      }
    }
    return norms;
  }

  const MergeRows& rows_;
  StreamingSegmentWriter& writer_;
  std::set<FieldKey> shared_;                  // ordinal fields by whose values texts are kept
  std::map<FieldKey, FieldKey> values_of_;     // texts that stay by value
  std::map<FieldKey, Ordinals> new_ordinals_;  // of shared_
};

}  // namespace

Result<std::shared_ptr<SealedSegment>> merge_segments(storage::Store& store,
                                                      std::span<const MergeInput> inputs,
                                                      const MergeOptions& options) {
  try {
    const MergeRows rows(inputs, options.time_field);
    if (rows.row_count() == 0) return std::shared_ptr<SealedSegment>();
    ASSIGN_OR_RETURN(auto writer, StreamingSegmentWriter::create(
                                      store, {.row_count = rows.row_count(),
                                              .name = options.name,
                                              .pending_bytes_max = options.pending_bytes_max}));
    RETURN_IF_ERROR(Merger(rows, *writer).run());
    return writer->finish();
  } catch (const SegmentFault& fault) {
    return fault.error();
  }
}

}  // namespace stratalog::index
