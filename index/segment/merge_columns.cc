#include "index/segment/merge_columns.h"

#include <algorithm>
#include <queue>

#include "index/segment/term_cursor.h"

namespace stratalog::index {
namespace {

// Puts the batches of the inputs (of a window's rows) together in the order of the new rows. May
// take a batch's values for its own.
template <typename T>
void interleave(const MergeRows::Window& window, std::span<ValueBatch<T>> batches,
                ValueBatch<T>& out) {
  if (window.runs.size() == 1) {
    std::swap(out, batches[window.runs.front().input]);
    return;
  }
  out.values.clear();
  out.starts.clear();
  out.one_each = true;
  for (const MergeRows::Run& run : window.runs)
    out.one_each = out.one_each && batches[run.input].one_each;
  if (!out.one_each) out.starts.push_back(0);
  std::vector<size_t> next(batches.size());
  for (const MergeRows::Run& run : window.runs) {
    const ValueBatch<T>& batch = batches[run.input];
    const size_t i = next[run.input];
    next[run.input] += run.rows;
    const uint32_t begin = batch.begin(i);
    const uint32_t end = batch.end(i + run.rows - 1);
    const auto before = static_cast<uint32_t>(out.values.size());
    out.values.insert(out.values.end(), batch.values.begin() + begin, batch.values.begin() + end);
    if (out.one_each) continue;
    for (size_t k = i; k < i + run.rows; ++k) out.starts.push_back(before + batch.end(k) - begin);
  }
}
template <typename T>
void make_absent(size_t rows, ValueBatch<T>& out) {
  out.values.clear();
  out.starts.assign(rows + 1, 0);
  out.one_each = false;
}

}  // namespace

void MergeNumbers::read(RowId begin, RowId end, NumericBatch& out) {
  rows_.window(begin, end, window_);
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] == nullptr) {
      make_absent(window_.rows[i].size(), batches_[i]);
    } else {
      columns_[i]->gather(window_.rows[i], batches_[i]);
    }
  }
  interleave<int64_t>(window_, batches_, out);
}

bool MergeNumbers::any() {
  NumericBatch batch;
  for (RowId begin = 0; begin < rows_.row_count(); begin += kChunkRows) {
    read(begin, std::min(rows_.row_count(), begin + kChunkRows), batch);
    if (!batch.values.empty()) return true;
  }
  return false;
}

MergeOrdinals::MergeOrdinals(const MergeRows& rows,
                             const std::vector<const OrdinalField*>& fields) {
  merge_terms(fields);
  place_rows(rows, fields);
}

void MergeOrdinals::merge_terms(const std::vector<const OrdinalField*>& fields) {
  std::vector<std::unique_ptr<DictionaryIterator>> cursors;
  for (const OrdinalField* field : fields) {
    new_ordinals_.emplace_back(field == nullptr ? 0 : field->ordinal_count(), kNoRow);
    cursors.push_back(
        field == nullptr ? nullptr : std::make_unique<DictionaryIterator>(field->dictionary(), ""));
  }
  const auto later = [&](size_t a, size_t b) { return cursors[b]->term() < cursors[a]->term(); };
  std::priority_queue<size_t, std::vector<size_t>, decltype(later)> heap(later);
  for (size_t i = 0; i < cursors.size(); ++i) {
    if (cursors[i] != nullptr && cursors[i]->valid()) heap.push(i);
  }
  while (!heap.empty()) {
    const size_t input = heap.top();
    heap.pop();
    DictionaryIterator& cursor = *cursors[input];
    const size_t last_begin = ends_.size() < 2 ? 0 : ends_[ends_.size() - 2];
    if (ends_.empty() || std::string_view(chars_).substr(last_begin) != cursor.term()) {
      chars_.append(cursor.term());
      ends_.push_back(chars_.size());
    }
    new_ordinals_[input][cursor.ordinal()] = static_cast<uint32_t>(ends_.size() - 1);
    cursor.next();
    if (cursor.valid()) heap.push(input);
  }
}

void MergeOrdinals::place_rows(const MergeRows& rows,
                               const std::vector<const OrdinalField*>& fields) {
  MergeRows::Window window;
  std::vector<OrdinalBatch> batches(fields.size());
  OrdinalBatch batch;
  const auto for_each = [&](auto&& visit) {
    for (RowId begin = 0; begin < rows.row_count(); begin += kChunkRows) {
      const RowId end = std::min(rows.row_count(), begin + kChunkRows);
      rows.window(begin, end, window);
      for (size_t i = 0; i < fields.size(); ++i) {
        if (fields[i] == nullptr) {
          make_absent(window.rows[i].size(), batches[i]);
          continue;
        }
        fields[i]->gather(window.rows[i], batches[i]);
        for (uint32_t& ordinal : batches[i].values) ordinal = new_ordinals_[i][ordinal];
      }
      interleave<uint32_t>(window, batches, batch);
      for (RowId row = begin; row < end; ++row) {
        for (uint32_t k = batch.begin(row - begin); k < batch.end(row - begin); ++k)
          visit(row, batch.values[k]);
      }
    }
  };
  begins_.assign(ends_.size() + 1, 0);
  for_each([&](RowId, uint32_t ordinal) { ++begins_[ordinal + 1]; });
  for (size_t i = 0; i < ends_.size(); ++i) begins_[i + 1] += begins_[i];
  rows_of_terms_.resize(begins_.back());
  std::vector<uint64_t> at(begins_.begin(), begins_.end() - 1);
  for_each([&](RowId row, uint32_t ordinal) { rows_of_terms_[at[ordinal]++] = row; });

  // Terms whose rows are all gone are left out: ordinals move up.
  std::vector<uint32_t> moved(ends_.size(), kNoRow);
  uint32_t count = 0;
  for (size_t i = 0; i < ends_.size(); ++i) {
    if (begins_[i] < begins_[i + 1]) moved[i] = count++;
  }
  for (auto& ordinals : new_ordinals_) {
    for (uint32_t& ordinal : ordinals) ordinal = ordinal == kNoRow ? kNoRow : moved[ordinal];
  }
}

bool MergeOrdinals::next() {
  do {
    ++at_;
  } while (at_ < ends_.size() && begins_[at_] == begins_[at_ + 1]);
  return at_ < ends_.size();
}

std::string_view MergeOrdinals::term() const {
  const size_t begin = at_ == 0 ? 0 : ends_[at_ - 1];
  return std::string_view(chars_).substr(begin, ends_[at_] - begin);
}

std::span<const RowId> MergeOrdinals::rows() const {
  return std::span<const RowId>(rows_of_terms_)
      .subspan(begins_[at_], begins_[at_ + 1] - begins_[at_]);
}

}  // namespace stratalog::index
