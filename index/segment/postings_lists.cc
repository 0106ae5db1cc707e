#include "index/segment/postings_lists.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "base/bits.h"
#include "index/segment/postings_body.h"
#include "index/segment/rice.h"

namespace stratalog::index {

namespace {

// What the forms of lists share: frequencies and positions by entry.
class ListPostings : public Postings {
 public:
  ListPostings(const PostingsReader& reader, const TermEntry& entry, TermsIndex::Want want)
      : count_(entry.list_count), positions_begin_(entry.freq_before) {
    if (want == TermsIndex::Want::kPositions && reader.has_positions()) cursor_.emplace(reader);
  }

  uint32_t doc_freq() const override { return count_; }
  RowId row() const override { return row_; }
  uint32_t freq() override { return freqs_.at(entry()); }

  std::span<const uint32_t> positions() override {
    if (!cursor_) return {};
    const uint32_t at = entry();
    cursor_->seek(positions_begin_ + freqs_.before(at));
    positions_.clear();
    cursor_->append(freqs_.at(at), positions_);
    return positions_;
  }

 protected:
  virtual uint32_t entry() = 0;  // the index of row() in the list

  const uint32_t count_;
  RowId row_ = kNoRow;
  PostingsFreqs freqs_;

 private:
  const uint64_t positions_begin_;
  std::optional<PostingsReader::PositionCursor> cursor_;
  std::vector<uint32_t> positions_;
};

// Lists that are short enough to be decoded at once.
class SmallPostings final : public ListPostings {
 public:
  SmallPostings(const PostingsReader& reader, const TermEntry& entry, std::string_view record,
                TermsIndex::Want want)
      : ListPostings(reader, entry, want) {
    if (entry.list_count == 1) {
      rows_.assign(1, entry.row);
      if (entry.list_freq > 1) freqs_.set_single(entry.list_freq);
      return;
    }
    rows_.resize(entry.list_count);
    BitReader bits(record);
    check_stored(bits.get_rice(rows_.size(), rows_.data()), "postings record is cut off");
    uint64_t next = 0;
    for (uint32_t& row : rows_) {
      next += row;
      check_stored(next < reader.list_rows(), "row in a postings record");
      row = static_cast<uint32_t>(next++);
    }
    if (want != TermsIndex::Want::kRows && entry.list_freq > entry.list_count) {
      std::vector<uint32_t> freqs(rows_.size());
      check_stored(bits.get_rice(freqs.size(), freqs.data()), "postings record is cut off");
      for (uint32_t& freq : freqs) ++freq;
      freqs_.set_small(std::move(freqs));
    }
  }

  RowId next() override {
    if (at_ < rows_.size())
      row_ = rows_[at_++];
    else
      row_ = kNoRow;
    return row_;
  }
  RowId advance(RowId target) override {
    if (row_ != kNoRow && row_ >= target) return row_;
    while (next() < target) {
    }
    return row_;
  }
  void fill(RowId begin, RowId end, uint64_t* bits) override {
    for (auto it = std::lower_bound(rows_.begin(), rows_.end(), begin);
         it != rows_.end() && *it < end; ++it) {
      set_bit(bits, *it - begin);
    }
  }

 private:
  uint32_t entry() override { return at_ - 1; }

  std::vector<uint32_t> rows_;
  uint32_t at_ = 0;
};

class PackedPostings final : public ListPostings {
 public:
  PackedPostings(const PostingsReader& reader, const TermEntry& entry,
                 std::shared_ptr<const ExtentBytes> pinned, ByteReader record,
                 const BlockSource& source, TermsIndex::Want want)
      : ListPostings(reader, entry, want), pinned_(std::move(pinned)) {
    const uint32_t runs = run_count(count_);
    const std::vector<uint64_t> gaps = read_packed(record, runs);
    last_rows_.resize(runs);
    uint64_t last = 0;
    for (uint32_t run = 0; run < runs; ++run) {
      last += gaps[run];
      check_stored(last < reader.list_rows() && gaps[run] < reader.list_rows(),
                   "row in a postings record");
      last_rows_[run] = static_cast<uint32_t>(last);
    }
    widths_ = record.bytes(runs);
    check_stored(record.ok(), "postings record is cut off");
    offsets_ = run_offsets(widths_, count_, 32);
    body_.parse(record, source, offsets_.back());
    if (want != TermsIndex::Want::kRows && entry.list_freq > entry.list_count)
      freqs_.parse(record, source, count_);
  }

  RowId next() override {
    if (++at_ < loaded_count_) return row_ = rows_[at_];
    if (run_ + 1 >= last_rows_.size()) return end();
    load(run_ + 1);
    at_ = 0;
    return row_ = rows_[0];
  }

  RowId advance(RowId target) override {
    if (row_ != kNoRow && row_ >= target) return row_;
    if (ended_) return kNoRow;
    if (loaded_count_ == 0 || last_rows_[run_] < target) {
      const size_t from = loaded_count_ == 0 ? 0 : run_ + 1;
      const auto found = std::lower_bound(last_rows_.begin() + static_cast<std::ptrdiff_t>(from),
                                          last_rows_.end(), target);
      if (found == last_rows_.end()) return end();
      load(static_cast<size_t>(found - last_rows_.begin()));
      at_ = 0;
    }
    const auto found = std::lower_bound(rows_.begin() + at_, rows_.begin() + loaded_count_, target);
    at_ = static_cast<uint32_t>(found - rows_.begin());
    check_stored(at_ < loaded_count_, "row in a run of postings");
    return row_ = rows_[at_];
  }

  void read(RowId begin, RowId end, std::vector<RowId>& rows,
            std::vector<uint32_t>& freqs) override {
    const auto first = std::lower_bound(last_rows_.begin(), last_rows_.end(), begin);
    std::array<uint32_t, kGroupValues> run_rows;
    for (size_t run = static_cast<size_t>(first - last_rows_.begin()); run < last_rows_.size();
         ++run) {
      if (run > 0 && last_rows_[run - 1] + 1 >= end) return;
      const uint32_t count = decode(run, run_rows.data());
      for (uint32_t i = 0; i < count; ++i) {
        if (run_rows[i] < begin || run_rows[i] >= end) continue;
        rows.push_back(run_rows[i]);
        freqs.push_back(freqs_.at(static_cast<uint32_t>(run) * kGroupValues + i));
      }
    }
  }
  void fill(RowId begin, RowId end, uint64_t* bits) override {
    const auto first = std::lower_bound(last_rows_.begin(), last_rows_.end(), begin);
    std::array<uint32_t, kGroupValues> rows;
    for (size_t run = static_cast<size_t>(first - last_rows_.begin()); run < last_rows_.size();
         ++run) {
      if (run > 0 && last_rows_[run - 1] + 1 >= end) return;
      const uint32_t count = decode(run, rows.data());
      if (rows[0] >= begin && last_rows_[run] < end) {
        for (uint32_t i = 0; i < count; ++i) set_bit(bits, rows[i] - begin);
      } else {
        for (uint32_t i = 0; i < count; ++i) {
          if (rows[i] >= begin && rows[i] < end) set_bit(bits, rows[i] - begin);
        }
      }
    }
  }

 private:
  uint32_t entry() override { return static_cast<uint32_t>(run_) * kGroupValues + at_; }

  RowId end() {
    ended_ = true;
    run_ = last_rows_.size();
    loaded_count_ = 0;
    return row_ = kNoRow;
  }

  uint32_t decode(size_t run, uint32_t* rows) {
    const uint32_t count =
        std::min(kGroupValues, count_ - static_cast<uint32_t>(run) * kGroupValues);
    const char* packed = body_.at(offsets_[run], offsets_[run + 1] - offsets_[run]);
    unpack_bits(packed, 0, count, static_cast<uint8_t>(widths_[run]), rows);
    uint64_t next = run == 0 ? 0 : uint64_t{last_rows_[run - 1]} + 1;
    for (uint32_t i = 0; i < count; ++i) {
      next += rows[i];
      rows[i] = static_cast<uint32_t>(next++);
    }
    check_stored(next == uint64_t{last_rows_[run]} + 1, "row in a run of postings");
    return count;
  }

  void load(size_t run) {
    loaded_count_ = decode(run, rows_.data());
    run_ = run;
  }

  const std::shared_ptr<const ExtentBytes> pinned_;
  std::vector<uint32_t> last_rows_;
  std::string_view widths_;
  std::vector<uint64_t> offsets_;
  PostingsBody body_;
  std::array<uint32_t, kGroupValues> rows_;
  uint32_t loaded_count_ = 0;
  uint32_t at_ = UINT32_MAX;
  size_t run_ = SIZE_MAX;
  bool ended_ = false;
};

class BitsetPostings final : public ListPostings {
 public:
  BitsetPostings(const PostingsReader& reader, const TermEntry& entry,
                 std::shared_ptr<const ExtentBytes> pinned, ByteReader record,
                 const BlockSource& source, TermsIndex::Want want)
      : ListPostings(reader, entry, want), pinned_(std::move(pinned)), rows_(reader.list_rows()) {
    const std::vector<uint64_t> counts = read_packed(record, (rows_ + kRankRows - 1) / kRankRows);
    if (want != TermsIndex::Want::kRows) {
      ranks_.resize(counts.size());
      uint64_t rank = 0;
      for (size_t i = 0; i < counts.size(); ++i) {
        check_stored(counts[i] <= kRankRows, "rank of a bitset");
        ranks_[i] = static_cast<uint32_t>(rank);
        rank += counts[i];
      }
    }
    body_.parse(record, source, words_for(rows_) * 8);
    if (want != TermsIndex::Want::kRows && entry.list_freq > entry.list_count)
      freqs_.parse(record, source, count_);
  }

  RowId next() override { return ended_ ? kNoRow : seek(row_ == kNoRow ? 0 : row_ + 1); }
  RowId advance(RowId target) override {
    if (ended_) return kNoRow;
    if (row_ != kNoRow && row_ >= target) return row_;
    return seek(target);
  }

  void read(RowId begin, RowId end, std::vector<RowId>& rows,
            std::vector<uint32_t>& freqs) override {
    end = std::min(end, rows_);
    if (begin >= end) return;
    uint32_t at = rank(begin);
    for (size_t i = begin / 64; i * 64 < end; ++i) {
      uint64_t w = word(i);
      if (i == begin / 64) w &= ~uint64_t{0} << (begin % 64);
      if (end - i * 64 < 64) w &= low_bits(static_cast<unsigned>(end - i * 64));
      for (; w != 0; w &= w - 1) {
        rows.push_back(static_cast<RowId>(i * 64 + static_cast<unsigned>(std::countr_zero(w))));
        freqs.push_back(freqs_.at(at++));
      }
    }
  }
  void fill(RowId begin, RowId end, uint64_t* bits) override {
    end = std::min(end, rows_);
    if (begin >= end) return;
    const unsigned shift = begin % 64;
    const size_t out_words = words_for(end - begin);
    const size_t first = begin / 64;
    const size_t in_words = words_for(end) - first;
    for (size_t i = 0; i < in_words; ++i) {
      uint64_t w = word(first + i);
      if (i == 0) w &= ~uint64_t{0} << shift;
      if (i + 1 == in_words && end % 64 != 0) w &= low_bits(end % 64);
      if (i < out_words) bits[i] |= shift == 0 ? w : w >> shift;
      if (shift != 0 && i > 0) bits[i - 1] |= w << (64 - shift);
    }
  }

 private:
  uint64_t word(size_t i) {
    uint64_t w;
    std::memcpy(&w, body_.at(uint64_t{i} * 8, 8), 8);
    return w;
  }

  RowId seek(RowId from) {
    const size_t words = words_for(rows_);
    size_t i = from / 64;
    if (i < words) {
      uint64_t w = word(i) & (~uint64_t{0} << (from % 64));
      while (w == 0 && ++i < words) w = word(i);
      if (w != 0) {
        const uint64_t found = i * 64 + static_cast<unsigned>(std::countr_zero(w));
        if (found < rows_) return row_ = static_cast<RowId>(found);
      }
    }
    ended_ = true;
    return row_ = kNoRow;
  }

  uint32_t entry() override { return rank(row_); }

  // Set bits before `row`. Remembers where it last counted to: rows mostly ascend.
  uint32_t rank(RowId row) {
    if (ranks_.empty()) return 0;
    const size_t to = row / 64;
    const size_t group_begin = size_t{row / kRankRows} * (kRankRows / 64);
    if (counted_words_ > to || counted_words_ < group_begin) {
      counted_words_ = group_begin;
      counted_ = ranks_[row / kRankRows];
    }
    for (; counted_words_ < to; ++counted_words_)
      counted_ += static_cast<uint32_t>(std::popcount(word(counted_words_)));
    return counted_ + static_cast<uint32_t>(std::popcount(word(to) & low_bits(row % 64)));
  }

  const std::shared_ptr<const ExtentBytes> pinned_;
  const uint32_t rows_;
  std::vector<uint32_t> ranks_;
  size_t counted_words_ = SIZE_MAX;  // words whose bits are in counted_
  uint32_t counted_ = 0;
  PostingsBody body_;
  bool ended_ = false;
};

// Every row.
class FullPostings final : public ListPostings {
 public:
  FullPostings(const PostingsReader& reader, const TermEntry& entry,
               std::shared_ptr<const ExtentBytes> pinned, ByteReader record,
               const BlockSource& source, TermsIndex::Want want)
      : ListPostings(reader, entry, want), pinned_(std::move(pinned)) {
    check_stored(count_ == reader.list_rows(), "list of all rows");
    if (want != TermsIndex::Want::kRows && entry.list_freq > entry.list_count)
      freqs_.parse(record, source, count_);
  }

  RowId next() override { return seek(next_); }
  RowId advance(RowId target) override {
    if (row_ != kNoRow && row_ >= target) return row_;
    return seek(std::max(next_, target));
  }
  void fill(RowId begin, RowId end, uint64_t* bits) override {
    end = std::min(end, count_);
    if (begin < end) set_bit_range(bits, 0, end - begin);
  }

 private:
  RowId seek(RowId row) {
    next_ = row < count_ ? row + 1 : count_;
    return row_ = row < count_ ? row : kNoRow;
  }
  uint32_t entry() override { return row_; }

  const std::shared_ptr<const ExtentBytes> pinned_;
  RowId next_ = 0;
};

}  // namespace

std::unique_ptr<Postings> open_list(const PostingsReader& reader, const TermEntry& entry,
                                    StoredList stored, const BlockSource& source,
                                    TermsIndex::Want want) {
  if (entry.list_count <= kSmallListMax)
    return std::make_unique<SmallPostings>(reader, entry, stored.record, want);
  ByteReader record(stored.record);
  const auto form = record.fixed<uint8_t>();
  check_stored(record.ok() && form <= 2, "form of a postings record");
  if (form == 2)
    return std::make_unique<FullPostings>(reader, entry, std::move(stored.block), record, source,
                                          want);
  if (form == 1)
    return std::make_unique<BitsetPostings>(reader, entry, std::move(stored.block), record, source,
                                            want);
  return std::make_unique<PackedPostings>(reader, entry, std::move(stored.block), record, source,
                                          want);
}

}  // namespace stratalog::index
