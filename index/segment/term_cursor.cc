#include "index/segment/term_cursor.h"

#include <algorithm>

namespace stratalog::index {

DictionaryIterator::DictionaryIterator(const DictionaryReader& dictionary, std::string_view from)
    : dictionary_(dictionary) {
  ordinal_ = dictionary.lower_bound(from);
  if (!valid()) return;
  block_number_ = dictionary.block_of_ordinal(ordinal_);
  block_ = dictionary.block(block_number_);
}

void DictionaryIterator::next() {
  if (++ordinal_ - block_->first_ordinal() < block_->count() || !valid()) return;
  block_ = dictionary_.block(++block_number_);
}

std::optional<TermInfo> find_term(const DictionaryReader& dictionary, std::string_view term) {
  TermEntry entry;
  const auto ordinal = dictionary.find(term, &entry);
  if (!ordinal) return std::nullopt;
  return term_info(entry, *ordinal);
}

// The longest part is looked for in a block's terms as one text; what is found across two terms
// does not count.
void visit_terms_containing(const DictionaryReader& dictionary,
                            std::span<const std::string_view> parts,
                            const std::function<void(std::string_view, const TermInfo&)>& visit) {
  const auto longest =
      std::max_element(parts.begin(), parts.end(),
                       [](std::string_view a, std::string_view b) { return a.size() < b.size(); });
  const std::string_view wanted = longest == parts.end() ? std::string_view() : *longest;
  for (const uint32_t number : dictionary.blocks_containing(parts)) {
    const auto block = dictionary.block(number);
    const auto consider = [&](uint32_t i) {
      const std::string_view term = block->term(i);
      for (const std::string_view part : parts) {
        if (term.find(part) == std::string_view::npos) return;
      }
      visit(term, term_info(block->entry(i), block->first_ordinal() + i));
    };
    if (wanted.empty()) {
      for (uint32_t i = 0; i < block->count(); ++i) consider(i);
      continue;
    }
    const auto ends = block->ends();
    for (size_t at = block->chars().find(wanted); at != std::string_view::npos;) {
      const auto i =
          static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), at) - ends.begin());
      if (at + wanted.size() <= ends[i]) {
        consider(static_cast<uint32_t>(i));
        at = block->chars().find(wanted, ends[i]);
      } else {
        at = block->chars().find(wanted, at + 1);
      }
    }
  }
}

}  // namespace stratalog::index
