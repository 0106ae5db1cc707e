// Reads the lists that postings_writer.h wrote.
//
// Threads PostingsReader any; the cursors that it gives one each. Life: a cursor does not outlive
// its reader. Errors  SegmentFault.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "index/segment/block_io.h"
#include "index/segment/dictionary.h"
#include "index/segment/segment_reader.h"

namespace stratalog::index {

class PostingsReader {
 public:
  PostingsReader(const BlockSource& source, ByteReader& meta);

  bool has_freqs() const { return has_freqs_; }
  bool has_positions() const { return has_positions_; }
  uint32_t list_rows() const { return list_rows_; }

  class RecordCursor;
  // `records`: keeps the block of the record for the next term; may be null.
  std::unique_ptr<Postings> open(const TermEntry& entry, TermsIndex::Want want,
                                 RecordCursor* records = nullptr) const;

  class PositionCursor;

  uint64_t resident_bytes() const;

 private:
  friend class PositionCursor;
  struct NumberedBlock {
    uint64_t end;  // number of record bytes, or of positions, up to and with this block
    Extent extent;
  };
  struct Record {
    std::shared_ptr<const ExtentBytes> block;
    std::string_view bytes;
  };
  Record record(const TermEntry& entry, RecordCursor* records) const;

  const BlockSource& source_;
  bool has_freqs_ = false;
  bool has_positions_ = false;
  uint32_t list_rows_ = 0;
  std::vector<NumberedBlock> record_blocks_;
  std::vector<NumberedBlock> position_blocks_;
};

// The record block that was used last.
class PostingsReader::RecordCursor {
 public:
  explicit RecordCursor(const PostingsReader& reader) : reader_(reader) {}
  std::shared_ptr<const ExtentBytes> load(size_t block);

 private:
  const PostingsReader& reader_;
  size_t block_ = SIZE_MAX;
  std::shared_ptr<const ExtentBytes> bytes_;
};

// Reads a field's positions one after the other; seeks forward cheaply inside a block.
class PostingsReader::PositionCursor {
 public:
  explicit PositionCursor(const PostingsReader& reader) : reader_(reader) {}
  // To the index-th position of the field.
  void seek(uint64_t index);
  // Reads `count` varints from here on and appends the positions that their gaps lead to.
  void append(uint32_t count, std::vector<uint32_t>& out);
  // The same many as they are: position_bytes.h.
  void append_bytes(uint64_t count, std::string& out);

 private:
  void load(size_t block);

  const PostingsReader& reader_;
  std::string decoded_;
  size_t block_ = SIZE_MAX;
  uint64_t index_ = 0;  // of the next varint
  size_t at_ = 0;       // its byte in decoded_
};

}  // namespace stratalog::index
