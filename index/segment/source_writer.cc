#include "index/segment/source_writer.h"

#include <algorithm>
#include <cstring>

#include "base/ensure.h"
#include "base/hash.h"
#include "index/segment/compression.h"

namespace stratalog::index {
namespace {

constexpr size_t kSourceBlockBytes = 4 << 10;  // of what is left, before compression
constexpr size_t kDictionaryBytesMax = 64 << 10;
constexpr size_t kDictionaryBytesOfRow = 2;  // about a hundredth of what a segment's rows take
constexpr size_t kShareOfFew = 64;  // of rows too few to fill the dictionary: a part of this size
constexpr uint32_t kOwnGroup = UINT32_MAX;  // until it gets its number
constexpr uint32_t kUnseen = ObjectTable::kNone - 1;
constexpr size_t kObjectBlockBytes = 32 << 10;
constexpr size_t kObjectBytesMin = 32;  // a reference costs a few bytes itself
constexpr size_t kObjectBytesMax = 64 << 10;
constexpr size_t kTableBytesMax = 16 << 20;  // in memory while the segment is written
constexpr size_t kOnceMax = 64 << 10;        // objects seen once that are remembered
constexpr size_t kPrefixBytes = 96;
constexpr size_t kPrefixSlots = 4096;
constexpr uint64_t kTrial = 4096;  // objects after which a poor table is given up
constexpr uint64_t kWorthOneIn = 16;

}  // namespace

size_t ObjectTable::prefix_slot(std::string_view text) const {
  return hash64(text.substr(0, kPrefixBytes)) % kPrefixSlots;
}

uint32_t ObjectTable::find_prefix(std::string_view text, uint32_t& length) const {
  if (by_prefix_.empty() || text.size() < kPrefixBytes) return kNone;
  const uint32_t number = by_prefix_[prefix_slot(text)];
  if (number == kNone) return kNone;
  const std::string_view object = objects_[number];
  if (!text.starts_with(object)) return kNone;
  length = static_cast<uint32_t>(object.size());
  return number;
}

uint32_t ObjectTable::add(std::string_view object) {
  if (object.size() < kObjectBytesMin || object.size() > kObjectBytesMax || useless_) return kNone;
  ++seen_;
  if (seen_ % kTrial == 0 && known_ * kWorthOneIn < seen_) useless_ = true;
  const uint64_t hash = hash64(object);
  const auto [entry, inserted] = by_hash_.try_emplace(hash, kNone);
  if (inserted) {
    if (by_hash_.size() - objects_.size() > kOnceMax) {
      std::erase_if(by_hash_, [](const auto& e) { return e.second == kNone; });
    }
    return kNone;
  }
  ++known_;
  return number_of(entry->second, object);
}

uint32_t ObjectTable::add_known(std::string_view object) {
  if (object.size() < kObjectBytesMin || object.size() > kObjectBytesMax) return kNone;
  return number_of(by_hash_.try_emplace(hash64(object), kNone).first->second, object);
}

// Gives the object a number where its entry has none.
uint32_t ObjectTable::number_of(uint32_t& entry, std::string_view object) {
  if (entry == kNone) {
    if (arena_.bytes() + object.size() > kTableBytesMax) return kNone;
    entry = count();
    objects_.push_back(arena_.copy(object));
    pending_bytes_ += object.size();
    if (pending_bytes_ >= kObjectBlockBytes) flush();
  }
  const uint32_t number = entry;
  if (objects_[number] != object) return kNone;
  if (object.size() >= kPrefixBytes) {
    if (by_prefix_.empty()) by_prefix_.assign(kPrefixSlots, kNone);
    by_prefix_[prefix_slot(object)] = number;
  }
  return number;
}

void ObjectTable::flush() {
  std::string raw;
  put_varint(raw, objects_.size() - written_);
  for (size_t i = written_; i < objects_.size(); ++i) put_varint(raw, objects_[i].size());
  for (size_t i = written_; i < objects_.size(); ++i) raw.append(objects_[i]);
  std::string block;
  put_compressed(block, raw, zstd_level_);
  put_varint(index_, objects_.size() - written_);
  put_extent(index_, sink_.put(Part::kObjects, block));
  ++block_count_;
  written_ = objects_.size();
  pending_bytes_ = 0;
}

void ObjectTable::finish(std::string& index) {
  if (written_ < objects_.size()) flush();
  put_varint(index, block_count_);
  index.append(index_);
}

SourceWriter::SourceWriter(BlockSink& sink, uint32_t row_count, int zstd_level)
    : sink_(sink),
      zstd_level_(zstd_level),
      dictionary_bytes_max_(std::min(kDictionaryBytesMax, row_count * kDictionaryBytesOfRow)),
      objects_(sink, zstd_level) {}

bool SourceWriter::Block::full() const { return rest.size() + heads.size() >= kSourceBlockBytes; }

void SourceWriter::add(std::string_view source) {
  references_.clear();
  uint64_t objects = 0;
  size_t copied = 0;
  const size_t rest_before = open_.rest.size();
  if (!objects_.useless()) {
    SubObjectScanner scanner(source);
    while (scanner.next()) {
      uint32_t length = 0;
      uint32_t number = objects_.find_prefix(source.substr(scanner.begin()), length);
      uint32_t end = scanner.begin() + length;
      if (number != ObjectTable::kNone) {
        scanner.skip_to(end);
      } else {
        if (!scanner.find_end(end)) break;
        number = objects_.add(source.substr(scanner.begin(), end - scanner.begin()));
        if (number == ObjectTable::kNone) continue;
      }
      put_varint(references_, scanner.begin() - copied);
      put_varint(references_, number);
      open_.rest.append(source.substr(copied, scanner.begin() - copied));
      copied = end;
      ++objects;
    }
  }
  open_.rest.append(source.substr(copied));
  end_row(open_.rest.size() - rest_before, objects);
}

void SourceWriter::add(const SourceParts& source, const SourceInput& input) {
  references_.clear();
  uint64_t objects = 0;
  const size_t rest_before = open_.rest.size();
  size_t last = rest_before;  // where the last reference is
  for (const SourceParts::Object& object : source.objects) {
    open_.rest.append(object.before);
    const uint32_t number = number_of(object.number, input);
    if (number == ObjectTable::kNone) {
      open_.rest.append(input.object(object.number));
      continue;
    }
    put_varint(references_, open_.rest.size() - last);
    put_varint(references_, number);
    last = open_.rest.size();
    ++objects;
  }
  open_.rest.append(source.rest);
  end_row(open_.rest.size() - rest_before, objects);
}

uint32_t SourceWriter::number_of(uint32_t known, const SourceInput& input) {
  if (known >= numbers_.size()) numbers_.resize(known + 1, kUnseen);
  uint32_t& number = numbers_[known];
  if (number == kUnseen) number = objects_.add_known(input.object(known));
  return number;
}

// The row's text is in open_.rest, its references in references_.
void SourceWriter::end_row(size_t rest_bytes, uint64_t objects) {
  put_varint(open_.heads, rest_bytes);
  put_varint(open_.heads, objects);
  open_.heads.append(references_);
  ++open_.rows;
  if (open_.full()) end_block();
}

void SourceWriter::end_block() {
  open_.entry = entries_.size();
  entries_.push_back({open_.rows, kOwnGroup, {}});
  if (compressor_) {
    write(open_);
    open_.rows = 0;
    open_.heads.clear();
    open_.rest.clear();
    return;
  }
  waiting_bytes_ += open_.rest.size();
  waiting_.push_back(std::move(open_));
  open_ = {};
  if (waiting_bytes_ >= 2 * dictionary_bytes_max_) open_group(dictionary_bytes_max_);
}

// The first rows that wait are the dictionary's text, the others samples for its tables.
void SourceWriter::open_group(size_t text_bytes_max) {
  std::string text;
  std::vector<std::string_view> samples;
  for (const Block& block : waiting_) {
    if (text.size() < text_bytes_max) {
      text.append(block.rest, 0, text_bytes_max - text.size());
    } else {
      samples.push_back(std::string_view(block.rest).substr(0, 2 * kSourceBlockBytes));
    }
  }
  dictionary_ = make_dictionary(text, samples, zstd_level_);
  compressor_.emplace(dictionary_, zstd_level_);
  for (const Block& block : waiting_) write(block);
  waiting_.clear();
}

void SourceWriter::write(const Block& block) {
  raw_.clear();
  put_varint(raw_, block.rows);
  raw_.append(block.heads);
  raw_.append(block.rest);
  block_.clear();
  compressor_->put(block_, raw_);
  entries_[block.entry].extent = sink_.put(Part::kSource, block_);
}

uint32_t SourceWriter::copy_group(const SourceReader& from, uint32_t group) {
  const SourceReader::Group& info = from.group(group);
  std::string index;
  put_varint(index, info.object_count);
  put_varint(index, info.dictionary_bytes);
  if (info.dictionary_bytes > 0)
    put_extent(index, sink_.put(Part::kSource, from.stored(info.dictionary).bytes()));
  put_varint(index, info.object_blocks.size());
  for (size_t i = 0; i < info.object_blocks.size(); ++i) {
    put_varint(index, info.block_end(i) - info.object_blocks[i].begin);
    const ExtentBytes objects = from.stored(info.object_blocks[i].extent());
    put_extent(index, sink_.put(Part::kObjects, objects.bytes()));
  }
  ENSURE(copied_.size() + 1 < kSourceGroupsMax);
  copied_.push_back(std::move(index));
  return static_cast<uint32_t>(copied_.size() - 1);
}

void SourceWriter::copy_block(uint32_t group, uint32_t rows, std::string_view stored) {
  if (open_.rows > 0) end_block();
  entries_.push_back({rows, group, sink_.put(Part::kSource, stored)});
}

void SourceWriter::finish(std::string& meta) {
  if (open_.rows > 0) end_block();
  if (!waiting_.empty()) open_group(std::min(dictionary_bytes_max_, waiting_bytes_ / kShareOfFew));
  std::string index;
  put_varint(index, copied_.size() + (compressor_ ? 1 : 0));
  for (const std::string& group : copied_) index.append(group);
  if (compressor_) {
    put_varint(index, objects_.count());
    put_varint(index, dictionary_.size());
    if (!dictionary_.empty()) {
      block_.clear();
      put_compressed(block_, dictionary_, zstd_level_);
      put_extent(index, sink_.put(Part::kSource, block_));
    }
    objects_.finish(index);
  }
  put_varint(index, entries_.size());
  uint64_t rows = 0;
  for (const Entry& entry : entries_) {
    rows += entry.rows;
    put_varint(index, entry.rows);
    put_varint(index, entry.group == kOwnGroup ? copied_.size() : entry.group);
    put_extent(index, entry.extent);
  }
  put_varint(meta, rows);
  put_compressed(meta, index, zstd_level_);
}

}  // namespace stratalog::index
