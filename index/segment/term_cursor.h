// Walks a dictionary as the reader interface wants it: terms with a TermInfo whose handle is the
// term's ordinal.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "index/segment/dictionary.h"
#include "index/segment/segment_reader.h"

namespace stratalog::index {

inline TermInfo term_info(const TermEntry& entry, uint32_t ordinal) {
  return {.doc_freq = entry.doc_freq, .total_term_freq = entry.total_term_freq, .handle = ordinal};
}

// Threads one. Life: `dictionary` outlives it.
class DictionaryIterator final : public TermIterator {
 public:
  DictionaryIterator(const DictionaryReader& dictionary, std::string_view from);
  bool valid() const override { return ordinal_ < dictionary_.term_count(); }
  std::string_view term() const override {
    return block_->term(ordinal_ - block_->first_ordinal());
  }
  TermInfo info() const override { return term_info(entry(), ordinal_); }
  void next() override;

  const TermEntry& entry() const { return block_->entry(ordinal_ - block_->first_ordinal()); }
  uint32_t ordinal() const { return ordinal_; }

 private:
  const DictionaryReader& dictionary_;
  uint32_t ordinal_ = 0;
  uint32_t block_number_ = 0;
  std::shared_ptr<const DictionaryBlock> block_;
};

std::optional<TermInfo> find_term(const DictionaryReader& dictionary, std::string_view term);

// TermsIndex::visit_containing.
void visit_terms_containing(const DictionaryReader& dictionary,
                            std::span<const std::string_view> parts,
                            const std::function<void(std::string_view, const TermInfo&)>& visit);

}  // namespace stratalog::index
