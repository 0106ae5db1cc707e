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

// The object blocks that one call has needed.
class SourceReader::Objects {
 public:
  explicit Objects(const SourceReader& reader)
      : reader_(reader), blocks_(reader.object_blocks_.size()) {}

  std::string_view get(uint64_t number) {
    check_stored(number < reader_.object_count_, "object number");
    const auto after =
        std::upper_bound(reader_.object_blocks_.begin(), reader_.object_blocks_.end(), number,
                         [](uint64_t n, const Block& block) { return n < block.begin; });
    const auto block = static_cast<size_t>(after - reader_.object_blocks_.begin()) - 1;
    if (blocks_[block] == nullptr) blocks_[block] = decode(block);
    const Decoded& decoded = *blocks_[block];
    const size_t i = number - reader_.object_blocks_[block].begin;
    return std::string_view(decoded.raw)
        .substr(decoded.begins[i], decoded.begins[i + 1] - decoded.begins[i]);
  }

 private:
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
};

SourceReader::SourceReader(const BlockSource& source, uint32_t row_count, ByteReader& meta)
    : source_(source) {
  row_count_ = read_count(meta, row_count);
  check_stored(row_count_ == row_count, "rows of sources");
  object_count_ = read_count(meta, UINT32_MAX);
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

RowId SourceReader::block_end(RowId row) const {
  const size_t block = block_of(row) + 1;
  return block < source_blocks_.size() ? source_blocks_[block].begin : row_count_;
}

void SourceReader::read(std::span<const RowId> rows,
                        const std::function<void(size_t i, std::string_view source)>& visit) const {
  std::vector<uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  if (!std::is_sorted(rows.begin(), rows.end())) {
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return rows[a] < rows[b]; });
  }
  Objects objects(*this);
  std::string raw;
  std::string text;
  struct Reference {
    uint64_t before;
    std::string_view object;
  };
  std::vector<Reference> references;
  for (size_t next = 0; next < order.size();) {
    const RowId first = rows[order[next]];
    ENSURE(first < row_count_);
    const size_t block = block_of(first);
    const RowId begin = source_blocks_[block].begin;
    const RowId end = block_end(first);
    const ExtentBytes stored = source_.read(source_blocks_[block].extent);
    ByteReader bytes(stored.bytes());
    get_compressed(bytes, raw);
    ByteReader heads(raw);
    check_stored(heads.varint() == end - begin, "rows of a source block");
    // Heads and bytes are two runs: the heads are read twice, the first time to find where the
    // bytes begin.
    ByteReader rest = heads;
    for (RowId row = begin; row < end; ++row) {
      rest.varint();
      const uint32_t count = read_count(rest, rest.remaining());
      for (uint32_t i = 0; i < count; ++i) {
        rest.varint();
        rest.varint();
      }
    }
    check_stored(rest.ok(), "heads of a source block");
    for (RowId row = begin; row < end && next < order.size(); ++row) {
      std::string_view left = rest.bytes(heads.varint());
      const uint32_t count = read_count(heads, heads.remaining());
      check_stored(rest.ok(), "source block is cut off");
      if (row != rows[order[next]]) {
        for (uint32_t i = 0; i < 2 * count; ++i) heads.varint();
        continue;
      }
      references.clear();
      uint64_t size = left.size();
      for (uint32_t i = 0; i < count; ++i) {
        const uint64_t before = heads.varint();
        references.push_back({before, objects.get(heads.varint())});
        size += references.back().object.size();
        check_stored(size <= kSourceBytesMax, "size of a source");
      }
      std::string_view source = left;
      if (!references.empty()) {
        text.clear();
        text.reserve(size);
        for (const Reference& reference : references) {
          check_stored(reference.before <= left.size(), "object in a source");
          text.append(left.substr(0, reference.before));
          text.append(reference.object);
          left.remove_prefix(reference.before);
        }
        text.append(left);
        source = text;
      }
      for (; next < order.size() && rows[order[next]] == row; ++next) {
        if (!source.empty()) visit(order[next], source);
      }
    }
  }
}

}  // namespace stratalog::index
