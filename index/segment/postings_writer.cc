#include "index/segment/postings_writer.h"

#include <algorithm>

#include "base/bits.h"
#include "base/ensure.h"
#include "index/segment/bit_packing.h"
#include "index/segment/compression.h"
#include "index/segment/position_bytes.h"
#include "index/segment/rice.h"

namespace stratalog::index {
namespace {

constexpr size_t kRecordBlockBytes = 32 << 10;
constexpr size_t kPositionBlockBytes = 64 << 10;  // before compression
constexpr size_t kPieceBytes = 32 << 10;          // of a body
constexpr size_t kInlineBodyMax = 8 << 10;

template <typename T>
void put_packed_values(std::string& out, std::span<const T> values) {
  T max = 0;
  for (const T v : values) max = std::max(max, v);
  const unsigned width = bits_for(max);
  out.push_back(static_cast<char>(width));
  pack_bits(out, values, width);
}

// The body that is being made: whole runs go to the open piece until it is big enough.
class Pieces {
 public:
  std::string& open() {
    if (pieces_.empty() || pieces_.back().size() >= kPieceBytes) {
      pieces_.emplace_back();
    }
    return pieces_.back();
  }
  std::span<const std::string> all() const { return pieces_; }

 private:
  std::vector<std::string> pieces_;
};

}  // namespace

PostingsWriter::PostingsWriter(BlockSink& sink, const Shape& shape, int zstd_level)
    : sink_(sink), shape_(shape), zstd_level_(zstd_level) {
  ENSURE(shape.has_freqs || !shape.has_positions);
}

TermEntry PostingsWriter::add(std::span<const uint32_t> rows, std::span<const uint32_t> freqs,
                              std::string_view positions) {
  ENSURE(!rows.empty());
  ENSURE(rows.back() < shape_.list_rows);
  ENSURE(freqs.empty() || freqs.size() == rows.size());
  TermEntry entry;
  entry.list_count = static_cast<uint32_t>(rows.size());
  entry.list_freq = entry.list_count;
  if (shape_.has_freqs && !freqs.empty()) {
    entry.list_freq = 0;
    for (const uint32_t freq : freqs) {
      ENSURE(freq > 0);
      entry.list_freq += freq;
    }
  }
  if (shape_.has_positions) {
    const uint64_t before = position_total_;
    put_positions(positions);
    ENSURE(position_total_ - before == entry.list_freq);
  }
  entry.doc_freq = entry.list_count;
  entry.total_term_freq = entry.list_freq;
  if (rows.size() == 1) {
    entry.row = rows.front();
    return entry;
  }

  record_.clear();
  const bool with_freqs = entry.list_freq > entry.list_count;
  if (rows.size() <= kSmallListMax) {
    put_small(rows, with_freqs ? freqs : std::span<const uint32_t>());
  } else {
    if (rows.size() == shape_.list_rows) {
      record_.push_back(2);
    } else if (rows.size() >= shape_.list_rows / kDenseOneIn) {
      put_bitset(rows);
    } else {
      put_packed(rows);
    }
    if (with_freqs) put_freqs(freqs);
  }
  if (!records_.empty() && records_.size() + record_.size() > kRecordBlockBytes) flush_records();
  records_.append(record_);
  entry.record_length = static_cast<uint32_t>(record_.size());
  return entry;
}

void PostingsWriter::put_small(std::span<const uint32_t> rows, std::span<const uint32_t> freqs) {
  uint32_t values[kSmallListMax];
  uint32_t next = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    ENSURE(rows[i] >= next);
    values[i] = rows[i] - next;
    next = rows[i] + 1;
  }
  BitWriter bits;
  bits.put_rice(std::span(values, rows.size()));
  if (!freqs.empty()) {
    for (size_t i = 0; i < freqs.size(); ++i) values[i] = freqs[i] - 1;
    bits.put_rice(std::span(values, freqs.size()));
  }
  bits.finish(record_);
}

void PostingsWriter::put_packed(std::span<const uint32_t> rows) {
  std::vector<uint32_t> last_rows;
  std::string widths;
  Pieces body;
  uint32_t next = 0;
  uint32_t last = 0;
  for (size_t begin = 0; begin < rows.size(); begin += kGroupValues) {
    const auto run = rows.subspan(begin, std::min<size_t>(kGroupValues, rows.size() - begin));
    uint32_t gaps[kGroupValues];
    uint32_t max = 0;
    for (size_t i = 0; i < run.size(); ++i) {
      ENSURE(run[i] >= next);
      gaps[i] = run[i] - next;
      next = run[i] + 1;
      max = std::max(max, gaps[i]);
    }
    const unsigned width = bits_for(max);
    widths.push_back(static_cast<char>(width));
    pack_bits(body.open(), std::span<const uint32_t>(gaps, run.size()), width);
    last_rows.push_back(run.back() - last);
    last = run.back();
  }
  record_.push_back(0);
  put_packed_values<uint32_t>(record_, last_rows);
  record_.append(widths);
  put_body(Part::kPostings, body.all());
}

void PostingsWriter::put_bitset(std::span<const uint32_t> rows) {
  std::vector<uint64_t> words(words_for(shape_.list_rows));
  std::vector<uint32_t> counts((shape_.list_rows + kRankRows - 1) / kRankRows);
  uint32_t next = 0;
  for (const uint32_t row : rows) {
    ENSURE(row >= next);
    next = row + 1;
    set_bit(words.data(), row);
    ++counts[row / kRankRows];
  }
  record_.push_back(1);
  put_packed_values<uint32_t>(record_, counts);
  Pieces body;
  constexpr size_t kPieceWords = kPieceBytes / 8;
  for (size_t begin = 0; begin < words.size(); begin += kPieceWords) {
    const size_t count = std::min(kPieceWords, words.size() - begin);
    body.open().append(reinterpret_cast<const char*>(words.data() + begin), count * 8);
  }
  put_body(Part::kPostings, body.all());
}

void PostingsWriter::put_freqs(std::span<const uint32_t> freqs) {
  std::string widths;
  std::vector<uint64_t> sums;
  Pieces body;
  for (size_t begin = 0; begin < freqs.size(); begin += kGroupValues) {
    const size_t count = std::min<size_t>(kGroupValues, freqs.size() - begin);
    uint32_t values[kGroupValues];
    uint32_t max = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; ++i) {
      values[i] = freqs[begin + i] - 1;
      max = std::max(max, values[i]);
      sum += values[i];
    }
    const unsigned width = bits_for(max);
    widths.push_back(static_cast<char>(width));
    sums.push_back(sum);
    pack_bits(body.open(), std::span<const uint32_t>(values, count), width);
  }
  record_.append(widths);
  put_packed_values<uint64_t>(record_, sums);
  put_body(Part::kFrequencies, body.all());
}

void PostingsWriter::put_body(Part part, std::span<const std::string> pieces) {
  size_t total = 0;
  for (const std::string& piece : pieces) total += piece.size();
  if (total <= kInlineBodyMax) {
    put_varint(record_, 0);
    for (const std::string& piece : pieces) record_.append(piece);
    return;
  }
  put_varint(record_, pieces.size());
  for (const std::string& piece : pieces) {
    put_varint(record_, piece.size());
    put_extent(record_, sink_.put(part, piece));
  }
}

// Blocks end with a whole position, anywhere in a list.
void PostingsWriter::put_positions(std::string_view positions) {
  while (!positions.empty()) {
    size_t size = std::min(positions.size(), kPositionBlockBytes - positions_.size());
    while (size < positions.size() && static_cast<unsigned char>(positions[size - 1]) >= 0x80)
      ++size;
    const std::string_view piece = positions.substr(0, size);
    positions.remove_prefix(size);
    positions_.append(piece);
    const uint64_t count = count_varints(piece);
    position_count_ += count;
    position_total_ += count;
    if (positions_.size() >= kPositionBlockBytes) flush_positions();
  }
}

void PostingsWriter::flush_records() {
  put_varint(record_blocks_, records_.size());
  put_extent(record_blocks_, sink_.put(Part::kPostings, records_));
  ++record_block_count_;
  records_.clear();
}

void PostingsWriter::flush_positions() {
  compressed_.clear();
  put_compressed(compressed_, positions_, zstd_level_);
  put_varint(position_blocks_, position_count_);
  put_extent(position_blocks_, sink_.put(Part::kPositions, compressed_));
  ++position_block_count_;
  positions_.clear();
  position_count_ = 0;
}

void PostingsWriter::finish(std::string& meta) {
  if (!records_.empty()) flush_records();
  if (position_count_ > 0) flush_positions();
  meta.push_back(static_cast<char>((shape_.has_freqs ? 1 : 0) | (shape_.has_positions ? 2 : 0)));
  put_varint(meta, shape_.list_rows);
  put_varint(meta, record_block_count_);
  meta.append(record_blocks_);
  put_varint(meta, position_block_count_);
  meta.append(position_blocks_);
}

}  // namespace stratalog::index
