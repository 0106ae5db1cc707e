#include "index/segment/ordinal_field.h"

#include <algorithm>

#include "index/segment/term_cursor.h"

namespace stratalog::index {

OrdinalField::OrdinalField(const BlockSource& source, uint32_t row_count, ByteReader& meta)
    : dictionary_(source, meta),
      sum_doc_freq_(meta.varint()),
      rows_(std::make_unique<StoredOrdinalRows>(source, dictionary_, row_count, meta)) {}

OrdinalField::OrdinalField(const BlockSource& source, const OrdinalField& root, ByteReader& meta)
    : dictionary_(source, meta),
      sum_doc_freq_(meta.varint()),
      rows_(std::make_unique<DerivedOrdinalRows>(root.rows(), dictionary_.term_count(), meta)) {
  check_stored(!dictionary_.shape().has_postings, "derived field");
}

void OrdinalField::terms(std::span<const uint32_t> ordinals,
                         const std::function<void(size_t i, std::string_view term)>& visit) const {
  std::shared_ptr<const DictionaryBlock> block;
  for (size_t i = 0; i < ordinals.size(); ++i) {
    const uint32_t ordinal = ordinals[i];
    check_stored(ordinal < ordinal_count(), "term ordinal");
    if (block == nullptr || ordinal - block->first_ordinal() >= block->count()) {
      block = dictionary_.block(dictionary_.block_of_ordinal(ordinal));
    }
    visit(i, block->term(ordinal - block->first_ordinal()));
  }
}

std::optional<TermInfo> OrdinalField::Terms::find(std::string_view term) const {
  return find_term(field_.dictionary_, term);
}

std::unique_ptr<TermIterator> OrdinalField::Terms::iterate(std::string_view from) const {
  return std::make_unique<DictionaryIterator>(field_.dictionary_, from);
}

void OrdinalField::Terms::visit_containing(
    std::span<const std::string_view> parts,
    const std::function<void(std::string_view, const TermInfo&)>& visit) const {
  visit_terms_containing(field_.dictionary_, parts, visit);
}

std::unique_ptr<Postings> OrdinalField::Terms::postings(const TermInfo& term, Want) const {
  check_stored(term.handle < field_.ordinal_count(), "term ordinal");
  return field_.rows_->postings({static_cast<uint32_t>(term.handle)}, term.doc_freq);
}

void OrdinalField::Terms::norms(std::span<const RowId> rows, uint8_t* out) const {
  std::fill_n(out, rows.size(), uint8_t{0});
}

}  // namespace stratalog::index
