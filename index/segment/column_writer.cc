#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "base/bits.h"
#include "base/ensure.h"
#include "index/segment/bit_packing.h"
#include "index/segment/column.h"

namespace stratalog::index {
namespace {

constexpr unsigned kRowBits = 14;
static_assert(1u << kRowBits == kChunkRows);

uint64_t distance(int64_t from, int64_t to) {
  return static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
}

// The largest number that divides all distances from `min`; 1 where all are 0.
uint64_t common_divisor(std::span<const int64_t> values, int64_t min) {
  uint64_t divisor = 0;
  for (const int64_t v : values) {
    const uint64_t d = distance(min, v);
    if (divisor != 0 && d % divisor == 0) continue;
    divisor = std::gcd(divisor, d);
    if (divisor == 1) break;
  }
  return std::max<uint64_t>(divisor, 1);
}

struct Group {
  uint64_t min = ~uint64_t{0};
  uint64_t max = 0;
  bool gaps = false;
  unsigned width = 0;
  uint64_t first = 0;
  int64_t gap_min = 0;
};

// Numbers are far below 2^63 when gaps are tried, so that differences are exact.
void consider_gaps(std::span<const uint64_t> n, Group& group) {
  if (n.size() < 8 || group.max >> 62 != 0) return;
  int64_t least = INT64_MAX;
  int64_t most = INT64_MIN;
  for (size_t i = 1; i < n.size(); ++i) {
    const auto gap = static_cast<int64_t>(n[i] - n[i - 1]);
    least = std::min(least, gap);
    most = std::max(most, gap);
  }
  const unsigned width = bits_for(distance(least, most));
  constexpr size_t kHeadBytes = 6;
  if (packed_bytes(n.size() - 1, width) + kHeadBytes >= packed_bytes(n.size(), group.width) * 7 / 8)
    return;
  group.gaps = true;
  group.width = width;
  group.first = n[0];
  group.gap_min = least;
}

void put_group(std::string& out, std::span<const uint64_t> n, const Group& group) {
  std::array<uint64_t, kGroupValues> packed;
  if (group.gaps) {
    put_varint(out, group.first - group.min);
    put_varint(out, zigzag(group.gap_min));
    for (size_t i = 1; i < n.size(); ++i) {
      packed[i - 1] = n[i] - n[i - 1] - static_cast<uint64_t>(group.gap_min);
    }
    pack_bits(out, std::span<const uint64_t>(packed.data(), n.size() - 1), group.width);
  } else {
    for (size_t i = 0; i < n.size(); ++i) packed[i] = n[i] - group.min;
    pack_bits(out, std::span<const uint64_t>(packed.data(), n.size()), group.width);
  }
}

void put_packed(std::string& out, const std::vector<uint64_t>& values) {
  const uint64_t max = values.empty() ? 0 : *std::max_element(values.begin(), values.end());
  out.push_back(static_cast<char>(bits_for(max)));
  pack_bits(out, values, bits_for(max));
}

}  // namespace

ColumnWriter::ColumnWriter(BlockSink& sink, Part part, uint32_t row_count)
    : sink_(sink), part_(part), row_count_(row_count) {}

template <typename T>
void ColumnWriter::append(uint32_t rows, std::span<const T> values,
                          std::span<const uint32_t> starts) {
  ENSURE(rows_done_ + counts_.size() + rows <= row_count_);
  ENSURE(starts.empty() ? values.size() == rows : starts.size() > rows);
  for (uint32_t i = 0; i < rows;) {
    const uint32_t take =
        std::min<uint32_t>(rows - i, kChunkRows - static_cast<uint32_t>(counts_.size()));
    for (uint32_t k = i; k < i + take; ++k)
      counts_.push_back(starts.empty() ? 1 : starts[k + 1] - starts[k]);
    const size_t begin = starts.empty() ? i : starts[i];
    const size_t end = starts.empty() ? i + take : starts[i + take];
    values_.insert(values_.end(), values.begin() + static_cast<std::ptrdiff_t>(begin),
                   values.begin() + static_cast<std::ptrdiff_t>(end));
    i += take;
    if (counts_.size() == kChunkRows) flush_chunk();
  }
}

void ColumnWriter::add(uint32_t rows, std::span<const int64_t> values,
                       std::span<const uint32_t> starts) {
  append(rows, values, starts);
}
void ColumnWriter::add(uint32_t rows, std::span<const uint32_t> values,
                       std::span<const uint32_t> starts) {
  append(rows, values, starts);
}

void ColumnWriter::flush_chunk() {
  Zone zone{};
  zone.present = static_cast<uint32_t>(
      counts_.size() - static_cast<size_t>(std::count(counts_.begin(), counts_.end(), 0u)));
  zone.values = values_.size();
  const bool one_each = zone.present == counts_.size() && zone.values == counts_.size();
  one_each_ = one_each_ && one_each;
  if (!values_.empty()) {
    const auto [min, max] = std::minmax_element(values_.begin(), values_.end());
    zone.min = *min;
    zone.max = *max;
    sorted_ = sorted_ && (!has_last_ || last_ <= values_.front()) &&
              std::is_sorted(values_.begin(), values_.end());
    has_last_ = true;
    last_ = values_.back();
    zone.stored = !one_each || zone.min != zone.max;
  }
  if (zone.stored) {
    encode_chunk(zone.min, distance(zone.min, zone.max), zone.present);
    zone.extent = sink_.put(part_, chunk_);
  }
  value_count_ += zone.values;
  present_rows_ += zone.present;
  zones_.push_back(zone);
  rows_done_ += static_cast<uint32_t>(counts_.size());
  counts_.clear();
  values_.clear();
}

void ColumnWriter::encode_chunk(int64_t min, uint64_t range, uint32_t present) {
  chunk_.clear();
  const auto rows = static_cast<uint32_t>(counts_.size());
  const uint64_t divisor = range == 0 ? 1 : common_divisor(values_, min);
  const bool multi = values_.size() != present;
  const bool list = packed_bytes(present, kRowBits) < words_for(rows) * 8;
  const uint8_t mode = multi ? 3 : present == rows ? 0 : list ? 2 : 1;
  chunk_.push_back(static_cast<char>(mode));
  put_varint(chunk_, divisor);
  if (mode == 1) {
    std::vector<uint64_t> words(words_for(rows));
    for (uint32_t i = 0; i < rows; ++i) {
      if (counts_[i] != 0) set_bit(words.data(), i);
    }
    chunk_.append(reinterpret_cast<const char*>(words.data()), words.size() * 8);
  } else if (mode == 2) {
    std::vector<uint32_t> present_rows;
    for (uint32_t i = 0; i < rows; ++i) {
      if (counts_[i] != 0) present_rows.push_back(i);
    }
    pack_bits(chunk_, present_rows, kRowBits);
  } else if (mode == 3) {
    const unsigned width = bits_for(*std::max_element(counts_.begin(), counts_.end()));
    chunk_.push_back(static_cast<char>(width));
    pack_bits(chunk_, counts_, width);
  }

  std::vector<uint64_t> n(values_.size());
  for (size_t i = 0; i < n.size(); ++i) n[i] = distance(min, values_[i]);
  if (divisor > 1) {
    for (uint64_t& v : n) v /= divisor;
  }
  std::vector<Group> groups;
  std::vector<uint64_t> mins;
  std::vector<uint64_t> spans;
  for (size_t begin = 0; begin < n.size(); begin += kGroupValues) {
    const auto in = std::span<const uint64_t>(n).subspan(
        begin, std::min<size_t>(kGroupValues, n.size() - begin));
    Group group;
    for (const uint64_t v : in) {
      group.min = std::min(group.min, v);
      group.max = std::max(group.max, v);
    }
    group.width = bits_for(group.max - group.min);
    consider_gaps(in, group);
    mins.push_back(group.min);
    spans.push_back(group.max - group.min);
    groups.push_back(group);
  }
  put_packed(chunk_, mins);
  put_packed(chunk_, spans);
  for (const Group& group : groups)
    chunk_.push_back(static_cast<char>(group.width | (group.gaps ? 0x80 : 0)));
  for (size_t g = 0; g < groups.size(); ++g) {
    const size_t begin = g * kGroupValues;
    put_group(chunk_,
              std::span<const uint64_t>(n).subspan(
                  begin, std::min<size_t>(kGroupValues, n.size() - begin)),
              groups[g]);
  }
}

void ColumnWriter::finish(std::string& meta) {
  if (!counts_.empty()) flush_chunk();
  ENSURE(rows_done_ == row_count_);
  int64_t min = INT64_MAX;
  int64_t max = INT64_MIN;
  for (const Zone& zone : zones_) {
    if (zone.values == 0) continue;
    min = std::min(min, zone.min);
    max = std::max(max, zone.max);
  }
  if (value_count_ == 0) min = max = 0;
  const bool one_each = one_each_ && value_count_ > 0;
  meta.push_back(static_cast<char>((one_each ? 1 : 0) | (one_each && sorted_ ? 2 : 0)));
  put_varint(meta, row_count_);
  put_varint(meta, value_count_);
  put_varint(meta, present_rows_);
  put_varint(meta, zigzag(min));
  put_varint(meta, zigzag(max));
  if (value_count_ == 0 || (one_each && min == max)) return;
  for (const Zone& zone : zones_) {
    put_varint(meta, zone.present);
    if (zone.present == 0) continue;
    put_varint(meta, zone.values - zone.present);
    put_varint(meta, distance(min, zone.min));
    put_varint(meta, distance(zone.min, zone.max));
    if (zone.stored) put_extent(meta, zone.extent);
  }
}

}  // namespace stratalog::index
