#include "index/segment/merge_terms.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/bytes.h"
#include "base/prefetch.h"
#include "index/segment/position_bytes.h"

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
  list_.clear();
  runs_.clear();
  Cursor& first = *holders.front();
  if (holders.size() == 1 && first.lists && first.at.entry().list_count == 1)
    return gather_row(first);
  for (Cursor* holder : holders) add(*holder);
  if (!in_order()) put_in_order();
  return !list_.rows.empty();
}

// Most terms stand in one row of one input.
bool MergeTerms::gather_row(Cursor& cursor) {
  const TermEntry& entry = cursor.at.entry();
  check_stored(entry.row < cursor.source.new_rows.size(), "row of a term");
  const uint32_t row = cursor.source.new_rows[entry.row];
  if (row == kNoRow) return false;
  cursor.lists->append(entry, list_);
  list_.rows.front() = row;
  if (!freqs_) list_.freqs.clear();
  return true;
}

void MergeTerms::add(Cursor& cursor) {
  const Source& source = cursor.source;
  const Run run{list_.rows.size(), 0, list_.positions.size()};
  if (cursor.lists) {
    cursor.lists->append(cursor.at.entry(), list_);
    if (!freqs_) list_.freqs.clear();
  } else {
    using Want = TermsIndex::Want;
    const auto list = source.expanded->postings(cursor.at.info(), positions_ ? Want::kPositions
                                                                  : freqs_   ? Want::kFreqs
                                                                             : Want::kRows);
    if (freqs_ && list_.freqs.empty()) list_.freqs.assign(run.begin, 1);
    while (list->next() != kNoRow) {
      list_.rows.push_back(list->row());
      if (freqs_) list_.freqs.push_back(list->freq());
      if (!positions_) continue;
      uint32_t last = 0;
      for (const uint32_t position : list->positions()) {
        put_varint(list_.positions, position - last);
        last = position;
      }
    }
  }
  if (!number_rows(source, run.begin)) drop_rows(run.begin, run.positions);
  add_runs(run);
}

// One run; several where the new order is not the input's.
void MergeTerms::add_runs(Run run) {
  const std::vector<uint32_t>& rows = list_.rows;
  bool ascending = true;
  for (size_t i = run.begin + 1; i < rows.size(); ++i) ascending &= rows[i - 1] < rows[i];
  if (!ascending) {
    std::string_view rest = std::string_view(list_.positions).substr(run.positions);
    for (size_t i = run.begin + 1; i < rows.size(); ++i) {
      if (positions_)
        check_stored(skip_varints(rest, list_.freqs.empty() ? 1 : list_.freqs[i - 1]) == 0,
                     "positions of a term");
      if (rows[i - 1] < rows[i]) continue;
      runs_.push_back({run.begin, i, run.positions});
      run = {i, 0, list_.positions.size() - rest.size()};
    }
  }
  if (rows.size() > run.begin) runs_.push_back({run.begin, rows.size(), run.positions});
}

// The new rows of those from `begin` on; whether all of them are kept.
bool MergeTerms::number_rows(const Source& source, size_t begin) {
  bool all_kept = true;
  for (uint32_t& row : std::span(list_.rows).subspan(begin)) {
    check_stored(row < source.new_rows.size(), "row of a term");
    row = source.new_rows[row];
    all_kept &= row != kNoRow;
  }
  return all_kept;
}

void MergeTerms::drop_rows(size_t begin, size_t positions_begin) {
  size_t kept = begin;
  std::string_view rest = std::string_view(list_.positions).substr(positions_begin);
  std::string positions;
  for (size_t i = begin; i < list_.rows.size(); ++i) {
    const uint32_t freq = list_.freqs.empty() ? 1 : list_.freqs[i];
    const std::string_view from_here = rest;
    if (positions_) check_stored(skip_varints(rest, freq) == 0, "positions of a term");
    if (list_.rows[i] == kNoRow) continue;
    list_.rows[kept] = list_.rows[i];
    if (!list_.freqs.empty()) list_.freqs[kept] = freq;
    positions.append(from_here.substr(0, from_here.size() - rest.size()));
    ++kept;
  }
  list_.rows.resize(kept);
  if (!list_.freqs.empty()) list_.freqs.resize(kept);
  list_.positions.resize(positions_begin);
  list_.positions.append(positions);
}

bool MergeTerms::in_order() const {
  for (size_t i = 1; i < runs_.size(); ++i) {
    if (list_.rows[runs_[i - 1].end - 1] >= list_.rows[runs_[i].begin]) return false;
  }
  return true;
}

// Inputs that were filled side by side have rows between one another's. Of the run with the least
// row as many entries as come before those of any other run go over together. Values that several
// inputs hold: once.
void MergeTerms::put_in_order() {
  const auto later = [this](const Run& a, const Run& b) {
    return list_.rows[a.begin] > list_.rows[b.begin];
  };
  sorted_.clear();
  std::make_heap(runs_.begin(), runs_.end(), later);
  while (!runs_.empty()) {
    std::pop_heap(runs_.begin(), runs_.end(), later);
    Run& run = runs_.back();
    const auto at = list_.rows.begin() + static_cast<std::ptrdiff_t>(run.begin);
    auto end = list_.rows.begin() + static_cast<std::ptrdiff_t>(run.end);
    if (runs_.size() > 1) {
      const uint32_t next = list_.rows[runs_.front().begin];
      auto last = at;  // near the front: steps that double
      for (std::ptrdiff_t step = 1; end - last > step && last[step] < next; step *= 2) last += step;
      end = std::lower_bound(last + 1, end, next);
    }
    take(run, static_cast<size_t>(end - list_.rows.begin()));
    if (run.begin == run.end) {
      runs_.pop_back();
    } else {
      std::push_heap(runs_.begin(), runs_.end(), later);
    }
  }
  std::swap(list_, sorted_);
}

// Appends the run's entries before `end` to the sorted ones.
void MergeTerms::take(Run& run, size_t end) {
  const bool held = !sorted_.rows.empty() && sorted_.rows.back() == list_.rows[run.begin];
  const auto rows = list_.rows.begin();
  const auto freqs = list_.freqs.begin();
  const auto of = [](auto base, size_t i) { return base + static_cast<std::ptrdiff_t>(i); };
  const size_t begin = run.begin + (held ? 1 : 0);
  sorted_.rows.insert(sorted_.rows.end(), of(rows, begin), of(rows, end));
  if (!list_.freqs.empty())
    sorted_.freqs.insert(sorted_.freqs.end(), of(freqs, begin), of(freqs, end));
  if (positions_) {
    const auto positions_of = [&](size_t from, size_t to) {
      uint64_t count = to - from;
      if (!list_.freqs.empty())
        count = std::accumulate(of(freqs, from), of(freqs, to), uint64_t{0});
      std::string_view rest = std::string_view(list_.positions).substr(run.positions);
      check_stored(skip_varints(rest, count) == 0, "positions of a term");
      const size_t before = std::exchange(run.positions, list_.positions.size() - rest.size());
      return std::string_view(list_.positions).substr(before, run.positions - before);
    };
    positions_of(run.begin, begin);
    sorted_.positions.append(positions_of(begin, end));
  }
  run.begin = end;
}

}  // namespace stratalog::index
