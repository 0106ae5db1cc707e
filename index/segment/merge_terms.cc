#include "index/segment/merge_terms.h"

#include <algorithm>
#include <numeric>

#include "base/bytes.h"
#include "base/prefetch.h"

namespace stratalog::index {

struct MergeTerms::Cursor {
  Cursor(const Source& s, size_t n, bool positions) : source(s), number(n), at(*s.dictionary, {}) {
    if (s.postings != nullptr) lists.emplace(*s.postings, positions);
  }
  // Of a valid one.
  Head head() {
    // The new row of its row is needed when the other inputs have come as far.
    if (lists && at.entry().row < source.new_rows.size())
      prefetch(&source.new_rows[at.entry().row]);
    return {prefix_number(at.term()), this};
  }

  const Source source;
  const size_t number;
  DictionaryIterator at;
  std::optional<ListReader> lists;
};

bool MergeTerms::same_term(const Head& a, const Head& b) {
  return a.prefix == b.prefix && a.cursor->at.term() == b.cursor->at.term();
}
bool MergeTerms::goes_before(const Head& a, const Head& b) {
  if (a.prefix == b.prefix) [[unlikely]]
    return a.cursor->at.term() < b.cursor->at.term();
  return a.prefix < b.prefix;
}

MergeTerms::MergeTerms(std::vector<Source> sources, bool freqs, bool positions)
    : freqs_(freqs), positions_(positions) {
  for (size_t i = 0; i < sources.size(); ++i) {
    new_ordinals_.emplace_back(sources[i].dictionary->term_count(), kNoRow);
    cursors_.push_back(std::make_unique<Cursor>(sources[i], i, positions));
    if (cursors_.back()->at.valid()) heap_.push_back(cursors_.back()->head());
  }
  std::make_heap(heap_.begin(), heap_.end(), goes_after);
}

MergeTerms::~MergeTerms() = default;

// The cursors whose term was given go on; the heap is one again.
void MergeTerms::advance() {
  if (top_given_) {
    top_given_ = false;
    Cursor& top = *heap_.front().cursor;
    top.at.next();
    Head moved = heap_.back();
    if (top.at.valid()) {
      moved = top.head();
    } else {
      heap_.pop_back();
    }
    if (!heap_.empty()) sink(moved);
    return;
  }
  for (Cursor* cursor : same_) {
    cursor->at.next();
    if (!cursor->at.valid()) continue;
    heap_.push_back(cursor->head());
    std::push_heap(heap_.begin(), heap_.end(), goes_after);
  }
  same_.clear();
}

// Puts `moved` where it belongs, in place of the first of the heap.
void MergeTerms::sink(const Head& moved) {
  Head* const heap = heap_.data();
  const size_t count = heap_.size();
  size_t at = 0;
  for (size_t child = 1; child < count; child = 2 * at + 1) {
    // Which of two is less can't be foreseen: added, not jumped over.
    if (child + 1 < count) child += goes_before(heap[child + 1], heap[child]) ? 1 : 0;
    if (!goes_before(heap[child], moved)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moved;
}

bool MergeTerms::next() {
  while (true) {
    advance();
    if (heap_.empty()) return false;
    const Head top = heap_.front();
    term_ = top.cursor->at.term();
    const bool shared = (heap_.size() > 1 && same_term(heap_[1], top)) ||
                        (heap_.size() > 2 && same_term(heap_[2], top));
    Cursor* const alone = top.cursor;
    std::span<Cursor* const> holders(&alone, 1);
    if (!shared) {
      top_given_ = true;  // three of four terms: they are only in one input
    } else {
      do {
        std::pop_heap(heap_.begin(), heap_.end(), goes_after);
        same_.push_back(heap_.back().cursor);
        heap_.pop_back();
      } while (!heap_.empty() && same_term(heap_.front(), top));
      std::sort(same_.begin(), same_.end(),
                [](const Cursor* a, const Cursor* b) { return a->number < b->number; });
      holders = same_;
    }
    if (!gather(holders)) continue;
    for (const Cursor* holder : holders)
      new_ordinals_[holder->number][holder->at.ordinal()] = term_count_;
    ++term_count_;
    return true;
  }
}

bool MergeTerms::gather(std::span<Cursor* const> holders) {
  list_.rows.clear();
  list_.freqs.clear();
  list_.positions.clear();
  Cursor& first = *holders.front();
  if (holders.size() == 1 && first.lists && first.at.entry().list_count == 1)
    return gather_row(first);
  for (Cursor* holder : holders) add(*holder);
  if (!std::is_sorted(list_.rows.begin(), list_.rows.end(), std::less_equal<>())) put_in_order();
  return !list_.rows.empty();
}

// Most terms stand in one row of one input.
bool MergeTerms::gather_row(Cursor& cursor) {
  const TermEntry& entry = cursor.at.entry();
  check_stored(entry.row < cursor.source.new_rows.size(), "row of a term");
  const uint32_t row = cursor.source.new_rows[entry.row];
  if (row == kNoRow) return false;
  cursor.lists->read(entry, list_);
  list_.rows.front() = row;
  if (!freqs_) list_.freqs.clear();
  return true;
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
  const bool all_kept = add_rows(source);
  if (all_kept) {
    if (has_freqs) {
      list_.freqs.insert(list_.freqs.end(), read_.freqs.begin(), read_.freqs.end());
    } else if (had_freqs) {
      list_.freqs.resize(list_.rows.size(), 1);
    }
    if (positions_) {
      list_.positions.insert(list_.positions.end(), read_.positions.begin(), read_.positions.end());
    }
    return;
  }
  size_t position = 0;
  for (size_t i = 0; i < read_.rows.size(); ++i) {
    const uint32_t freq = read_.freqs.empty() ? 1 : read_.freqs[i];
    if (source.new_rows[read_.rows[i]] != kNoRow) {
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

// The new rows of what was read; whether all of them are kept.
bool MergeTerms::add_rows(const Source& source) {
  const size_t before = list_.rows.size();
  list_.rows.resize(before + read_.rows.size());
  uint32_t* out = list_.rows.data() + before;
  for (const uint32_t old : read_.rows) {
    check_stored(old < source.new_rows.size(), "row of a term");
    *out = source.new_rows[old];
    out += *out != kNoRow ? 1 : 0;
  }
  const auto end = static_cast<size_t>(out - list_.rows.data());
  const bool all_kept = end == list_.rows.size();
  list_.rows.resize(end);
  return all_kept;
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
