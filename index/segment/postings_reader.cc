#include "index/segment/postings_reader.h"

#include <algorithm>

#include "index/segment/compression.h"
#include "index/segment/position_bytes.h"
#include "index/segment/postings_lists.h"

namespace stratalog::index {

PostingsReader::PostingsReader(const BlockSource& source, ByteReader& meta) : source_(source) {
  const auto flags = meta.fixed<uint8_t>();
  const uint64_t rows = meta.varint();
  check_stored(meta.ok() && flags < 4 && rows <= UINT32_MAX, "postings");
  has_freqs_ = (flags & 1) != 0;
  has_positions_ = (flags & 2) != 0;
  list_rows_ = static_cast<uint32_t>(rows);
  for (auto* blocks : {&record_blocks_, &position_blocks_}) {
    const uint64_t count = meta.varint();
    check_stored(count <= meta.remaining(), "postings index");
    blocks->reserve(count);
    uint64_t end = 0;
    for (uint64_t i = 0; i < count; ++i) {
      end += meta.varint();
      blocks->push_back({end, get_extent(meta)});
    }
  }
  check_stored(meta.ok(), "postings index");
}

std::shared_ptr<const ExtentBytes> PostingsReader::RecordCursor::load(size_t block) {
  if (block != block_) {
    bytes_ = std::make_shared<const ExtentBytes>(
        reader_.source_.read(reader_.record_blocks_[block].extent));
    block_ = block;
  }
  return bytes_;
}

PostingsReader::Record PostingsReader::record(const TermEntry& entry, RecordCursor* records) const {
  const auto found =
      std::upper_bound(record_blocks_.begin(), record_blocks_.end(), entry.record_offset,
                       [](uint64_t offset, const NumberedBlock& b) { return offset < b.end; });
  check_stored(found != record_blocks_.end(), "postings record");
  const auto block = static_cast<size_t>(found - record_blocks_.begin());
  const uint64_t begin = block == 0 ? 0 : record_blocks_[block - 1].end;
  Record record;
  record.block = records != nullptr
                     ? records->load(block)
                     : std::make_shared<const ExtentBytes>(source_.read(found->extent));
  const std::string_view bytes = record.block->bytes();
  const uint64_t inside = entry.record_offset - begin;
  check_stored(inside <= bytes.size() && entry.record_length <= bytes.size() - inside,
               "postings record");
  record.bytes = bytes.substr(inside, entry.record_length);
  return record;
}

std::unique_ptr<Postings> PostingsReader::open(const TermEntry& entry, TermsIndex::Want want,
                                               RecordCursor* records) const {
  if (entry.list_count == 1) return open_list(*this, entry, {}, source_, want);
  Record stored = record(entry, records);
  return open_list(*this, entry, {std::move(stored.block), stored.bytes}, source_, want);
}

uint64_t PostingsReader::resident_bytes() const {
  return sizeof(*this) +
         (record_blocks_.capacity() + position_blocks_.capacity()) * sizeof(NumberedBlock);
}

void PostingsReader::PositionCursor::load(size_t block) {
  check_stored(block < reader_.position_blocks_.size(), "position block");
  const ExtentBytes stored = reader_.source_.read(reader_.position_blocks_[block].extent);
  ByteReader bytes(stored.bytes());
  get_compressed(bytes, decoded_);
  check_stored(!decoded_.empty(), "position block");
  block_ = block;
  index_ = block == 0 ? 0 : reader_.position_blocks_[block - 1].end;
  at_ = 0;
}

void PostingsReader::PositionCursor::seek(uint64_t index) {
  const auto& blocks = reader_.position_blocks_;
  if (block_ == SIZE_MAX || index < index_ || index >= blocks[block_].end) {
    const auto found =
        std::upper_bound(blocks.begin(), blocks.end(), index,
                         [](uint64_t i, const NumberedBlock& b) { return i < b.end; });
    const auto wanted = static_cast<size_t>(found - blocks.begin());
    if (wanted != block_ || index < index_) load(wanted);
  }
  std::string_view rest = std::string_view(decoded_).substr(at_);
  check_stored(skip_varints(rest, index - index_) == 0, "positions are cut off");
  at_ = decoded_.size() - rest.size();
  index_ = index;
}

void PostingsReader::PositionCursor::append(uint32_t total, std::vector<uint32_t>& out) {
  size_t count = total;
  uint64_t position = 0;
  while (count > 0) {
    if (block_ == SIZE_MAX || at_ >= decoded_.size()) load(block_ == SIZE_MAX ? 0 : block_ + 1);
    // Each takes a byte at least: memory is not taken on the word of a count.
    const size_t before = out.size();
    out.resize(before + std::min(count, decoded_.size() - at_));
    uint32_t* to = out.data() + before;
    const uint32_t* const to_end = out.data() + out.size();
    const char* at = decoded_.data() + at_;
    const char* const end = decoded_.data() + decoded_.size();
    while (to != to_end && at != end) {
      uint64_t gap = static_cast<unsigned char>(*at);
      if (gap < 0x80) [[likely]] {
        ++at;
      } else {
        ByteReader reader(std::string_view(at, end));
        gap = reader.varint();
        check_stored(reader.ok(), "position");
        at = end - reader.remaining();
      }
      position += gap;
      check_stored(position <= UINT32_MAX, "position");
      *to++ = static_cast<uint32_t>(position);
    }
    out.resize(static_cast<size_t>(to - out.data()));
    count -= out.size() - before;
    index_ += out.size() - before;
    at_ = static_cast<size_t>(at - decoded_.data());
  }
}

void PostingsReader::PositionCursor::append_bytes(uint64_t count, std::string& out) {
  while (count > 0) {
    if (block_ == SIZE_MAX || at_ >= decoded_.size()) load(block_ == SIZE_MAX ? 0 : block_ + 1);
    const std::string_view all = std::string_view(decoded_).substr(at_);
    std::string_view rest = all;
    const uint64_t missing = skip_varints(rest, count);
    out.append(all.substr(0, all.size() - rest.size()));
    at_ = decoded_.size() - rest.size();
    index_ += count - missing;
    count = missing;
  }
}

}  // namespace stratalog::index
