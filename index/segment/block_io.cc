#include "index/segment/block_io.h"

namespace stratalog::index {
namespace {

constexpr size_t kTrailerBytes = 8;
constexpr size_t kPackedExtentMax = 8 << 10;  // bigger ones are blocks of their own
constexpr size_t kPackBytes = 32 << 10;       // a pack this big is written

}  // namespace

void put_extent(std::string& out, const Extent& extent) {
  put_varint(out, uint64_t{extent.number} << 1 | (extent.packed ? 1 : 0));
  if (extent.packed) {
    put_varint(out, extent.offset);
    put_varint(out, extent.length);
  }
}

Extent get_extent(ByteReader& reader) {
  Extent extent;
  const uint64_t head = reader.varint();
  check_stored(head >> 1 <= UINT32_MAX, "extent number");
  extent.number = static_cast<uint32_t>(head >> 1);
  extent.packed = (head & 1) != 0;
  if (extent.packed) {
    const uint64_t offset = reader.varint();
    const uint64_t length = reader.varint();
    check_stored(offset <= UINT32_MAX && length <= UINT32_MAX, "extent bounds");
    extent.offset = static_cast<uint32_t>(offset);
    extent.length = static_cast<uint32_t>(length);
  }
  return extent;
}

Extent BlockSink::put(Part part, std::string_view bytes) {
  part_bytes_[static_cast<size_t>(part)] += bytes.size();
  if (bytes.size() > kPackedExtentMax) return {.number = put_block(bytes)};

  Pack& pack = open_packs_[static_cast<size_t>(part)];
  if (pack.body.empty()) {
    pack.number = static_cast<uint32_t>(packs_.size());
    packs_.push_back(0);
    pack.body.reserve(kPackBytes + kPackedExtentMax);
  }
  const Extent extent{.number = pack.number,
                      .offset = static_cast<uint32_t>(pack.body.size()),
                      .length = static_cast<uint32_t>(bytes.size()),
                      .packed = true};
  pack.body.append(bytes);
  if (pack.body.size() >= kPackBytes) flush(pack);
  return extent;
}

void BlockSink::flush_packs() {
  for (Pack& pack : open_packs_) {
    if (!pack.body.empty()) flush(pack);
  }
}

void BlockSink::put_last(std::string_view bytes) {
  flush_packs();
  put_block(bytes);
}

void BlockSink::flush(Pack& pack) {
  packs_[pack.number] = put_block(pack.body);
  pack.body.clear();
}

uint32_t BlockSink::put_block(std::string_view body) {
  if (!status_) return 0;
  block_.assign(body);
  block_.append(kTrailerBytes, '\0');
  const auto number = file_->add(block_);
  if (number) return *number;
  status_ = number.error();
  return 0;
}

std::string_view ExtentBytes::part(const Extent& extent) const {
  check_stored(extent.offset <= bytes_.size() && extent.length <= bytes_.size() - extent.offset,
               "extent beyond its pack");
  return bytes_.substr(extent.offset, extent.length);
}

ExtentBytes BlockSource::read_block(uint32_t block) const {
  auto pinned = handle_->get(block, use_);
  if (!pinned) throw SegmentFault(pinned.error());
  std::string_view bytes = pinned->bytes();
  check_stored(bytes.size() >= kTrailerBytes, "block without trailer");
  bytes.remove_suffix(kTrailerBytes);
  return {std::move(*pinned), bytes};
}

ExtentBytes BlockSource::read(const Extent& extent) const {
  if (!extent.packed) return read_block(extent.number);
  ExtentBytes pack = read_pack(extent.number);
  const std::string_view part = pack.part(extent);
  return {std::move(pack), part};
}

ExtentBytes BlockSource::read_pack(uint32_t number) const {
  check_stored(number < packs_.size(), "pack number");
  return read_block(packs_[number]);
}

std::string_view PackReader::read(const Extent& extent) {
  if (!extent.packed) {
    pack_ = -1;
    held_ = source_.read_block(extent.number);
    return held_.bytes();
  }
  if (pack_ != int64_t{extent.number}) {
    pack_ = -1;  // should reading fail
    held_ = source_.read_pack(extent.number);
    pack_ = extent.number;
  }
  return held_.part(extent);
}

}  // namespace stratalog::index
