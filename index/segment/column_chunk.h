// A chunk of a column (index/segment/column.h), parsed: groups can be decoded, rows be mapped to
// values.
//
// Threads any. Errors: SegmentFault.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/bits.h"
#include "index/segment/bit_packing.h"
#include "index/segment/column.h"

namespace stratalog::index {

// Unsigned, since the whole range of values may lie between two of them.
inline int64_t offset_by(int64_t from, uint64_t distance) {
  return static_cast<int64_t>(static_cast<uint64_t>(from) + distance);
}

// What the column knows of a chunk.
struct ColumnChunkFacts {
  uint32_t rows = 0;
  uint64_t values = 0;
  int64_t min = 0;
  int64_t max = 0;
};

class ColumnChunk {
 public:
  // `bytes` are the stored ones; 8 more must be readable behind them as long as this lives.
  ColumnChunk(const ColumnChunkFacts& facts, std::string_view bytes) : facts_(facts) {
    ByteReader reader(bytes);
    mode_ = reader.fixed<uint8_t>();
    divisor_ = reader.varint();
    check_stored(reader.ok() && mode_ <= 3 && divisor_ > 0, "column chunk");
    parse_rows(reader);
    parse_groups(reader, bytes.size());
  }

  // Memory beside the stored bytes.
  uint64_t resident_bytes() const {
    return sizeof(*this) + groups_.capacity() * sizeof(Group) +
           (present_.capacity() * 2 + list_.capacity() + starts_.capacity() + ranks_.capacity()) *
               sizeof(uint32_t);
  }

  bool one_each() const { return mode_ == 0; }
  bool single_valued() const { return mode_ != 3; }
  size_t group_count() const { return groups_.size(); }
  uint32_t value_count() const { return value_count_; }
  int64_t group_min(size_t g) const { return offset_by(facts_.min, groups_[g].min * divisor_); }
  int64_t group_max(size_t g) const { return offset_by(facts_.min, groups_[g].max * divisor_); }
  uint32_t group_size(size_t g) const {
    return std::min(kGroupValues, value_count_ - static_cast<uint32_t>(g) * kGroupValues);
  }
  bool direct(size_t g) const { return !groups_[g].gaps; }

  // The value at an index, of a group that is direct().
  int64_t value(uint32_t index) const {
    const Group& group = groups_[index / kGroupValues];
    const uint64_t n =
        group.min + unpack_bits_at(payload_ + group.offset, index % kGroupValues, group.width);
    return offset_by(facts_.min, n * divisor_);
  }

  // All values of a group. T is int64_t, or narrower where the column's values fit.
  template <typename T>
  void decode(size_t g, T* out) const {
    const Group& group = groups_[g];
    const uint32_t count = group_size(g);
    const auto base = static_cast<uint64_t>(facts_.min) + group.min * divisor_;
    if (!group.gaps && group.width <= 32) {
      std::array<uint32_t, kGroupValues> n;
      unpack_bits(payload_ + group.offset, 0, count, group.width, n.data());
      if (divisor_ == 1) {
        for (uint32_t i = 0; i < count; ++i) out[i] = static_cast<T>(base + n[i]);
      } else {
        for (uint32_t i = 0; i < count; ++i) out[i] = static_cast<T>(base + n[i] * divisor_);
      }
      return;
    }
    std::array<uint64_t, kGroupValues> n;
    if (!group.gaps) {
      unpack_bits(payload_ + group.offset, 0, count, group.width, n.data());
    } else {
      ByteReader reader(std::string_view(payload_ + group.offset, payload_bytes_ - group.offset));
      uint64_t at = reader.varint();
      const auto gap = static_cast<uint64_t>(reader.signed_varint());
      const char* packed = payload_ + (payload_bytes_ - reader.remaining());
      unpack_bits(packed, 0, count - 1, group.width, n.data() + 1);
      n[0] = at;
      for (uint32_t i = 1; i < count; ++i) {
        at += gap + n[i];
        n[i] = at;
      }
    }
    for (uint32_t i = 0; i < count; ++i) out[i] = static_cast<T>(base + n[i] * divisor_);
  }

  // Index of the first value of a row; of row `rows` the number of values.
  uint32_t value_begin(uint32_t row) const {
    switch (mode_) {
      case 0:
        return row;
      case 1:
        return ranks_[row / 64] +
               static_cast<uint32_t>(
                   row % 64 == 0 ? 0 : std::popcount(present_[row / 64] & low_bits(row % 64)));
      case 2:
        return static_cast<uint32_t>(std::lower_bound(list_.begin(), list_.end(), row) -
                                     list_.begin());
      default:
        return starts_[row];
    }
  }
  bool present(uint32_t row) const {
    switch (mode_) {
      case 0:
        return true;
      case 1:
        return get_bit(present_.data(), row);
      case 2:
        return std::binary_search(list_.begin(), list_.end(), row);
      default:
        return starts_[row + 1] > starts_[row];
    }
  }
  uint32_t value_end(uint32_t row) const {
    return mode_ == 3 ? starts_[row + 1] : value_begin(row) + (present(row) ? 1 : 0);
  }

  // Calls visit(row, index) for every row of [begin, end) with values, ascending; index is its
  // first value's.
  template <typename Visit>
  void for_each_present(uint32_t begin, uint32_t end, Visit&& visit) const {
    switch (mode_) {
      case 0:
        for (uint32_t row = begin; row < end; ++row) visit(row, row);
        break;
      case 2:
        for (uint32_t i = value_begin(begin); i < list_.size() && list_[i] < end; ++i)
          visit(list_[i], i);
        break;
      default:
        for (uint32_t row = begin; row < end; ++row) {
          if (present(row)) visit(row, value_begin(row));
        }
    }
  }

 private:
  struct Group {
    uint64_t min;
    uint64_t max;
    uint32_t offset;
    uint8_t width;
    bool gaps;
  };

  static constexpr unsigned kRowBits = 14;
  // A chunk may hold so many values for each of its rows on average: bounds what corrupt counts can
  // ask for.
  static constexpr uint64_t kChunkValuesMax = uint64_t{1} << 31;

  static unsigned read_width(ByteReader& reader, unsigned max) {
    const auto width = reader.fixed<uint8_t>();
    check_stored(reader.ok() && width <= max, "width in a column chunk");
    return width;
  }
  static std::string_view read_bytes(ByteReader& reader, uint64_t size) {
    const std::string_view bytes = reader.bytes(size);
    check_stored(reader.ok(), "column chunk is cut off");
    return bytes;
  }

  void parse_rows(ByteReader& reader) {
    check_stored(facts_.values <= kChunkValuesMax, "values of a column chunk");
    value_count_ = static_cast<uint32_t>(facts_.values);
    uint64_t counted = facts_.rows;
    if (mode_ == 1) {
      const std::string_view words = read_bytes(reader, words_for(facts_.rows) * 8);
      present_.resize(words_for(facts_.rows));
      std::memcpy(present_.data(), words.data(), words.size());
      if (facts_.rows % 64 != 0) present_.back() &= low_bits(facts_.rows % 64);
      ranks_.resize(present_.size() + 1);
      for (size_t i = 0; i < present_.size(); ++i) {
        ranks_[i + 1] = ranks_[i] + static_cast<uint32_t>(std::popcount(present_[i]));
      }
      counted = ranks_.back();
      present_.push_back(0);  // so that row `rows` can be asked for
    } else if (mode_ == 2) {
      check_stored(value_count_ <= facts_.rows, "rows of a column chunk");
      const std::string_view packed = read_bytes(reader, packed_bytes(value_count_, kRowBits));
      list_.resize(value_count_);
      unpack_bits(packed.data(), 0, value_count_, kRowBits, list_.data());
      for (size_t i = 0; i < list_.size(); ++i) {
        check_stored(list_[i] < facts_.rows && (i == 0 || list_[i - 1] < list_[i]),
                     "rows of a column chunk");
      }
      counted = value_count_;
    } else if (mode_ == 3) {
      const unsigned width = read_width(reader, 32);
      const std::string_view packed = read_bytes(reader, packed_bytes(facts_.rows, width));
      starts_.resize(facts_.rows + 1);
      unpack_bits(packed.data(), 0, facts_.rows, width, starts_.data() + 1);
      uint64_t sum = 0;
      for (uint32_t i = 1; i <= facts_.rows; ++i) {
        sum += starts_[i];
        check_stored(sum <= value_count_, "values of a column chunk");
        starts_[i] = static_cast<uint32_t>(sum);
      }
      counted = sum;
    }
    check_stored(counted == value_count_, "values of a column chunk");
  }

  void parse_groups(ByteReader& reader, size_t chunk_bytes) {
    const size_t count = (uint64_t{value_count_} + kGroupValues - 1) / kGroupValues;
    check_stored(count <= chunk_bytes, "groups of a column chunk");
    groups_.resize(count);
    const unsigned min_width = read_width(reader, 64);
    const char* mins = read_bytes(reader, packed_bytes(count, min_width)).data();
    const unsigned span_width = read_width(reader, 64);
    const char* spans = read_bytes(reader, packed_bytes(count, span_width)).data();
    const std::string_view widths = read_bytes(reader, count);
    payload_bytes_ = reader.remaining();
    payload_ = reader.bytes(payload_bytes_).data();
    const uint64_t n_max =
        (static_cast<uint64_t>(facts_.max) - static_cast<uint64_t>(facts_.min)) / divisor_;
    uint64_t at = 0;
    for (size_t g = 0; g < count; ++g) {
      Group& group = groups_[g];
      const auto form = static_cast<uint8_t>(widths[g]);
      group.gaps = (form & 0x80) != 0;
      group.width = form & 0x7f;
      group.min = unpack_bits_at(mins, g, min_width);
      group.max = group.min + unpack_bits_at(spans, g, span_width);
      check_stored(group.width <= 64 && group.min <= group.max && group.max <= n_max,
                   "group of a column chunk");
      group.offset = static_cast<uint32_t>(at);
      uint64_t values = group_size(g);
      if (group.gaps) {
        ByteReader head(std::string_view(payload_ + at, payload_bytes_ - at));
        head.varint();
        head.varint();
        check_stored(head.ok(), "group of a column chunk");
        at = payload_bytes_ - head.remaining();
        --values;
      }
      at += packed_bytes(values, group.width);
      check_stored(at <= payload_bytes_, "group of a column chunk");
    }
  }

  const ColumnChunkFacts facts_;
  uint8_t mode_ = 0;
  uint64_t divisor_ = 1;
  uint32_t value_count_ = 0;
  std::vector<uint64_t> present_;
  std::vector<uint32_t> ranks_;
  std::vector<uint32_t> list_;
  std::vector<uint32_t> starts_;
  std::vector<Group> groups_;
  const char* payload_ = nullptr;
  size_t payload_bytes_ = 0;
};

}  // namespace stratalog::index
