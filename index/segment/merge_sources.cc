#include "index/segment/merge_sources.h"

#include <algorithm>

namespace stratalog::index {
namespace {

// A group is taken over for at least so many blocks for each 4 KiB of its dictionary: what it
// brings along must stay small beside them.
constexpr uint64_t kBlocksPerDictionaryPart = 32;
constexpr uint64_t kDictionaryPart = 4 << 10;

bool stay_together(std::span<const RowId> new_rows) {
  if (new_rows.front() == kNoRow) return false;
  for (size_t i = 1; i < new_rows.size(); ++i) {
    if (new_rows[i] != new_rows.front() + i) return false;
  }
  return true;
}

}  // namespace

MergeSources::MergeSources(const MergeRows& rows) : rows_(rows), inputs_(rows.input_count()) {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    inputs_[i].reader = rows.segment(i).source_reader();
    if (inputs_[i].reader != nullptr)
      inputs_[i].cursor = std::make_unique<SourceReader::Cursor>(*inputs_[i].reader);
  }
}

void MergeSources::choose_blocks(size_t number, SourceWriter& writer) {
  Input& input = inputs_[number];
  const SourceReader& reader = *input.reader;
  const std::span<const RowId> new_rows = rows_.new_rows(number);
  input.copied.resize(reader.blocks().size());
  std::vector<uint64_t> copied(reader.group_count());
  for (size_t block = 0; block < input.copied.size(); ++block) {
    const SourceReader::Block& at = reader.blocks()[block];
    input.copied[block] =
        stay_together(new_rows.subspan(at.begin, reader.block_end(block) - at.begin));
    if (input.copied[block]) ++copied[at.group];
  }
  for (uint32_t group = 0; group < copied.size(); ++group) {
    const uint64_t parts = reader.group(group).dictionary_bytes / kDictionaryPart + 1;
    const bool worth =
        copied[group] >= parts * kBlocksPerDictionaryPart && copied_groups_ + 1 < kSourceGroupsMax;
    if (worth) ++copied_groups_;
    input.groups.push_back(worth ? writer.copy_group(reader, group) : kNotCopied);
  }
  for (size_t block = 0; block < input.copied.size(); ++block) {
    if (input.groups[reader.blocks()[block].group] == kNotCopied) input.copied[block] = false;
  }
}

void MergeSources::write(SourceWriter& writer) {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].reader != nullptr) choose_blocks(i, writer);
  }
  for (RowId row = 0; row < rows_.row_count();) {
    const MergeRows::Place place = rows_.old_row(row);
    Input& input = inputs_[place.input];
    if (input.reader == nullptr) {
      writer.add({});
      ++row;
      continue;
    }
    const std::vector<SourceReader::Block>& blocks = input.reader->blocks();
    while (input.next < blocks.size() && blocks[input.next].begin < place.row) ++input.next;
    const bool copy = input.next < blocks.size() && blocks[input.next].begin == place.row &&
                      input.copied[input.next];
    if (!copy) {
      writer.add(input.cursor->get(place.row));
      ++row;
      continue;
    }
    const SourceReader::Block& block = blocks[input.next];
    const uint32_t rows = input.reader->block_end(input.next) - block.begin;
    writer.copy_block(input.groups[block.group], rows, input.cursor->stored(block));
    row += rows;
    ++input.next;
  }
}

}  // namespace stratalog::index
