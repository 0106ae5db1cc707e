#include <algorithm>
#include <array>

#include "base/bits.h"
#include "base/ensure.h"
#include "index/segment/column.h"
#include "index/segment/column_chunk.h"
#include "index/segment/decoded_cache.h"

namespace stratalog::index {
namespace {

// A chunk with the bytes that it was parsed from.
struct HeldChunk {
  HeldChunk(const ColumnChunkFacts& facts, const ExtentBytes& stored)
      : bytes(stored.bytes().data(), stored.bytes().size() + 8), chunk(facts, stored_part()) {}
  std::string_view stored_part() const {
    return std::string_view(bytes).substr(0, bytes.size() - 8);
  }
  const std::string bytes;
  const ColumnChunk chunk;
};
struct PinnedChunk {
  PinnedChunk(const ColumnChunkFacts& facts, ExtentBytes stored)
      : pinned(std::move(stored)), chunk(facts, pinned.bytes()) {}
  const ExtentBytes pinned;
  const ColumnChunk chunk;
};

// Rows come in any order, such as ordinals that are looked up.
bool is_interval(std::span<const RowId> rows) {
  if (rows.empty() || rows.back() - rows.front() != rows.size() - 1) return false;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] != rows.front() + i) return false;
  }
  return true;
}

uint64_t distance(int64_t from, int64_t to) {
  return static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
}

}  // namespace

ColumnReader::ColumnReader(const BlockSource& source, uint32_t row_count, ByteReader& meta)
    : source_(source), id_(new_decoded_owner()) {
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

std::shared_ptr<const ColumnChunk> ColumnReader::chunk(size_t number) const {
  const Zone& zone = zones_[number];
  const ColumnChunkFacts facts{chunk_rows(number), zone.values, zone.min, zone.max};
  if (source_.use() == storage::CacheUse::kBypass) {
    const auto pinned = std::make_shared<const PinnedChunk>(facts, source_.read(zone.extent));
    return {pinned, &pinned->chunk};
  }
  const auto held = decoded<HeldChunk>(
      {id_, number},
      [&] { return std::make_shared<const HeldChunk>(facts, source_.read(zone.extent)); },
      [](const HeldChunk& made) { return made.bytes.size() + made.chunk.resident_bytes(); });
  return {held, &held->chunk};
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
  const auto held = this->chunk(number);
  const ColumnChunk& chunk = *held;
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
  if (is_interval(rows)) {
    ENSURE(rows.back() < row_count_);
    read(rows.front(), rows.back() + 1, out);
    return;
  }
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
    gather_chunk(*chunk(number), base, in, out);
  }
}

template <typename T>
void ColumnReader::gather_chunk(const ColumnChunk& chunk, RowId base, std::span<const RowId> rows,
                                ValueBatch<T>& out) const {
  check_stored(!one_each_ || chunk.one_each(), "column of one value each");
  std::array<T, kGroupValues> decoded;
  size_t loaded = SIZE_MAX;
  const bool dense = rows.size() * 8 > chunk.value_count() / 2;
  const auto value = [&](uint32_t index) {
    const size_t group = index / kGroupValues;
    if (group != loaded) {
      if (!dense && chunk.direct(group)) return static_cast<T>(chunk.value(index));
      chunk.decode(group, decoded.data());
      loaded = group;
    }
    return decoded[index % kGroupValues];
  };
  if (one_each_) {
    for (const RowId row : rows) out.values.push_back(value(row - base));
    return;
  }
  for (const RowId row : rows) {
    const uint32_t last = chunk.value_end(row - base);
    for (uint32_t index = chunk.value_begin(row - base); index < last; ++index)
      out.values.push_back(value(index));
    out.starts.push_back(static_cast<uint32_t>(out.values.size()));
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
  std::array<T, kGroupValues> decoded;
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
      const auto held = this->chunk(number);
      const ColumnChunk& chunk = *held;
      check_stored(!one_each_ || chunk.one_each(), "column of one value each");
      const uint32_t first = chunk.value_begin(begin - base);
      const uint32_t last = chunk.value_begin(stop - base);
      if (!one_each_) {
        const auto before = static_cast<uint32_t>(out.values.size());
        for (RowId row = begin; row < stop; ++row) {
          out.starts.push_back(before + chunk.value_end(row - base) - first);
        }
      }
      size_t at = out.values.size();
      out.values.resize(at + (last - first));
      for (uint32_t index = first; index < last;) {
        const size_t group = index / kGroupValues;
        const auto group_end =
            static_cast<uint32_t>(group) * kGroupValues + chunk.group_size(group);
        const uint32_t to = std::min(last, group_end);
        if (index % kGroupValues == 0 && to == group_end) {
          chunk.decode(group, out.values.data() + at);
        } else {
          chunk.decode(group, decoded.data());
          std::copy_n(decoded.begin() + index % kGroupValues, to - index,
                      out.values.begin() + static_cast<std::ptrdiff_t>(at));
        }
        at += to - index;
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
    const auto held = this->chunk(number);
    const ColumnChunk& chunk = *held;
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
void ColumnReader::fill_chunk_range(const ColumnChunk& chunk, uint32_t begin, uint32_t end,
                                    int64_t low, int64_t high, const Bit& bit_of,
                                    uint64_t* bits) const {
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
    const auto held = this->chunk(number);
    const ColumnChunk& chunk = *held;
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
    const auto held = this->chunk(number);
    const ColumnChunk& chunk = *held;
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
