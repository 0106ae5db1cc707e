#include "index/segment/id_filter.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.h"

namespace stratalog::index {
namespace {

constexpr size_t kBlockWords = 8;
constexpr size_t kBlockBytes = kBlockWords * 4;
constexpr uint64_t kExtentBlocks = 1024;
constexpr uint64_t kBitsPerKey = 11;
constexpr std::array<uint32_t, kBlockWords> kSalts = {0x47b6137bU, 0x44974d91U, 0x8824ad5bU,
                                                      0xa2b7289dU, 0x705495c7U, 0x2df1424bU,
                                                      0x9efc4947U, 0x5c6bfb31U};

struct Place {
  uint64_t block;
  std::array<uint32_t, kBlockWords> masks;
};

Place place_of(std::string_view key, uint64_t blocks) {
  const uint64_t hash = hash64(key);
  Place place{.block = ((hash >> 32) * blocks) >> 32, .masks = {}};
  for (size_t i = 0; i < kBlockWords; ++i) {
    place.masks[i] = 1u << ((static_cast<uint32_t>(hash) * kSalts[i]) >> 27);
  }
  return place;
}

}  // namespace

IdFilterWriter::IdFilterWriter(uint64_t keys)
    : words_((keys * kBitsPerKey + kBlockBytes * 8 - 1) / (kBlockBytes * 8) * kBlockWords) {}

void IdFilterWriter::add(std::string_view key) {
  const Place place = place_of(key, words_.size() / kBlockWords);
  for (size_t i = 0; i < kBlockWords; ++i) words_[place.block * kBlockWords + i] |= place.masks[i];
}

void IdFilterWriter::finish(BlockSink& sink, std::string& meta) const {
  const uint64_t blocks = words_.size() / kBlockWords;
  put_varint(meta, blocks);
  for (uint64_t begin = 0; begin < blocks; begin += kExtentBlocks) {
    const uint64_t count = std::min(kExtentBlocks, blocks - begin);
    const auto* bytes = reinterpret_cast<const char*>(words_.data() + begin * kBlockWords);
    put_extent(meta, sink.put(Part::kRows, {bytes, count * kBlockBytes}));
  }
}

IdFilterReader::IdFilterReader(const BlockSource& source, ByteReader& meta) : source_(source) {
  blocks_ = meta.varint();
  check_stored(blocks_ / kExtentBlocks <= meta.remaining(), "id filter");
  for (uint64_t begin = 0; begin < blocks_; begin += kExtentBlocks)
    extents_.push_back(get_extent(meta));
  check_stored(meta.ok(), "id filter");
}

bool IdFilterReader::may_hold(std::string_view key) const {
  if (blocks_ == 0) return false;
  const Place place = place_of(key, blocks_);
  const ExtentBytes extent = source_.read(extents_[place.block / kExtentBlocks]);
  const size_t at = place.block % kExtentBlocks * kBlockBytes;
  check_stored(at + kBlockBytes <= extent.bytes().size(), "id filter");
  for (size_t i = 0; i < kBlockWords; ++i) {
    if ((get_fixed<uint32_t>(extent.bytes().data() + at + i * 4) & place.masks[i]) == 0)
      return false;
  }
  return true;
}

}  // namespace stratalog::index
