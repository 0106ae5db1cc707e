#include <algorithm>
#include <array>
#include <atomic>

#include "index/segment/bit_packing.h"
#include "index/segment/compression.h"
#include "index/segment/dictionary.h"

namespace stratalog::index {
namespace {

constexpr uint64_t kTermBytesMax =
    256 << 20;  // of a block's terms spelled out: bounds what corrupt prefixes can ask for

// The last few decoded blocks of a thread: neighbours are asked for one after the other (term, then
// its postings).
struct DecodedBlocks {
  struct Slot {
    uint64_t dictionary = 0;
    uint32_t block = 0;
    std::shared_ptr<const DictionaryBlock> decoded;
  };
  std::array<Slot, 4> slots;
  size_t next = 0;
};
thread_local DecodedBlocks decoded_blocks;

uint64_t next_dictionary_id() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

uint32_t read_u32(ByteReader& reader) {
  const uint64_t v = reader.varint();
  check_stored(v <= UINT32_MAX, "number in a dictionary");
  return static_cast<uint32_t>(v);
}

}  // namespace

uint32_t DictionaryBlock::lower_bound(std::string_view wanted) const {
  uint32_t low = 0;
  uint32_t high = count();
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (term(middle) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

DictionaryReader::DictionaryReader(const BlockSource& source, ByteReader& meta)
    : source_(source), id_(next_dictionary_id()) {
  const auto flags = meta.fixed<uint8_t>();
  check_stored(meta.ok() && flags < 8, "dictionary shape");
  shape_.has_postings = (flags & 1) != 0;
  shape_.has_freqs = (flags & 2) != 0;
  shape_.shown_apart = (flags & 4) != 0;
  shape_.list_rows = read_u32(meta);
  const uint32_t term_count = read_u32(meta);
  const uint32_t block_count = read_u32(meta);
  std::string index;
  get_compressed(meta, index);

  ByteReader reader(index);
  check_stored(block_count <= index.size(), "dictionary index");
  blocks_.reserve(block_count);
  std::string separator;
  for (uint32_t i = 0; i < block_count; ++i) {
    const uint64_t shared = reader.varint();
    check_stored(shared <= separator.size(), "dictionary separator");
    separator.resize(shared);
    separator.append(reader.string());
    const uint32_t terms = read_u32(reader);
    const Extent extent = get_extent(reader);
    check_stored(reader.ok() && terms > 0 && terms <= term_count - term_count_, "dictionary index");
    separators_.append(separator);
    check_stored(separators_.size() <= UINT32_MAX, "dictionary index");
    blocks_.push_back({extent, term_count_, static_cast<uint32_t>(separators_.size())});
    term_count_ += terms;
  }
  check_stored(reader.done() && term_count_ == term_count, "dictionary index");
  separators_.shrink_to_fit();
  if (block_count > 0) filters_ = get_extent(meta);
  check_stored(meta.ok(), "dictionary filters");
}

std::string_view DictionaryReader::separator(size_t i) const {
  const uint32_t begin = i == 0 ? 0 : blocks_[i - 1].separator_end;
  return std::string_view(separators_).substr(begin, blocks_[i].separator_end - begin);
}

uint32_t DictionaryReader::block_of_ordinal(uint32_t ordinal) const {
  const auto after =
      std::upper_bound(blocks_.begin(), blocks_.end(), ordinal,
                       [](uint32_t o, const Block& block) { return o < block.first_ordinal; });
  return static_cast<uint32_t>(after - blocks_.begin()) - 1;
}

uint32_t DictionaryReader::block_of_term(std::string_view term) const {
  size_t low = 0;
  size_t high = blocks_.size();
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (separator(middle) <= term) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == 0 ? 0 : static_cast<uint32_t>(low) - 1;
}

std::shared_ptr<const DictionaryBlock> DictionaryReader::block(uint32_t number) const {
  for (const DecodedBlocks::Slot& slot : decoded_blocks.slots) {
    if (slot.dictionary == id_ && slot.block == number) return slot.decoded;
  }
  auto decoded = decode(number);
  DecodedBlocks::Slot& slot =
      decoded_blocks.slots[decoded_blocks.next++ % decoded_blocks.slots.size()];
  slot = {id_, number, decoded};
  return decoded;
}

std::shared_ptr<const DictionaryBlock> DictionaryReader::decode(uint32_t number) const {
  const uint32_t first_ordinal = blocks_[number].first_ordinal;
  const uint32_t next_ordinal =
      number + 1 < blocks_.size() ? blocks_[number + 1].first_ordinal : term_count_;
  const uint32_t count = next_ordinal - first_ordinal;
  const ExtentBytes stored = source_.read(blocks_[number].extent);
  ByteReader reader(stored.bytes());
  check_stored(reader.varint() == count, "dictionary block");
  uint64_t record_offset = shape_.has_postings ? reader.varint() : 0;
  uint64_t freq_before = shape_.has_postings ? reader.varint() : 0;
  thread_local std::string text;
  thread_local std::string numbers;
  get_compressed(reader, text);
  get_compressed(reader, numbers);

  auto block = std::make_shared<DictionaryBlock>();
  block->first_ordinal_ = first_ordinal;
  block->ends_.resize(count);
  block->entries_.resize(count);
  check_stored(count <= text.size() && count <= numbers.size(), "dictionary block");

  ByteReader prefixes(text);
  ByteReader suffix_lengths(text);
  uint64_t bytes = 0;  // of the terms spelled out
  for (uint32_t i = 0; i < count; ++i) bytes += suffix_lengths.varint();
  ByteReader suffixes = suffix_lengths;
  for (uint32_t i = 0; i < count; ++i) bytes += suffixes.varint();
  check_stored(suffixes.ok() && bytes <= kTermBytesMax, "dictionary block");
  std::string& chars = block->chars_;
  chars.reserve(bytes);
  size_t last_begin = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t prefix = prefixes.varint();
    const std::string_view suffix = suffixes.bytes(suffix_lengths.varint());
    const size_t begin = chars.size();
    check_stored(suffixes.ok() && prefix <= begin - last_begin, "dictionary term");
    chars.append(chars, last_begin, prefix).append(suffix);
    block->ends_[i] = static_cast<uint32_t>(chars.size());
    last_begin = begin;
  }

  ByteReader values(numbers);
  uint32_t singles = 0;
  for (TermEntry& entry : block->entries_) {
    const uint64_t less_one = values.varint();
    check_stored(less_one < UINT32_MAX, "list count");
    entry.list_count = static_cast<uint32_t>(less_one) + 1;
    entry.list_freq = entry.list_count;
    singles += entry.list_count == 1 ? 1 : 0;
  }
  if (shape_.has_freqs) {
    for (TermEntry& entry : block->entries_) entry.list_freq += values.varint();
  }
  if (shape_.has_postings) {
    for (TermEntry& entry : block->entries_) {
      check_stored(entry.list_count <= shape_.list_rows, "list count");
      entry.freq_before = freq_before;
      freq_before += entry.list_freq;
      if (entry.list_count == 1) continue;
      entry.record_offset = record_offset;
      entry.record_length = read_u32(values);
      record_offset += entry.record_length;
    }
    const unsigned width = bits_for(shape_.list_rows - 1);
    const std::string_view rows = reader.bytes(packed_bytes(singles, width));
    check_stored(reader.ok(), "rows in a dictionary block");
    uint32_t single = 0;
    for (TermEntry& entry : block->entries_) {
      if (entry.list_count != 1) continue;
      entry.row = static_cast<uint32_t>(unpack_bits_at(rows.data(), single++, width));
      check_stored(entry.row < shape_.list_rows, "row in a dictionary block");
    }
  }
  for (TermEntry& entry : block->entries_) {
    entry.doc_freq = shape_.shown_apart ? read_u32(values) : entry.list_count;
  }
  for (TermEntry& entry : block->entries_) {
    entry.total_term_freq = shape_.shown_apart ? entry.doc_freq + values.varint() : entry.list_freq;
  }
  check_stored(values.ok(), "dictionary block");
  return block;
}

std::optional<uint32_t> DictionaryReader::find(std::string_view term, TermEntry* entry) const {
  if (blocks_.empty()) return std::nullopt;
  const auto in = block(block_of_term(term));
  const uint32_t i = in->lower_bound(term);
  if (i == in->count() || in->term(i) != term) return std::nullopt;
  if (entry != nullptr) *entry = in->entry(i);
  return in->first_ordinal() + i;
}

uint32_t DictionaryReader::lower_bound(std::string_view term) const {
  if (blocks_.empty()) return 0;
  const auto in = block(block_of_term(term));
  return in->first_ordinal() + in->lower_bound(term);
}

TermEntry DictionaryReader::entry(uint32_t ordinal) const {
  check_stored(ordinal < term_count_, "term ordinal");
  const auto in = block(block_of_ordinal(ordinal));
  return in->entry(ordinal - in->first_ordinal());
}

std::string DictionaryReader::term(uint32_t ordinal) const {
  check_stored(ordinal < term_count_, "term ordinal");
  const auto in = block(block_of_ordinal(ordinal));
  return std::string(in->term(ordinal - in->first_ordinal()));
}

std::vector<uint32_t> DictionaryReader::blocks_containing(
    std::span<const std::string_view> parts) const {
  std::vector<uint32_t> numbers;
  if (blocks_.empty()) return numbers;
  PairCollector pairs;
  for (const std::string_view part : parts) pairs.add(part);
  const PairFilter wanted = pairs.filter();
  std::string filters;
  if (!wanted.empty()) {
    const ExtentBytes stored = source_.read(filters_);
    ByteReader reader(stored.bytes());
    get_compressed(reader, filters);
    check_stored(filters.size() == blocks_.size() * PairFilter::kBytes, "dictionary filters");
  }
  ByteReader reader(filters);
  for (uint32_t number = 0; number < block_count(); ++number) {
    if (wanted.empty() || PairFilter::get(reader).covers(wanted)) numbers.push_back(number);
  }
  return numbers;
}

uint64_t DictionaryReader::resident_bytes() const {
  return sizeof(*this) + blocks_.capacity() * sizeof(Block) + separators_.capacity();
}

}  // namespace stratalog::index
