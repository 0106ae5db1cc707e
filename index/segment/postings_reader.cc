#include "index/segment/postings_reader.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/bits.h"
#include "base/ensure.h"
#include "index/segment/bit_packing.h"
#include "index/segment/compression.h"
#include "index/segment/postings_writer.h"
#include "index/segment/rice.h"

namespace stratalog::index {
namespace {

uint32_t run_count(uint32_t entries) { return (entries + kGroupValues - 1) / kGroupValues; }

unsigned read_width(ByteReader& reader, unsigned max) {
  const auto width = reader.fixed<uint8_t>();
  check_stored(reader.ok() && width <= max, "width in a postings record");
  return width;
}

std::vector<uint64_t> read_packed(ByteReader& reader, size_t count) {
  const unsigned width = read_width(reader, 64);
  const std::string_view packed = reader.bytes(packed_bytes(count, width));
  check_stored(reader.ok(), "postings record is cut off");
  std::vector<uint64_t> values(count);
  unpack_bits(packed.data(), 0, count, width, values.data());
  return values;
}

// The bytes behind a record's tables: inline in the record, or in pieces of their own, the last
// used one pinned.
class Body {
 public:
  // `bytes`: what the runs need in all.
  void parse(ByteReader& record, const BlockSource& source, uint64_t bytes) {
    source_ = &source;
    const uint64_t pieces = record.varint();
    check_stored(record.ok() && pieces <= record.remaining(), "postings body");
    if (pieces == 0) {
      inline_ = record.bytes(bytes);
      check_stored(record.ok(), "postings body is cut off");
      return;
    }
    uint64_t end = 0;
    for (uint64_t i = 0; i < pieces; ++i) {
      const uint64_t length = record.varint();
      check_stored(length <= bytes - end, "postings body");
      end += length;
      ends_.push_back(end);
      extents_.push_back(get_extent(record));
    }
    check_stored(record.ok() && end == bytes, "postings body");
  }

  const char* at(uint64_t offset, uint64_t length) {
    if (extents_.empty()) {
      check_stored(offset + length <= inline_.size(), "postings body");
      return inline_.data() + offset;
    }
    if (length == 0) return "";  // a run of zeros, perhaps behind the last byte of the last piece
    if (piece_ == SIZE_MAX || offset < begin_of(piece_) || offset >= ends_[piece_]) load(offset);
    const uint64_t inside = offset - begin_of(piece_);
    check_stored(inside + length <= pinned_.bytes().size(), "postings body");
    return pinned_.bytes().data() + inside;
  }

 private:
  uint64_t begin_of(size_t piece) const { return piece == 0 ? 0 : ends_[piece - 1]; }
  void load(uint64_t offset) {
    const size_t piece =
        static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), offset) - ends_.begin());
    check_stored(piece < ends_.size(), "postings body");
    pinned_ = source_->read(extents_[piece]);
    piece_ = piece;
  }

  const BlockSource* source_ = nullptr;
  std::string_view inline_;
  std::vector<uint64_t> ends_;
  std::vector<Extent> extents_;
  ExtentBytes pinned_;
  size_t piece_ = SIZE_MAX;
};

// Offsets of runs in a body: runs of 128 packed values each in its own width.
std::vector<uint64_t> run_offsets(std::string_view widths, uint32_t entries, unsigned width_max) {
  std::vector<uint64_t> offsets(widths.size() + 1);
  uint64_t at = 0;
  for (size_t run = 0; run < widths.size(); ++run) {
    const auto width = static_cast<uint8_t>(widths[run]);
    check_stored(width <= width_max, "width of a run");
    offsets[run] = at;
    const auto begin = static_cast<uint32_t>(run * kGroupValues);
    at += packed_bytes(std::min(kGroupValues, entries - begin), width);
  }
  offsets[widths.size()] = at;
  return offsets;
}

// The frequencies of a list by entry, and their sums.
class Freqs {
 public:
  void set_single(uint64_t freq) {
    small_.assign(1, static_cast<uint32_t>(std::min<uint64_t>(freq, UINT32_MAX)));
    all_one_ = false;
  }
  void set_small(std::vector<uint32_t> freqs) {
    small_ = std::move(freqs);
    all_one_ = false;
  }
  void parse(ByteReader& record, const BlockSource& source, uint32_t entries) {
    all_one_ = false;
    entries_ = entries;
    widths_ = record.bytes(run_count(entries));
    check_stored(record.ok(), "frequencies are cut off");
    offsets_ = run_offsets(widths_, entries, 32);
    sums_before_.resize(widths_.size() + 1);
    const std::vector<uint64_t> sums = read_packed(record, widths_.size());
    for (size_t run = 0; run < sums.size(); ++run) {
      const uint64_t count = std::min<uint64_t>(kGroupValues, entries - run * kGroupValues);
      sums_before_[run + 1] = sums_before_[run] + sums[run] + count;
    }
    body_.parse(record, source, offsets_.back());
  }

  uint32_t at(uint32_t entry) {
    if (all_one_) return 1;
    if (!small_.empty()) {
      check_stored(entry < small_.size(), "frequency entry");
      return small_[entry];
    }
    load(entry);
    return run_[entry % kGroupValues];
  }
  // Sum of the frequencies of the entries before this one.
  uint64_t before(uint32_t entry) {
    if (all_one_) return entry;
    uint64_t sum = 0;
    if (!small_.empty()) {
      check_stored(entry < small_.size(), "frequency entry");
      for (uint32_t i = 0; i < entry; ++i) sum += small_[i];
      return sum;
    }
    load(entry);
    for (uint32_t i = 0; i < entry % kGroupValues; ++i) sum += run_[i];
    return sums_before_[entry / kGroupValues] + sum;
  }

 private:
  void load(uint32_t entry) {
    check_stored(entry < entries_, "frequency entry");
    const uint32_t run = entry / kGroupValues;
    if (run == loaded_) return;
    const auto width = static_cast<uint8_t>(widths_[run]);
    const uint32_t count = std::min(kGroupValues, entries_ - run * kGroupValues);
    unpack_bits(body_.at(offsets_[run], offsets_[run + 1] - offsets_[run]), 0, count, width,
                run_.data());
    for (uint32_t i = 0; i < count; ++i) ++run_[i];
    loaded_ = run;
  }

  bool all_one_ = true;
  std::vector<uint32_t> small_;
  uint32_t entries_ = 0;
  std::string_view widths_;
  std::vector<uint64_t> offsets_;
  std::vector<uint64_t> sums_before_;
  Body body_;
  std::array<uint32_t, kGroupValues> run_;
  uint32_t loaded_ = UINT32_MAX;
};

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
  Freqs freqs_;

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
  Body body_;
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
  Body body_;
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

PostingsReader::PostingsReader(const BlockSource& source, ByteReader& meta) : source_(source) {
  const auto flags = meta.fixed<uint8_t>();
  const uint64_t rows = meta.varint();
  check_stored(meta.ok() && flags < 4 && rows <= UINT32_MAX, "postings");
  has_freqs_ = (flags & 1) != 0;
  has_positions_ = (flags & 2) != 0;
  list_rows_ = static_cast<uint32_t>(rows);
  for (auto* blocks : {&record_blocks_, &position_blocks_}) {
    const uint64_t count = meta.varint();
    check_stored(count <= meta.remaining(), "postings index");
    blocks->reserve(count);
    uint64_t end = 0;
    for (uint64_t i = 0; i < count; ++i) {
      end += meta.varint();
      blocks->push_back({end, get_extent(meta)});
    }
  }
  check_stored(meta.ok(), "postings index");
}

std::shared_ptr<const ExtentBytes> PostingsReader::RecordCursor::load(size_t block) {
  if (block != block_) {
    bytes_ = std::make_shared<const ExtentBytes>(
        reader_.source_.read(reader_.record_blocks_[block].extent));
    block_ = block;
  }
  return bytes_;
}

PostingsReader::Record PostingsReader::record(const TermEntry& entry, RecordCursor* records) const {
  const auto found =
      std::upper_bound(record_blocks_.begin(), record_blocks_.end(), entry.record_offset,
                       [](uint64_t offset, const NumberedBlock& b) { return offset < b.end; });
  check_stored(found != record_blocks_.end(), "postings record");
  const auto block = static_cast<size_t>(found - record_blocks_.begin());
  const uint64_t begin = block == 0 ? 0 : record_blocks_[block - 1].end;
  Record record;
  record.block = records != nullptr
                     ? records->load(block)
                     : std::make_shared<const ExtentBytes>(source_.read(found->extent));
  const std::string_view bytes = record.block->bytes();
  const uint64_t inside = entry.record_offset - begin;
  check_stored(inside <= bytes.size() && entry.record_length <= bytes.size() - inside,
               "postings record");
  record.bytes = bytes.substr(inside, entry.record_length);
  return record;
}

std::unique_ptr<Postings> PostingsReader::open(const TermEntry& entry, TermsIndex::Want want,
                                               RecordCursor* records) const {
  if (entry.list_count == 1)
    return std::make_unique<SmallPostings>(*this, entry, std::string_view(), want);
  Record stored = record(entry, records);
  if (entry.list_count <= kSmallListMax)
    return std::make_unique<SmallPostings>(*this, entry, stored.bytes, want);
  ByteReader reader(stored.bytes);
  const auto form = reader.fixed<uint8_t>();
  check_stored(reader.ok() && form <= 2, "form of a postings record");
  if (form == 2)
    return std::make_unique<FullPostings>(*this, entry, std::move(stored.block), reader, source_,
                                          want);
  if (form == 1)
    return std::make_unique<BitsetPostings>(*this, entry, std::move(stored.block), reader, source_,
                                            want);
  return std::make_unique<PackedPostings>(*this, entry, std::move(stored.block), reader, source_,
                                          want);
}

uint64_t PostingsReader::resident_bytes() const {
  return sizeof(*this) +
         (record_blocks_.capacity() + position_blocks_.capacity()) * sizeof(NumberedBlock);
}

void PostingsReader::PositionCursor::load(size_t block) {
  check_stored(block < reader_.position_blocks_.size(), "position block");
  const ExtentBytes stored = reader_.source_.read(reader_.position_blocks_[block].extent);
  ByteReader bytes(stored.bytes());
  get_compressed(bytes, decoded_);
  check_stored(!decoded_.empty(), "position block");
  block_ = block;
  index_ = block == 0 ? 0 : reader_.position_blocks_[block - 1].end;
  at_ = 0;
}

void PostingsReader::PositionCursor::seek(uint64_t index) {
  const auto& blocks = reader_.position_blocks_;
  if (block_ == SIZE_MAX || index < index_ || index >= blocks[block_].end) {
    const auto found =
        std::upper_bound(blocks.begin(), blocks.end(), index,
                         [](uint64_t i, const NumberedBlock& b) { return i < b.end; });
    const auto wanted = static_cast<size_t>(found - blocks.begin());
    if (wanted != block_ || index < index_) load(wanted);
  }
  // Varints end at bytes below 0x80: count those.
  uint64_t skip = index - index_;
  while (skip >= 8 && decoded_.size() - at_ >= 8) {
    const auto word = get_fixed<uint64_t>(decoded_.data() + at_);
    skip -= static_cast<unsigned>(std::popcount(~word & 0x8080808080808080));
    at_ += 8;
  }
  while (skip > 0) {
    check_stored(at_ < decoded_.size(), "positions are cut off");
    skip -= static_cast<unsigned char>(decoded_[at_++]) < 0x80 ? 1 : 0;
  }
  index_ = index;
}

void PostingsReader::PositionCursor::append(uint32_t count, std::vector<uint32_t>& out) {
  uint64_t position = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (block_ == SIZE_MAX || at_ >= decoded_.size()) load(block_ == SIZE_MAX ? 0 : block_ + 1);
    if (const auto byte = static_cast<unsigned char>(decoded_[at_]); byte < 0x80) {
      position += byte;
      ++at_;
      ++index_;
      check_stored(position <= UINT32_MAX, "position");
      out.push_back(static_cast<uint32_t>(position));
      continue;
    }
    ByteReader reader(std::string_view(decoded_).substr(at_));
    const size_t before = reader.remaining();
    position += reader.varint();
    check_stored(reader.ok() && position <= UINT32_MAX, "position");
    at_ += before - reader.remaining();
    ++index_;
    out.push_back(static_cast<uint32_t>(position));
  }
}

}  // namespace stratalog::index
