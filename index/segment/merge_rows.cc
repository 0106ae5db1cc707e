#include "index/segment/merge_rows.h"

#include <algorithm>
#include <optional>
#include <queue>

#include "base/ensure.h"

namespace stratalog::index {
namespace {

constexpr RowId kWindowRows = 4096;

struct Key {
  int64_t time;
  int64_t seq_no;
  friend auto operator<=>(const Key&, const Key&) = default;
};

// The rows of one input that are kept, in row order, with the keys that order them.
class KeyCursor {
 public:
  KeyCursor(const SealedSegmentImpl& segment, const ColumnReader* times, const Bitmap* deleted)
      : segment_(segment), times_(times), deleted_(deleted) {
    next();
  }
  bool valid() const { return row_ < segment_.row_count(); }
  RowId row() const { return row_; }
  Key key() const {
    return {times_ == nullptr ? 0 : time_batch_.values[row_ - begin_],
            seq_batch_.values[row_ - begin_]};
  }
  void next() {
    do {
      row_ = row_ == kNoRow ? 0 : row_ + 1;
      if (row_ >= end_ && valid()) load();
    } while (valid() && deleted_ != nullptr && deleted_->get(row_));
  }

 private:
  void load() {
    begin_ = row_;
    end_ = std::min(segment_.row_count(), begin_ + kWindowRows);
    if (times_ != nullptr) times_->read(begin_, end_, time_batch_);
    segment_.row_store()->seq_no().read(begin_, end_, seq_batch_);
  }

  const SealedSegmentImpl& segment_;
  const ColumnReader* const times_;
  const Bitmap* const deleted_;
  RowId row_ = kNoRow;
  RowId begin_ = 0;
  RowId end_ = 0;
  NumericBatch time_batch_;
  NumericBatch seq_batch_;
};

// The time column of every input, if all have one of the same kind with one value in each row.
std::optional<std::vector<const ColumnReader*>> time_columns(
    std::span<const std::unique_ptr<const SealedSegmentImpl>> segments, const std::string& field) {
  for (const Kind kind : {Kind::kI64, Kind::kNanos}) {
    std::vector<const ColumnReader*> columns;
    for (const auto& segment : segments) {
      const NumericField* times = segment->numeric_field(field, kind);
      if (times == nullptr || !times->one_each()) break;
      columns.push_back(&times->column());
    }
    if (columns.size() == segments.size()) return columns;
  }
  return std::nullopt;
}

}  // namespace

MergeRows::MergeRows(std::span<const MergeInput> inputs, const std::string& time_field) {
  uint64_t rows = 0;
  for (const MergeInput& input : inputs) {
    const auto* segment = dynamic_cast<const SealedSegmentImpl*>(input.segment.get());
    ENSURE(segment != nullptr);
    ENSURE(input.deleted == nullptr || input.deleted->size() >= segment->row_count());
    segments_.push_back(
        std::make_unique<SealedSegmentImpl>(segment->share_handle(), storage::CacheUse::kBypass));
    check_stored(segments_.back()->row_store() != nullptr, "no row data");
    firsts_.push_back(static_cast<uint32_t>(rows));
    rows += segment->row_count();
    ENSURE(rows < kNoRow);
  }
  new_of_old_.assign(rows, kNoRow);
  order_rows(inputs, time_field);
}

// Inputs are in order themselves as a rule: then this is a merge of runs. Where one is not, what
// came out is sorted.
void MergeRows::order_rows(std::span<const MergeInput> inputs, const std::string& time_field) {
  const auto times = time_columns(segments_, time_field);
  std::vector<KeyCursor> cursors;
  cursors.reserve(segments_.size());
  for (size_t i = 0; i < segments_.size(); ++i) {
    cursors.emplace_back(*segments_[i], times ? (*times)[i] : nullptr, inputs[i].deleted.get());
  }
  using Head = std::pair<Key, size_t>;
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
  for (size_t i = 0; i < cursors.size(); ++i) {
    if (cursors[i].valid()) heads.emplace(cursors[i].key(), i);
  }
  std::vector<Key> keys;
  bool ordered = true;
  Key last{INT64_MIN, INT64_MIN};
  while (!heads.empty()) {
    const size_t input = heads.top().second;
    heads.pop();
    // As long as one input's rows come first, the queue is left alone.
    const Key limit = heads.empty() ? Key{INT64_MAX, INT64_MAX} : heads.top().first;
    KeyCursor& cursor = cursors[input];
    do {
      const Key key = cursor.key();
      if (key < last) ordered = false;
      last = key;
      old_of_new_.push_back(firsts_[input] + cursor.row());
      cursor.next();
    } while (cursor.valid() && cursor.key() <= limit);
    if (cursor.valid()) heads.emplace(cursor.key(), input);
  }
  if (!ordered) {
    keys.resize(new_of_old_.size());
    for (size_t i = 0; i < segments_.size(); ++i) {
      KeyCursor cursor(*segments_[i], times ? (*times)[i] : nullptr, inputs[i].deleted.get());
      for (; cursor.valid(); cursor.next()) keys[firsts_[i] + cursor.row()] = cursor.key();
    }
    std::sort(old_of_new_.begin(), old_of_new_.end(), [&](uint32_t a, uint32_t b) {
      return keys[a] != keys[b] ? keys[a] < keys[b] : a < b;
    });
  }
  for (RowId row = 0; row < old_of_new_.size(); ++row) new_of_old_[old_of_new_[row]] = row;
}

MergeRows::Place MergeRows::old_row(RowId row) const {
  const uint32_t number = old_of_new_[row];
  const auto after = std::upper_bound(firsts_.begin(), firsts_.end(), number);
  const auto input = static_cast<uint32_t>(after - firsts_.begin()) - 1;
  return {input, number - firsts_[input]};
}

void MergeRows::window(RowId begin, RowId end, Window& out) const {
  out.rows.resize(input_count());
  for (auto& rows : out.rows) rows.clear();
  out.runs.clear();
  uint32_t first = 1;  // of the input at hand; none yet
  uint32_t last = 0;
  for (RowId row = begin; row < end; ++row) {
    const uint32_t number = old_of_new_[row];
    if (number < first || number > last) {
      const uint32_t input = old_row(row).input;
      first = firsts_[input];
      last = first + segments_[input]->row_count() - 1;
      out.runs.push_back({input, 0});
    }
    out.rows[out.runs.back().input].push_back(number - first);
    ++out.runs.back().rows;
  }
}

}  // namespace stratalog::index
