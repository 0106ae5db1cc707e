#include "index/segment/source_reader.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include "base/ensure.h"
#include "index/segment/compression.h"
#include "index/segment/decoded_cache.h"
#include "index/segment/segment_reader.h"

namespace stratalog::index {
namespace {

constexpr uint64_t kDecodedBlockBytes = 6 << 10;   // what most source blocks take
constexpr uint64_t kKeptBlockBytesMax = 64 << 10;  // those of few long rows are not kept
constexpr uint64_t kSourceBytesMax =
    uint64_t{1} << 31;  // of one row: bounds what corrupt references can ask for

uint32_t read_count(ByteReader& reader, uint64_t max) {
  const uint64_t count = reader.varint();
  check_stored(reader.ok() && count <= max, "count in a source block");
  return static_cast<uint32_t>(count);
}

// The blocks of an index, which hold `total` rows or objects; those of sources name one of
// `group_count` groups.
void read_blocks(ByteReader& index, uint32_t total, const uint32_t* group_count,
                 std::vector<SourceReader::Block>& blocks) {
  const uint32_t count = read_count(index, index.remaining());
  blocks.reserve(count);
  uint32_t begin = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t in = read_count(index, total - begin);
    check_stored(in > 0, "empty source block");
    uint32_t group = 0;
    if (group_count != nullptr) {
      group = read_count(index, *group_count);
      check_stored(group < *group_count, "group of a source block");
    }
    const Extent extent = get_extent(index);
    check_stored(!extent.packed || (extent.offset < SourceReader::Block::kNotPacked &&
                                    extent.length <= UINT16_MAX),
                 "extent of a source block");
    blocks.push_back({begin, extent.number,
                      extent.packed ? extent.offset : SourceReader::Block::kNotPacked,
                      static_cast<uint16_t>(extent.length), static_cast<uint16_t>(group)});
    begin += in;
  }
  check_stored(index.ok() && begin == total, "index of sources");
}

}  // namespace

struct SourceReader::Cursor::Decoded {
  struct Row {
    uint32_t heads;  // where its references begin
    uint32_t rest;   // where its bytes begin
    uint32_t length;
    uint32_t objects;
  };
  std::string raw;
  std::vector<Row> rows;
  uint64_t bytes() const { return sizeof(*this) + raw.capacity() + rows.capacity() * sizeof(Row); }
};

// A group's dictionary and its object blocks, decoded when first needed; shared with later requests
// unless this one passes caches by.
struct SourceReader::Cursor::OpenGroup {
  static constexpr size_t kBlocksKept = 64;

  struct Objects {
    std::string raw;
    std::vector<size_t> begins;
    uint64_t bytes() const { return raw.capacity() + begins.capacity() * sizeof(size_t); }
  };

  OpenGroup(const SourceReader& from, uint32_t number)
      : reader(from), info(from.groups_[number]), group(number), blocks(info.object_blocks.size()) {
    if (info.dictionary_bytes == 0) return;
    dictionary = share<ReadyDictionary>(
        0,
        [&] {
          const ExtentBytes stored = reader.stored(info.dictionary);
          ByteReader bytes(stored.bytes());
          std::string raw;
          get_compressed(bytes, raw);
          check_stored(raw.size() == info.dictionary_bytes, "dictionary of sources");
          return std::make_shared<const ReadyDictionary>(raw);
        },
        [](const ReadyDictionary& made) { return made.resident_bytes(); });
  }

  // Part 0 is the dictionary, others are object blocks.
  template <typename T, typename Make, typename BytesOf>
  std::shared_ptr<const T> share(uint64_t part, Make&& make, BytesOf&& bytes_of) const {
    if (reader.source_.use() == storage::CacheUse::kBypass) return make();
    return decoded<T>({reader.id_, uint64_t{group} << 32 | part}, make, bytes_of);
  }

  std::string_view object(uint64_t number) {
    check_stored(number < info.object_count, "object number");
    const auto after =
        std::upper_bound(info.object_blocks.begin(), info.object_blocks.end(), number,
                         [](uint64_t n, const Block& block) { return n < block.begin; });
    const auto block = static_cast<size_t>(after - info.object_blocks.begin()) - 1;
    if (blocks[block] == nullptr) {
      blocks[block] = share<Objects>(
          block + 1, [&] { return decode(block); },
          [](const Objects& made) { return made.bytes(); });
      ++open_blocks;
    }
    const Objects& in = *blocks[block];
    const size_t i = number - info.object_blocks[block].begin;
    return std::string_view(in.raw).substr(in.begins[i], in.begins[i + 1] - in.begins[i]);
  }

  std::shared_ptr<const Objects> decode(size_t block) const {
    const uint32_t count = info.block_end(block) - info.object_blocks[block].begin;
    auto out = std::make_shared<Objects>();
    const ExtentBytes stored = reader.stored(info.object_blocks[block].extent());
    ByteReader bytes(stored.bytes());
    get_compressed(bytes, out->raw);
    ByteReader raw(out->raw);
    check_stored(raw.varint() == count, "object block");
    check_stored(count <= raw.remaining(), "object block");
    out->begins.resize(count + 1);
    for (uint32_t i = 0; i < count; ++i) {
      const uint64_t length = raw.varint();
      check_stored(raw.ok() && length <= out->raw.size(), "object block");
      out->begins[i + 1] = out->begins[i] + length;
    }
    check_stored(out->begins.back() == raw.remaining(), "object block");
    const size_t heads = out->raw.size() - raw.remaining();
    for (size_t& at : out->begins) at += heads;
    return out;
  }

  // Bounds what is kept; nothing that object() gave may be in use.
  void trim() {
    if (open_blocks <= kBlocksKept) return;
    for (auto& block : blocks) block.reset();
    open_blocks = 0;
  }

  const SourceReader& reader;
  const Group& info;
  const uint32_t group;
  std::shared_ptr<const ReadyDictionary> dictionary;
  std::vector<std::shared_ptr<const Objects>> blocks;
  size_t open_blocks = 0;
};

SourceReader::SourceReader(const BlockSource& source, uint32_t row_count, ByteReader& meta)
    : source_(source), id_(new_decoded_owner()), blocks_id_(new_decoded_owner()) {
  row_count_ = read_count(meta, row_count);
  check_stored(row_count_ == row_count, "rows of sources");
  std::string raw;
  get_compressed(meta, raw);
  ByteReader index(raw);
  groups_.resize(read_count(index, std::min<uint64_t>(index.remaining(), kSourceGroupsMax)));
  for (Group& group : groups_) {
    group.object_count = read_count(index, UINT32_MAX);
    group.dictionary_bytes = index.varint();
    if (group.dictionary_bytes > 0) group.dictionary = get_extent(index);
    read_blocks(index, group.object_count, nullptr, group.object_blocks);
  }
  const auto group_count = static_cast<uint32_t>(groups_.size());
  read_blocks(index, row_count_, &group_count, source_blocks_);
}

uint64_t SourceReader::resident_bytes() const {
  uint64_t bytes = sizeof(*this) + source_blocks_.capacity() * sizeof(Block);
  for (const Group& group : groups_)
    bytes += sizeof(Group) + group.object_blocks.capacity() * sizeof(Block);
  return bytes;
}

size_t SourceReader::block_of(RowId row) const {
  const auto after = std::upper_bound(source_blocks_.begin(), source_blocks_.end(), row,
                                      [](RowId r, const Block& block) { return r < block.begin; });
  return static_cast<size_t>(after - source_blocks_.begin()) - 1;
}

RowId SourceReader::block_end(size_t block) const {
  return block + 1 < source_blocks_.size() ? source_blocks_[block + 1].begin : row_count_;
}

// One request may not drive all else out of the cache.
size_t SegmentReader::reused_rows_max() {
  return decoded_cache().bytes_max() / 4 / kDecodedBlockBytes;
}

void SourceReader::read(std::span<const RowId> rows, bool keep,
                        const std::function<void(size_t i, std::string_view source)>& visit) const {
  std::vector<uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  if (!std::is_sorted(rows.begin(), rows.end())) {
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return rows[a] < rows[b]; });
  }
  Cursor cursor(*this, keep && source_.use() != storage::CacheUse::kBypass);
  for (const uint32_t i : order) {
    const std::string_view source = cursor.get(rows[i]);
    if (!source.empty()) visit(i, source);
  }
}

SourceReader::Cursor::Cursor(const SourceReader& reader, bool keep)
    : reader_(reader), keep_(keep), groups_(reader.groups_.size()), packs_(reader.source_) {}
SourceReader::Cursor::~Cursor() = default;

SourceReader::Cursor::OpenGroup& SourceReader::Cursor::open(uint32_t number) {
  // A merge has many cursors and goes from group to group, seldom back.
  const size_t kept_max = reader_.source_.use() == storage::CacheUse::kBypass ? 2 : 8;
  if (groups_[number] == nullptr) {
    if (open_groups_ == kept_max) {
      for (auto& group : groups_) group.reset();
      open_groups_ = 0;
    }
    groups_[number] = std::make_unique<OpenGroup>(reader_, number);
    ++open_groups_;
  }
  return *groups_[number];
}

void SourceReader::Cursor::load(size_t block) {
  begin_ = end_ = 0;
  const Block& wanted = reader_.source_blocks_[block];
  group_ = &open(wanted.group);
  group_->trim();
  if (keep_) {
    const DecodedKey key{reader_.blocks_id_, block};
    shared_ = std::static_pointer_cast<const Decoded>(decoded_cache().find(key));
    if (shared_ == nullptr) {
      auto made = std::make_shared<Decoded>();
      decode(block, *made);
      shared_ = made;
      if (made->bytes() <= kKeptBlockBytesMax) decoded_cache().put(key, made, made->bytes());
    }
    block_ = shared_.get();
  } else {
    if (own_ == nullptr) own_ = std::make_unique<Decoded>();
    decode(block, *own_);
    block_ = own_.get();
  }
  begin_ = wanted.begin;
  end_ = reader_.block_end(block);
}

void SourceReader::Cursor::decode(size_t block, Decoded& out) {
  const Block& wanted = reader_.source_blocks_[block];
  const uint32_t count = reader_.block_end(block) - wanted.begin;
  ByteReader bytes(packs_.read(wanted.extent()));
  get_compressed(bytes, out.raw, group_->dictionary.get());
  ByteReader heads(out.raw);
  check_stored(heads.varint() == count, "rows of a source block");
  check_stored(count <= heads.remaining(), "rows of a source block");
  out.rows.resize(count);
  uint64_t total = 0;
  for (Decoded::Row& row : out.rows) {
    row.length = read_count(heads, out.raw.size());
    row.objects = read_count(heads, heads.remaining());
    row.heads = static_cast<uint32_t>(out.raw.size() - heads.remaining());
    row.rest = static_cast<uint32_t>(total);
    total += row.length;
    check_stored(total <= out.raw.size(), "source block is cut off");
    for (uint32_t i = 0; i < 2 * row.objects; ++i) heads.varint();
  }
  check_stored(heads.ok() && total == heads.remaining(), "source block is cut off");
  const auto rest = static_cast<uint32_t>(out.raw.size() - heads.remaining());
  for (Decoded::Row& row : out.rows) row.rest += rest;
}

std::string_view SourceReader::Cursor::get(RowId row) {
  ENSURE(row < reader_.row_count_);
  if (row < begin_ || row >= end_) load(reader_.block_of(row));
  const std::string_view raw = block_->raw;
  const Decoded::Row& at = block_->rows[row - begin_];
  std::string_view left = raw.substr(at.rest, at.length);
  if (at.objects == 0) return left;
  ByteReader references(raw.substr(at.heads));
  text_.clear();
  for (uint32_t i = 0; i < at.objects; ++i) {
    const uint64_t before = references.varint();
    check_stored(before <= left.size(), "object in a source");
    text_.append(left.substr(0, before));
    text_.append(group_->object(references.varint()));
    check_stored(text_.size() <= kSourceBytesMax, "size of a source");
    left.remove_prefix(before);
  }
  text_.append(left);
  return text_;
}

}  // namespace stratalog::index
