#include <algorithm>
#include <array>
#include <bit>

#include "base/bits.h"
#include "base/ensure.h"
#include "index/segment/bit_packing.h"
#include "index/segment/column.h"

namespace stratalog::index {
namespace {

constexpr unsigned kRowBits = 14;
// A chunk may hold so many values for each of its rows on average: bounds what corrupt counts can
// ask for.
constexpr uint64_t kChunkValuesMax = uint64_t{1} << 31;

int64_t offset_by(int64_t from, uint64_t distance) {
  return static_cast<int64_t>(static_cast<uint64_t>(from) + distance);
}
uint64_t distance(int64_t from, int64_t to) {
  return static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
}

unsigned read_width(ByteReader& reader, unsigned max) {
  const auto width = reader.fixed<uint8_t>();
  check_stored(reader.ok() && width <= max, "width in a column chunk");
  return width;
}

std::string_view read_bytes(ByteReader& reader, uint64_t size) {
  const std::string_view bytes = reader.bytes(size);
  check_stored(reader.ok(), "column chunk is cut off");
  return bytes;
}

}  // namespace

// A chunk's bytes, parsed: groups can be decoded, rows can be mapped to values.
class ColumnReader::Chunk {
 public:
  Chunk(const ColumnReader& column, size_t number)
      : zone_(column.zones_[number]),
        rows_(column.chunk_rows(number)),
        pinned_(column.source_.read(zone_.extent)) {
    ByteReader reader(pinned_.bytes());
    mode_ = reader.fixed<uint8_t>();
    divisor_ = reader.varint();
    check_stored(reader.ok() && mode_ <= 3 && divisor_ > 0, "column chunk");
    parse_rows(reader);
    parse_groups(reader);
  }

  bool one_each() const { return mode_ == 0; }
  bool single_valued() const { return mode_ != 3; }
  size_t group_count() const { return groups_.size(); }
  uint32_t value_count() const { return value_count_; }
  int64_t group_min(size_t g) const { return offset_by(zone_.min, groups_[g].min * divisor_); }
  int64_t group_max(size_t g) const { return offset_by(zone_.min, groups_[g].max * divisor_); }
  uint32_t group_size(size_t g) const {
    return std::min(kGroupValues, value_count_ - static_cast<uint32_t>(g) * kGroupValues);
  }
  bool direct(size_t g) const { return !groups_[g].gaps; }

  // The value at an index, of a group that is direct().
  int64_t value(uint32_t index) const {
    const Group& group = groups_[index / kGroupValues];
    const uint64_t n =
        group.min + unpack_bits_at(payload_ + group.offset, index % kGroupValues, group.width);
    return offset_by(zone_.min, n * divisor_);
  }

  void decode(size_t g, int64_t* out) const {
    const Group& group = groups_[g];
    const uint32_t count = group_size(g);
    std::array<uint64_t, kGroupValues> n;
    if (group.gaps) {
      ByteReader reader(std::string_view(payload_ + group.offset, payload_bytes_ - group.offset));
      uint64_t at = group.min + reader.varint();
      const auto gap = static_cast<uint64_t>(reader.signed_varint());
      const char* packed = payload_ + (payload_bytes_ - reader.remaining());
      unpack_bits(packed, 0, count - 1, group.width, n.data() + 1);
      n[0] = at;
      for (uint32_t i = 1; i < count; ++i) {
        at += gap + n[i];
        n[i] = at;
      }
    } else {
      unpack_bits(payload_ + group.offset, 0, count, group.width, n.data());
      for (uint32_t i = 0; i < count; ++i) n[i] += group.min;
    }
    const auto base = static_cast<uint64_t>(zone_.min);
    if (divisor_ == 1) {
      for (uint32_t i = 0; i < count; ++i) out[i] = static_cast<int64_t>(base + n[i]);
    } else {
      for (uint32_t i = 0; i < count; ++i) out[i] = static_cast<int64_t>(base + n[i] * divisor_);
    }
  }

  // Index of the first value of a row; of row rows_ the number of values.
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

  void parse_rows(ByteReader& reader) {
    check_stored(zone_.values <= kChunkValuesMax, "values of a column chunk");
    value_count_ = static_cast<uint32_t>(zone_.values);
    uint64_t counted = rows_;
    if (mode_ == 1) {
      const std::string_view words = read_bytes(reader, words_for(rows_) * 8);
      present_.resize(words_for(rows_));
      std::memcpy(present_.data(), words.data(), words.size());
      if (rows_ % 64 != 0) present_.back() &= low_bits(rows_ % 64);
      ranks_.resize(present_.size() + 1);
      for (size_t i = 0; i < present_.size(); ++i) {
        ranks_[i + 1] = ranks_[i] + static_cast<uint32_t>(std::popcount(present_[i]));
      }
      counted = ranks_.back();
      present_.push_back(0);  // so that row rows_ can be asked for
    } else if (mode_ == 2) {
      check_stored(value_count_ <= rows_, "rows of a column chunk");
      const std::string_view packed = read_bytes(reader, packed_bytes(value_count_, kRowBits));
      list_.resize(value_count_);
      unpack_bits(packed.data(), 0, value_count_, kRowBits, list_.data());
      for (size_t i = 0; i < list_.size(); ++i) {
        check_stored(list_[i] < rows_ && (i == 0 || list_[i - 1] < list_[i]),
                     "rows of a column chunk");
      }
      counted = value_count_;
    } else if (mode_ == 3) {
      const unsigned width = read_width(reader, 32);
      const std::string_view packed = read_bytes(reader, packed_bytes(rows_, width));
      starts_.resize(rows_ + 1);
      unpack_bits(packed.data(), 0, rows_, width, starts_.data() + 1);
      uint64_t sum = 0;
      for (uint32_t i = 1; i <= rows_; ++i) {
        sum += starts_[i];
        check_stored(sum <= value_count_, "values of a column chunk");
        starts_[i] = static_cast<uint32_t>(sum);
      }
      counted = sum;
    }
    check_stored(counted == value_count_, "values of a column chunk");
  }

  void parse_groups(ByteReader& reader) {
    const size_t count = (uint64_t{value_count_} + kGroupValues - 1) / kGroupValues;
    check_stored(count <= pinned_.bytes().size(), "groups of a column chunk");
    groups_.resize(count);
    const unsigned min_width = read_width(reader, 64);
    const char* mins = read_bytes(reader, packed_bytes(count, min_width)).data();
    const unsigned span_width = read_width(reader, 64);
    const char* spans = read_bytes(reader, packed_bytes(count, span_width)).data();
    const std::string_view widths = read_bytes(reader, count);
    payload_bytes_ = reader.remaining();
    payload_ = reader.bytes(payload_bytes_).data();
    const uint64_t n_max = distance(zone_.min, zone_.max) / divisor_;
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

  const Zone& zone_;
  const uint32_t rows_;
  ExtentBytes pinned_;
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

ColumnReader::ColumnReader(const BlockSource& source, uint32_t row_count, ByteReader& meta)
    : source_(source) {
  const auto flags = meta.fixed<uint8_t>();
  const uint64_t rows = meta.varint();
  value_count_ = meta.varint();
  const uint64_t present = meta.varint();
  min_ = meta.signed_varint();
  max_ = meta.signed_varint();
  check_stored(meta.ok() && flags < 4 && rows == row_count && present <= rows &&
                   present <= value_count_ && min_ <= max_,
               "column");
  row_count_ = row_count;
  present_rows_ = static_cast<uint32_t>(present);
  one_each_ = (flags & 1) != 0;
  sorted_ = one_each_ && (flags & 2) != 0;
  check_stored(!one_each_ || (present_rows_ == row_count_ && value_count_ == row_count_), "column");
  if (value_count_ == 0 || (one_each_ && min_ == max_)) return;

  zones_.resize((uint64_t{row_count_} + kChunkRows - 1) / kChunkRows);
  uint64_t values = 0;
  for (size_t i = 0; i < zones_.size(); ++i) {
    Zone& zone = zones_[i];
    const uint64_t zone_present = meta.varint();
    check_stored(zone_present <= chunk_rows(i), "zone of a column");
    zone.present = static_cast<uint32_t>(zone_present);
    if (zone.present == 0) continue;
    zone.values = zone.present + meta.varint();
    zone.min = offset_by(min_, meta.varint());
    zone.max = offset_by(zone.min, meta.varint());
    check_stored(meta.ok() && zone.values <= value_count_ - values && min_ <= zone.min &&
                     zone.min <= zone.max && zone.max <= max_,
                 "zone of a column");
    values += zone.values;
    zone.stored =
        zone.present < chunk_rows(i) || zone.values != zone.present || zone.min != zone.max;
    if (zone.stored) zone.extent = get_extent(meta);
  }
  check_stored(meta.ok() && values == value_count_, "zones of a column");
}

RowId ColumnReader::lower_bound(int64_t value) const {
  ENSURE(sorted_);
  if (constant()) return value <= min_ ? 0 : row_count_;
  const auto zone = std::partition_point(zones_.begin(), zones_.end(),
                                         [&](const Zone& z) { return z.max < value; });
  if (zone == zones_.end()) return row_count_;
  const auto number = static_cast<size_t>(zone - zones_.begin());
  const RowId base = static_cast<RowId>(number) * kChunkRows;
  if (value <= zone->min) return base;
  const Chunk chunk(*this, number);
  check_stored(chunk.one_each(), "sorted column");
  size_t low = 0;
  size_t high = chunk.group_count();
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (chunk.group_max(middle) < value)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == chunk.group_count()) return base + chunk_rows(number);
  std::array<int64_t, kGroupValues> values;
  chunk.decode(low, values.data());
  const auto end = values.begin() + chunk.group_size(low);
  const auto found = std::lower_bound(values.begin(), end, value);
  return base + static_cast<RowId>(low) * kGroupValues + static_cast<RowId>(found - values.begin());
}

// Values of chunk indexes, decoding a group only once where several are wanted from it.
template <typename T>
void ColumnReader::gather(std::span<const RowId> rows, ValueBatch<T>& out) const {
  out.values.clear();
  out.starts.clear();
  out.one_each = one_each_;
  out.values.reserve(rows.size());
  if (one_each_ && constant()) {
    out.values.assign(rows.size(), static_cast<T>(min_));
    return;
  }
  if (!one_each_) {
    out.starts.reserve(rows.size() + 1);
    out.starts.push_back(0);
  }
  std::array<int64_t, kGroupValues> decoded;
  for (size_t i = 0; i < rows.size();) {
    ENSURE(rows[i] < row_count_);
    const size_t number = rows[i] / kChunkRows;
    const RowId base = static_cast<RowId>(number) * kChunkRows;
    size_t end = i + 1;
    while (end < rows.size() && rows[end] / kChunkRows == number) ++end;
    const std::span<const RowId> in = rows.subspan(i, end - i);
    i = end;
    if (constant() || !zones_[number].stored) {
      const bool absent = constant() || zones_[number].present == 0;
      for (size_t k = 0; k < in.size(); ++k) {
        if (!absent) out.values.push_back(static_cast<T>(zones_[number].min));
        if (!one_each_) out.starts.push_back(static_cast<uint32_t>(out.values.size()));
      }
      continue;
    }
    const Chunk chunk(*this, number);
    check_stored(!one_each_ || chunk.one_each(), "column of one value each");
    size_t loaded = SIZE_MAX;
    const bool dense = in.size() * 8 > chunk.value_count() / 2;
    for (const RowId row : in) {
      const uint32_t last = chunk.value_end(row - base);
      for (uint32_t index = chunk.value_begin(row - base); index < last; ++index) {
        const size_t group = index / kGroupValues;
        if (group != loaded && (dense || !chunk.direct(group))) {
          chunk.decode(group, decoded.data());
          loaded = group;
        }
        out.values.push_back(
            static_cast<T>(group == loaded ? decoded[index % kGroupValues] : chunk.value(index)));
      }
      if (!one_each_) out.starts.push_back(static_cast<uint32_t>(out.values.size()));
    }
  }
}
template void ColumnReader::gather(std::span<const RowId>, ValueBatch<int64_t>&) const;
template void ColumnReader::gather(std::span<const RowId>, ValueBatch<uint32_t>&) const;

template <typename T>
void ColumnReader::read(RowId begin, RowId end, ValueBatch<T>& out) const {
  out.values.clear();
  out.starts.clear();
  out.one_each = one_each_;
  out.values.reserve(end - begin);
  if (!one_each_) {
    out.starts.reserve(end - begin + 1);
    out.starts.push_back(0);
  }
  std::array<int64_t, kGroupValues> decoded;
  while (begin < end) {
    const size_t number = begin / kChunkRows;
    const RowId base = static_cast<RowId>(number) * kChunkRows;
    const RowId stop = std::min(end, base + chunk_rows(number));
    if (constant() || !zones_[number].stored) {
      const bool absent = constant() ? !one_each_ : zones_[number].present == 0;
      const auto value = static_cast<T>(constant() ? min_ : zones_[number].min);
      for (RowId row = begin; row < stop; ++row) {
        if (!absent) out.values.push_back(value);
        if (!one_each_) out.starts.push_back(static_cast<uint32_t>(out.values.size()));
      }
    } else {
      const Chunk chunk(*this, number);
      check_stored(!one_each_ || chunk.one_each(), "column of one value each");
      const uint32_t first = chunk.value_begin(begin - base);
      const uint32_t last = chunk.value_begin(stop - base);
      if (!one_each_) {
        const auto before = static_cast<uint32_t>(out.values.size());
        for (RowId row = begin; row < stop; ++row) {
          out.starts.push_back(before + chunk.value_end(row - base) - first);
        }
      }
      for (uint32_t index = first; index < last;) {
        const size_t group = index / kGroupValues;
        chunk.decode(group, decoded.data());
        const auto group_end =
            static_cast<uint32_t>(group) * kGroupValues + chunk.group_size(group);
        const uint32_t to = std::min(last, group_end);
        const auto from = decoded.begin() + index % kGroupValues;
        out.values.insert(out.values.end(), from, from + (to - index));
        index = to;
      }
    }
    begin = stop;
  }
}
template void ColumnReader::read(RowId, RowId, ValueBatch<int64_t>&) const;
template void ColumnReader::read(RowId, RowId, ValueBatch<uint32_t>&) const;

void ColumnReader::fill_range(RowId begin, RowId end, int64_t low, int64_t high,
                              uint64_t* bits) const {
  end = std::min(end, row_count_);
  if (begin >= end || value_count_ == 0 || low > high || high < min_ || low > max_) return;
  const RowId window = begin;
  if (low <= min_ && max_ <= high) {
    fill_present(begin, end, bits);
    return;
  }
  if (sorted_) {
    const RowId from = std::max(begin, lower_bound(low));
    const RowId to = high == INT64_MAX ? end : std::min(end, lower_bound(high + 1));
    if (from < to) set_bit_range(bits, from - window, to - window);
    return;
  }
  for (; begin < end; begin = std::min(end, (begin / kChunkRows + 1) * kChunkRows)) {
    const size_t number = begin / kChunkRows;
    const RowId base = static_cast<RowId>(number) * kChunkRows;
    const RowId stop = std::min(end, base + chunk_rows(number));
    const Zone& zone = zones_[number];
    if (zone.present == 0 || high < zone.min || low > zone.max) continue;
    if (!zone.stored) {
      set_bit_range(bits, begin - window, stop - window);
      continue;
    }
    const Chunk chunk(*this, number);
    if (low <= zone.min && zone.max <= high) {
      chunk.for_each_present(begin - base, stop - base,
                             [&](uint32_t row, uint32_t) { set_bit(bits, base + row - window); });
    } else {
      fill_chunk_range(
          chunk, begin - base, stop - base, low, high,
          [&](uint32_t row) { return base + row - window; }, bits);
    }
  }
}

template <typename Bit>
void ColumnReader::fill_chunk_range(const Chunk& chunk, uint32_t begin, uint32_t end, int64_t low,
                                    int64_t high, const Bit& bit_of, uint64_t* bits) const {
  std::array<int64_t, kGroupValues> values;
  const uint64_t span = distance(low, high);
  if (chunk.one_each()) {
    for (uint32_t row = begin; row < end;) {
      const size_t group = row / kGroupValues;
      const uint32_t stop = std::min(end, static_cast<uint32_t>(group + 1) * kGroupValues);
      if (low <= chunk.group_min(group) && chunk.group_max(group) <= high) {
        set_bit_range(bits, bit_of(row), bit_of(stop));
      } else if (chunk.group_min(group) <= high && low <= chunk.group_max(group)) {
        chunk.decode(group, values.data());
        for (uint32_t r = row; r < stop; ++r) {
          const size_t bit = bit_of(r);
          const uint64_t hit = distance(low, values[r % kGroupValues]) <= span ? 1 : 0;
          bits[bit / 64] |= hit << (bit % 64);
        }
      }
      row = stop;
    }
    return;
  }
  size_t loaded = SIZE_MAX;
  chunk.for_each_present(begin, end, [&](uint32_t row, uint32_t index) {
    const uint32_t last = chunk.value_end(row);
    for (; index < last; ++index) {
      const size_t group = index / kGroupValues;
      if (chunk.group_min(group) > high || low > chunk.group_max(group)) continue;
      if (group != loaded) {
        chunk.decode(group, values.data());
        loaded = group;
      }
      if (distance(low, values[index % kGroupValues]) <= span) {
        set_bit(bits, bit_of(row));
        return;
      }
    }
  });
}

void ColumnReader::fill_present(RowId begin, RowId end, uint64_t* bits) const {
  end = std::min(end, row_count_);
  if (begin >= end || present_rows_ == 0) return;
  const RowId window = begin;
  if (present_rows_ == row_count_) {
    set_bit_range(bits, 0, end - begin);
    return;
  }
  for (; begin < end; begin = std::min(end, (begin / kChunkRows + 1) * kChunkRows)) {
    const size_t number = begin / kChunkRows;
    const RowId base = static_cast<RowId>(number) * kChunkRows;
    const RowId stop = std::min(end, base + chunk_rows(number));
    const Zone& zone = zones_[number];
    if (zone.present == 0) continue;
    if (zone.present == chunk_rows(number)) {
      set_bit_range(bits, begin - window, stop - window);
      continue;
    }
    const Chunk chunk(*this, number);
    chunk.for_each_present(begin - base, stop - base,
                           [&](uint32_t row, uint32_t) { set_bit(bits, base + row - window); });
  }
}

std::optional<RowId> ColumnReader::find(int64_t value) const {
  ENSURE(one_each_ || row_count_ == 0);
  if (row_count_ == 0 || value < min_ || value > max_) return std::nullopt;
  if (constant()) return 0;
  std::array<int64_t, kGroupValues> values;
  for (size_t number = 0; number < zones_.size(); ++number) {
    const Zone& zone = zones_[number];
    if (value < zone.min || value > zone.max) continue;
    const RowId base = static_cast<RowId>(number) * kChunkRows;
    if (!zone.stored) return base;
    const Chunk chunk(*this, number);
    check_stored(chunk.one_each(), "column of one value each");
    for (size_t group = 0; group < chunk.group_count(); ++group) {
      if (value < chunk.group_min(group) || value > chunk.group_max(group)) continue;
      chunk.decode(group, values.data());
      const auto end = values.begin() + chunk.group_size(group);
      const auto found = std::find(values.begin(), end, value);
      if (found != end) {
        return base + static_cast<RowId>(group) * kGroupValues +
               static_cast<RowId>(found - values.begin());
      }
    }
  }
  return std::nullopt;
}

}  // namespace stratalog::index
