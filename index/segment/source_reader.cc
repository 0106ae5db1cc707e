#include "index/segment/source_reader.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include "base/ensure.h"
#include "index/segment/compression.h"

namespace stratalog::index {
namespace {

constexpr uint64_t kSourceBytesMax =
    uint64_t{1} << 31;  // of one row: bounds what corrupt references can ask for

uint32_t read_count(ByteReader& reader, uint64_t max) {
  const uint64_t count = reader.varint();
  check_stored(reader.ok() && count <= max, "count in a source block");
  return static_cast<uint32_t>(count);
}

}  // namespace

// Object blocks, decoded when first needed.
class SourceReader::Cursor::Objects {
 public:
  explicit Objects(const SourceReader& reader)
      : reader_(reader), blocks_(reader.object_blocks_.size()) {}

  std::string_view get(uint64_t number) {
    check_stored(number < reader_.object_count_, "object number");
    const auto after =
        std::upper_bound(reader_.object_blocks_.begin(), reader_.object_blocks_.end(), number,
                         [](uint64_t n, const Block& block) { return n < block.begin; });
    const auto block = static_cast<size_t>(after - reader_.object_blocks_.begin()) - 1;
    if (blocks_[block] == nullptr) {
      blocks_[block] = decode(block);
      ++decoded_;
    }
    const Decoded& decoded = *blocks_[block];
    const size_t i = number - reader_.object_blocks_[block].begin;
    return std::string_view(decoded.raw)
        .substr(decoded.begins[i], decoded.begins[i + 1] - decoded.begins[i]);
  }

  // Bounds what is kept; nothing that get() gave may be in use.
  void trim() {
    if (decoded_ <= kBlocksKept) return;
    for (auto& block : blocks_) block.reset();
    decoded_ = 0;
  }

 private:
  static constexpr size_t kBlocksKept = 64;

  struct Decoded {
    std::string raw;
    std::vector<size_t> begins;
  };

  std::unique_ptr<Decoded> decode(size_t block) const {
    const uint32_t begin = reader_.object_blocks_[block].begin;
    const uint32_t end = block + 1 < reader_.object_blocks_.size()
                             ? reader_.object_blocks_[block + 1].begin
                             : reader_.object_count_;
    auto decoded = std::make_unique<Decoded>();
    const ExtentBytes stored = reader_.source_.read(reader_.object_blocks_[block].extent);
    ByteReader bytes(stored.bytes());
    get_compressed(bytes, decoded->raw);
    ByteReader raw(decoded->raw);
    check_stored(raw.varint() == end - begin, "object block");
    check_stored(end - begin <= raw.remaining(), "object block");
    decoded->begins.resize(end - begin + 1);
    for (uint32_t i = 0; i < end - begin; ++i) {
      const uint64_t length = raw.varint();
      check_stored(raw.ok() && length <= decoded->raw.size(), "object block");
      decoded->begins[i + 1] = decoded->begins[i] + length;
    }
    check_stored(decoded->begins.back() == raw.remaining(), "object block");
    const size_t heads = decoded->raw.size() - raw.remaining();
    for (size_t& at : decoded->begins) at += heads;
    return decoded;
  }

  const SourceReader& reader_;
  std::vector<std::unique_ptr<Decoded>> blocks_;
  size_t decoded_ = 0;
};

SourceReader::SourceReader(const BlockSource& source, uint32_t row_count, ByteReader& meta)
    : source_(source) {
  row_count_ = read_count(meta, row_count);
  check_stored(row_count_ == row_count, "rows of sources");
  object_count_ = read_count(meta, UINT32_MAX);
  dictionary_bytes_ = meta.varint();
  if (dictionary_bytes_ > 0) dictionary_ = get_extent(meta);
  std::string raw;
  get_compressed(meta, raw);
  ByteReader index(raw);
  const auto read_blocks = [&](std::vector<Block>& blocks, uint32_t total) {
    const uint32_t count = read_count(index, index.remaining());
    blocks.reserve(count);
    uint32_t begin = 0;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t in = read_count(index, total - begin);
      check_stored(in > 0, "empty source block");
      blocks.push_back({begin, get_extent(index)});
      begin += in;
    }
    check_stored(index.ok() && begin == total, "index of sources");
  };
  read_blocks(source_blocks_, row_count_);
  read_blocks(object_blocks_, object_count_);
}

size_t SourceReader::block_of(RowId row) const {
  const auto after = std::upper_bound(source_blocks_.begin(), source_blocks_.end(), row,
                                      [](RowId r, const Block& block) { return r < block.begin; });
  return static_cast<size_t>(after - source_blocks_.begin()) - 1;
}

RowId SourceReader::block_end(size_t block) const {
  return block + 1 < source_blocks_.size() ? source_blocks_[block + 1].begin : row_count_;
}

void SourceReader::read(std::span<const RowId> rows,
                        const std::function<void(size_t i, std::string_view source)>& visit) const {
  std::vector<uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  if (!std::is_sorted(rows.begin(), rows.end())) {
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return rows[a] < rows[b]; });
  }
  Cursor cursor(*this);
  for (const uint32_t i : order) {
    const std::string_view source = cursor.get(rows[i]);
    if (!source.empty()) visit(i, source);
  }
}

SourceReader::Cursor::Cursor(const SourceReader& reader)
    : reader_(reader), objects_(std::make_unique<Objects>(reader)) {}
SourceReader::Cursor::~Cursor() = default;

void SourceReader::Cursor::load(size_t block) {
  block_ = SIZE_MAX;
  begin_ = reader_.source_blocks_[block].begin;
  end_ = reader_.block_end(block);
  const ExtentBytes stored = reader_.source_.read(reader_.source_blocks_[block].extent);
  if (!dictionary_) {
    dictionary_ =
        reader_.dictionary_bytes_ > 0 ? reader_.source_.read(reader_.dictionary_) : ExtentBytes();
    check_stored(dictionary_->bytes().size() == reader_.dictionary_bytes_, "dictionary of sources");
  }
  ByteReader bytes(stored.bytes());
  get_compressed(bytes, raw_, dictionary_->bytes());
  ByteReader heads(raw_);
  check_stored(heads.varint() == end_ - begin_, "rows of a source block");
  check_stored(end_ - begin_ <= heads.remaining(), "rows of a source block");
  rows_.resize(end_ - begin_);
  uint64_t total = 0;
  for (Row& row : rows_) {
    row.length = read_count(heads, raw_.size());
    row.objects = read_count(heads, heads.remaining());
    row.heads = static_cast<uint32_t>(raw_.size() - heads.remaining());
    row.rest = static_cast<uint32_t>(total);
    total += row.length;
    check_stored(total <= raw_.size(), "source block is cut off");
    for (uint32_t i = 0; i < 2 * row.objects; ++i) heads.varint();
  }
  check_stored(heads.ok() && total == heads.remaining(), "source block is cut off");
  const auto rest = static_cast<uint32_t>(raw_.size() - heads.remaining());
  for (Row& row : rows_) row.rest += rest;
  block_ = block;
}

std::string_view SourceReader::Cursor::get(RowId row) {
  ENSURE(row < reader_.row_count_);
  if (block_ == SIZE_MAX || row < begin_ || row >= end_) {
    load(reader_.block_of(row));
    objects_->trim();
  }
  const Row& at = rows_[row - begin_];
  std::string_view left = std::string_view(raw_).substr(at.rest, at.length);
  if (at.objects == 0) return left;
  ByteReader references(std::string_view(raw_).substr(at.heads));
  text_.clear();
  for (uint32_t i = 0; i < at.objects; ++i) {
    const uint64_t before = references.varint();
    check_stored(before <= left.size(), "object in a source");
    text_.append(left.substr(0, before));
    text_.append(objects_->get(references.varint()));
    check_stored(text_.size() <= kSourceBytesMax, "size of a source");
    left.remove_prefix(before);
  }
  text_.append(left);
  return text_;
}

}  // namespace stratalog::index
