// What lies in the record of a list behind its form: packed tables, the bytes that they describe,
// and frequencies (written by postings_writer.h).
//
// Threads one. Errors  SegmentFault.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bits.h"
#include "base/bytes.h"
#include "index/segment/bit_packing.h"
#include "index/segment/block_io.h"
#include "index/segment/postings_writer.h"

namespace stratalog::index {

inline uint32_t run_count(uint32_t entries) { return (entries + kGroupValues - 1) / kGroupValues; }

inline unsigned read_width(ByteReader& reader, unsigned max) {
  const auto width = reader.fixed<uint8_t>();
  check_stored(reader.ok() && width <= max, "width in a postings record");
  return width;
}

inline std::vector<uint64_t> read_packed(ByteReader& reader, size_t count) {
  const unsigned width = read_width(reader, 64);
  const std::string_view packed = reader.bytes(packed_bytes(count, width));
  check_stored(reader.ok(), "postings record is cut off");
  std::vector<uint64_t> values(count);
  unpack_bits(packed.data(), 0, count, width, values.data());
  return values;
}

// The bytes behind a record's tables: inline in the record, or in pieces of their own, the last
// used one pinned.
class PostingsBody {
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
inline std::vector<uint64_t> run_offsets(std::string_view widths, uint32_t entries,
                                         unsigned width_max) {
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
class PostingsFreqs {
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
  PostingsBody body_;
  std::array<uint32_t, kGroupValues> run_;
  uint32_t loaded_ = UINT32_MAX;
};

}  // namespace stratalog::index
