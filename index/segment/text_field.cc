#include "index/segment/text_field.h"

#include <algorithm>

#include "base/bits.h"
#include "index/segment/term_cursor.h"
#include "index/segment/union_postings.h"

namespace stratalog::index {
namespace {

// The rows of a term that is kept by value; frequencies and positions are those of the row's value.
class ByValuePostings final : public Postings {
 public:
  ByValuePostings(const OrdinalRows& rows, std::unique_ptr<Postings> lists,
                  std::unique_ptr<Postings> values)
      : rows_(rows), lists_(std::move(lists)), values_(std::move(values)) {}

  uint32_t doc_freq() const override { return lists_->doc_freq(); }
  RowId row() const override { return lists_->row(); }
  RowId next() override { return lists_->next(); }
  RowId advance(RowId target) override { return lists_->advance(target); }
  uint32_t freq() override {
    find_value();
    return freq_;
  }
  std::span<const uint32_t> positions() override {
    find_value();
    return positions_;
  }
  void fill(RowId begin, RowId end, uint64_t* bits) override { lists_->fill(begin, end, bits); }

 private:
  struct Value {
    uint32_t ordinal;
    uint32_t freq;
    uint32_t positions_begin;
    uint32_t positions_end;
  };

  // Values are read from their list once, all of them: rows of one value are scattered.
  void read_values() {
    while (values_->next() != kNoRow) {
      const auto begin = static_cast<uint32_t>(all_positions_.size());
      const auto positions = values_->positions();
      all_positions_.insert(all_positions_.end(), positions.begin(), positions.end());
      read_.push_back(
          {values_->row(), values_->freq(), begin, static_cast<uint32_t>(all_positions_.size())});
    }
    values_.reset();
  }

  void find_value() {
    if (values_ != nullptr) read_values();
    const RowId row = lists_->row();
    rows_.gather(std::span(&row, 1), batch_);
    check_stored(batch_.values.size() == 1, "value of a text field's row");
    const uint32_t ordinal = batch_.values.front();
    const auto found =
        std::lower_bound(read_.begin(), read_.end(), ordinal,
                         [](const Value& value, uint32_t o) { return value.ordinal < o; });
    check_stored(found != read_.end() && found->ordinal == ordinal, "value of a text field's row");
    freq_ = found->freq;
    positions_ =
        std::span(all_positions_)
            .subspan(found->positions_begin, found->positions_end - found->positions_begin);
  }

  const OrdinalRows& rows_;
  std::unique_ptr<Postings> lists_;
  std::unique_ptr<Postings> values_;
  std::vector<Value> read_;
  std::vector<uint32_t> all_positions_;
  OrdinalBatch batch_;
  uint32_t freq_ = 0;
  std::span<const uint32_t> positions_;
};

}  // namespace

TextField::TextField(const BlockSource& source, uint32_t row_count, const OrdinalField* values_of,
                     ByteReader& meta)
    : values_of_(values_of),
      dictionary_(source, meta),
      postings_(source, meta),
      doc_count_(static_cast<uint32_t>(std::min<uint64_t>(meta.varint(), row_count))),
      sum_doc_freq_(meta.varint()),
      sum_total_term_freq_(meta.varint()),
      has_norms_((meta.fixed<uint8_t>() & 1) != 0),
      norms_(source, values_of == nullptr ? row_count : values_of->ordinal_count(), meta) {
  const uint32_t list_rows = values_of == nullptr ? row_count : values_of->ordinal_count();
  const DictionaryShape& shape = dictionary_.shape();
  check_stored(meta.ok() && postings_.list_rows() == list_rows && shape.list_rows == list_rows &&
                   shape.has_postings && shape.has_freqs == postings_.has_freqs() &&
                   shape.shown_apart == (values_of != nullptr),
               "text field");
  check_stored(values_of == nullptr || values_of->single_valued(), "text field by value");
  check_stored(
      norms_.value_count() == 0 || (norms_.one_each() && norms_.min() >= 0 && norms_.max() <= 255),
      "norms of a text field");
}

std::optional<TermInfo> TextField::find(std::string_view term) const {
  return find_term(dictionary_, term);
}

std::unique_ptr<TermIterator> TextField::iterate(std::string_view from) const {
  return std::make_unique<DictionaryIterator>(dictionary_, from);
}

void TextField::visit_containing(
    std::span<const std::string_view> parts,
    const std::function<void(std::string_view, const TermInfo&)>& visit) const {
  visit_terms_containing(dictionary_, parts, visit);
}

std::unique_ptr<Postings> TextField::postings(const TermInfo& term, Want want) const {
  check_stored(term.handle < dictionary_.term_count(), "term ordinal");
  const TermEntry entry = dictionary_.entry(static_cast<uint32_t>(term.handle));
  auto list = postings_.open(entry, want);
  if (values_of_ == nullptr) return list;

  std::vector<uint32_t> ordinals;
  ordinals.reserve(entry.list_count);
  const auto all = postings_.open(entry, Want::kRows);
  while (all->next() != kNoRow) ordinals.push_back(all->row());
  auto rows = values_of_->rows().postings(std::move(ordinals), entry.doc_freq);
  if (want == Want::kRows) return rows;
  return std::make_unique<ByValuePostings>(values_of_->rows(), std::move(rows), std::move(list));
}

void TextField::norms(std::span<const RowId> rows, uint8_t* out) const {
  NumericBatch batch;
  if (values_of_ == nullptr) {
    norms_.gather(rows, batch);
    for (size_t i = 0; i < rows.size(); ++i) out[i] = static_cast<uint8_t>(batch.values[i]);
    return;
  }
  OrdinalBatch ordinals;
  values_of_->rows().gather(rows, ordinals);
  norms_.gather(ordinals.values, batch);
  for (size_t i = 0; i < rows.size(); ++i) {
    out[i] = ordinals.begin(i) == ordinals.end(i)
                 ? uint8_t{0}
                 : static_cast<uint8_t>(batch.values[ordinals.begin(i)]);
  }
}

void TextField::fill_present(RowId begin, RowId end, uint64_t* bits) const {
  if (values_of_ == nullptr) {
    norms_.fill_range(begin, end, 1, 255, bits);
    return;
  }
  const OrdinalRows& rows = values_of_->rows();
  std::vector<uint64_t> present(words_for(rows.ordinal_count()));
  norms_.fill_range(0, rows.ordinal_count(), 1, 255, present.data());
  std::vector<uint32_t> ordinals;
  for_each_bit(present,
               [&](size_t ordinal) { ordinals.push_back(static_cast<uint32_t>(ordinal)); });
  if (ordinals.size() == rows.ordinal_count()) {
    rows.fill_present(begin, end, bits);
  } else {
    rows.postings(std::move(ordinals), 0)->fill(begin, end, bits);
  }
}

uint64_t TextField::resident_bytes() const {
  return sizeof(*this) + dictionary_.resident_bytes() + postings_.resident_bytes() +
         norms_.resident_bytes();
}

}  // namespace stratalog::index
