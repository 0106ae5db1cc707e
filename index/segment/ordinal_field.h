// A keyword-like field as queries see it: values, ordinals by row, and terms with their rows.
//
// Threads any. Errors: SegmentFault.
#pragma once

#include <memory>

#include "index/segment/dictionary.h"
#include "index/segment/ordinal_rows.h"
#include "index/segment/segment_reader.h"

namespace stratalog::index {

class OrdinalField final : public OrdinalColumn {
 public:
  // Stored by row.
  OrdinalField(const BlockSource& source, uint32_t row_count, ByteReader& meta);
  // Following from another field, which outlives this.
  OrdinalField(const BlockSource& source, const OrdinalField& root, ByteReader& meta);

  uint32_t ordinal_count() const override { return dictionary_.term_count(); }
  uint32_t present_rows() const override { return rows_->present_rows(); }
  bool one_each() const override { return rows_->one_each(); }
  bool single_valued() const override { return rows_->single_valued(); }
  std::string term(uint32_t ordinal) const override { return dictionary_.term(ordinal); }
  void terms(std::span<const uint32_t> ordinals,
             const std::function<void(size_t i, std::string_view term)>& visit) const override;
  std::optional<uint32_t> find(std::string_view term) const override {
    return dictionary_.find(term);
  }
  uint32_t lower_bound(std::string_view term) const override {
    return dictionary_.lower_bound(term);
  }
  uint32_t doc_freq(uint32_t ordinal) const override { return dictionary_.entry(ordinal).doc_freq; }
  void gather(std::span<const RowId> rows, OrdinalBatch& out) const override {
    rows_->gather(rows, out);
  }
  void fill_range(RowId begin, RowId end, uint32_t low, uint32_t high,
                  uint64_t* bits) const override {
    rows_->fill_range(begin, end, low, high, bits);
  }
  void fill_present(RowId begin, RowId end, uint64_t* bits) const override {
    rows_->fill_present(begin, end, bits);
  }

  const TermsIndex& terms_index() const { return terms_; }
  const DictionaryReader& dictionary() const { return dictionary_; }
  const OrdinalRows& rows() const { return *rows_; }
  uint64_t resident_bytes() const {
    return sizeof(*this) + dictionary_.resident_bytes() + rows_->resident_bytes();
  }

 private:
  class Terms final : public TermsIndex {
   public:
    explicit Terms(const OrdinalField& field) : field_(field) {}
    uint64_t term_count() const override { return field_.ordinal_count(); }
    uint32_t doc_count() const override { return field_.present_rows(); }
    uint64_t sum_doc_freq() const override { return field_.sum_doc_freq_; }
    uint64_t sum_total_term_freq() const override { return field_.sum_doc_freq_; }
    bool has_positions() const override { return false; }
    bool has_norms() const override { return false; }
    std::optional<TermInfo> find(std::string_view term) const override;
    std::unique_ptr<TermIterator> iterate(std::string_view from) const override;
    void visit_containing(
        std::span<const std::string_view> parts,
        const std::function<void(std::string_view, const TermInfo&)>& visit) const override;
    std::unique_ptr<Postings> postings(const TermInfo& term, Want want) const override;
    void norms(std::span<const RowId> rows, uint8_t* out) const override;
    void fill_present(RowId begin, RowId end, uint64_t* bits) const override {
      field_.fill_present(begin, end, bits);
    }

   private:
    const OrdinalField& field_;
  };

  const DictionaryReader dictionary_;
  const uint64_t sum_doc_freq_;
  const std::unique_ptr<const OrdinalRows> rows_;
  const Terms terms_{*this};
};

}  // namespace stratalog::index
