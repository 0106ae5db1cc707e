// A text field as queries see it. By row: terms have rows. By value: terms have ordinals of a
// keyword-like field whose values are the texts; a term's rows are those of its values.
//
// Meta:
//   dictionary, postings                       (index/segment/dictionary.h, postings_writer.h)
//   varints: rows with a term, sum of doc freqs, sum of total term freqs; u8 flags: 1 has norms
//   column of norms by list row (index/norms.h), 0 absent; without norms 1 where present
//
// Threads any. Errors: SegmentFault.
#pragma once

#include <memory>

#include "index/segment/column.h"
#include "index/segment/dictionary.h"
#include "index/segment/ordinal_field.h"
#include "index/segment/postings_reader.h"
#include "index/segment/segment_reader.h"

namespace stratalog::index {

class TextField final : public TermsIndex {
 public:
  // `values_of`: the field by whose values it is kept, which outlives this; nullptr: by row.
  TextField(const BlockSource& source, uint32_t row_count, const OrdinalField* values_of,
            ByteReader& meta);

  uint64_t term_count() const override { return dictionary_.term_count(); }
  uint32_t doc_count() const override { return doc_count_; }
  uint64_t sum_doc_freq() const override { return sum_doc_freq_; }
  uint64_t sum_total_term_freq() const override { return sum_total_term_freq_; }
  bool has_positions() const override { return postings_.has_positions(); }
  bool has_norms() const override { return has_norms_; }
  std::optional<TermInfo> find(std::string_view term) const override;
  std::unique_ptr<TermIterator> iterate(std::string_view from) const override;
  void visit_containing(
      std::span<const std::string_view> parts,
      const std::function<void(std::string_view, const TermInfo&)>& visit) const override;
  std::unique_ptr<Postings> postings(const TermInfo& term, Want want) const override;
  void norms(std::span<const RowId> rows, uint8_t* out) const override;
  void fill_present(RowId begin, RowId end, uint64_t* bits) const override;

  const DictionaryReader& dictionary() const { return dictionary_; }
  const PostingsReader& list_postings() const { return postings_; }
  const ColumnReader& norm_column() const { return norms_; }
  const OrdinalField* values_of() const { return values_of_; }
  uint64_t resident_bytes() const;

 private:
  const OrdinalField* const values_of_;
  const DictionaryReader dictionary_;
  const PostingsReader postings_;
  uint32_t doc_count_ = 0;
  uint64_t sum_doc_freq_ = 0;
  uint64_t sum_total_term_freq_ = 0;
  bool has_norms_ = false;
  const ColumnReader norms_;
};

}  // namespace stratalog::index
