#include "index/segment/merge_terms.h"

#include <algorithm>
#include <numeric>

namespace stratalog::index {

struct MergeTerms::Cursor {
  Cursor(const Source& s, size_t n, bool positions) : source(s), number(n), at(*s.dictionary, {}) {
    if (s.postings != nullptr) lists.emplace(*s.postings, positions);
  }
  const Source source;
  const size_t number;
  DictionaryIterator at;
  std::optional<ListReader> lists;
};

namespace {

// Heaps have their greatest element on top.
constexpr auto kLater = [](const auto* a, const auto* b) { return b->at.term() < a->at.term(); };

}  // namespace

MergeTerms::MergeTerms(std::vector<Source> sources, bool freqs, bool positions)
    : freqs_(freqs), positions_(positions) {
  for (size_t i = 0; i < sources.size(); ++i) {
    new_ordinals_.emplace_back(sources[i].dictionary->term_count(), kNoRow);
    cursors_.push_back(std::make_unique<Cursor>(sources[i], i, positions));
    if (cursors_.back()->at.valid()) heap_.push_back(cursors_.back().get());
  }
  std::make_heap(heap_.begin(), heap_.end(), kLater);
}

MergeTerms::~MergeTerms() = default;

bool MergeTerms::next() {
  while (!heap_.empty()) {
    same_.clear();
    term_.assign(heap_.front()->at.term());
    while (!heap_.empty() && heap_.front()->at.term() == term_) {
      std::pop_heap(heap_.begin(), heap_.end(), kLater);
      same_.push_back(heap_.back());
      heap_.pop_back();
    }
    const bool kept = gather();
    for (Cursor* cursor : same_) {
      if (kept) new_ordinals_[cursor->number][cursor->at.ordinal()] = term_count_;
      cursor->at.next();
      if (!cursor->at.valid()) continue;
      heap_.push_back(cursor);
      std::push_heap(heap_.begin(), heap_.end(), kLater);
    }
    if (kept) {
      ++term_count_;
      return true;
    }
  }
  return false;
}

bool MergeTerms::gather() {
  list_.rows.clear();
  list_.freqs.clear();
  list_.positions.clear();
  std::sort(same_.begin(), same_.end(),
            [](const Cursor* a, const Cursor* b) { return a->number < b->number; });
  for (Cursor* cursor : same_) add(*cursor);
  if (!std::is_sorted(list_.rows.begin(), list_.rows.end(), std::less_equal<>())) put_in_order();
  return !list_.rows.empty();
}

void MergeTerms::add(Cursor& cursor) {
  const Source& source = cursor.source;
  if (cursor.lists) {
    cursor.lists->read(cursor.at.entry(), read_);
  } else {
    using Want = TermsIndex::Want;
    read_.rows.clear();
    read_.freqs.clear();
    read_.positions.clear();
    const auto list = source.expanded->postings(cursor.at.info(), positions_ ? Want::kPositions
                                                                  : freqs_   ? Want::kFreqs
                                                                             : Want::kRows);
    while (list->next() != kNoRow) {
      read_.rows.push_back(list->row());
      if (freqs_) read_.freqs.push_back(list->freq());
      if (!positions_) continue;
      const auto positions = list->positions();
      read_.positions.insert(read_.positions.end(), positions.begin(), positions.end());
    }
  }
  const bool had_freqs = !list_.freqs.empty();
  const bool has_freqs = freqs_ && !read_.freqs.empty();
  if (has_freqs && !had_freqs) list_.freqs.assign(list_.rows.size(), 1);
  size_t position = 0;
  for (size_t i = 0; i < read_.rows.size(); ++i) {
    const uint32_t freq = read_.freqs.empty() ? 1 : read_.freqs[i];
    check_stored(read_.rows[i] < source.new_rows.size(), "row of a term");
    const uint32_t row = source.new_rows[read_.rows[i]];
    if (row != kNoRow) {
      list_.rows.push_back(row);
      if (has_freqs || had_freqs) list_.freqs.push_back(freq);
      if (positions_) {
        check_stored(position + freq <= read_.positions.size(), "positions of a term");
        const auto begin = read_.positions.begin() + static_cast<std::ptrdiff_t>(position);
        list_.positions.insert(list_.positions.end(), begin, begin + freq);
      }
    }
    position += freq;
  }
}

// Lists of inputs that lie beside one another in the new order, or values that several inputs hold:
// those once.
void MergeTerms::put_in_order() {
  const size_t count = list_.rows.size();
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return list_.rows[a] < list_.rows[b]; });
  std::vector<uint32_t> begins(count + 1);
  for (size_t i = 0; i < count; ++i)
    begins[i + 1] = begins[i] + (list_.freqs.empty() ? 1 : list_.freqs[i]);
  ReadList sorted;
  for (const uint32_t i : order) {
    if (!sorted.rows.empty() && sorted.rows.back() == list_.rows[i]) continue;
    sorted.rows.push_back(list_.rows[i]);
    if (!list_.freqs.empty()) sorted.freqs.push_back(list_.freqs[i]);
    if (positions_) {
      sorted.positions.insert(sorted.positions.end(), list_.positions.begin() + begins[i],
                              list_.positions.begin() + begins[i + 1]);
    }
  }
  list_ = std::move(sorted);
}

}  // namespace stratalog::index
