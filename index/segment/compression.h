// zstd frames of known raw size: varint raw size, then the frame; raw size 0 needs none. Contexts
// are kept per thread. Where a frame would not be smaller, the bytes are kept as they are.
//
//   stored = varint (raw size << 1 | compressed), zstd frame or the raw bytes
//
// Errors  Decompression throws SegmentFault on anything that is not such a frame.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace stratalog::index {

// Largest raw size that a reader accepts, so that corrupt bytes cannot ask for much memory. Writers
// stay below.
inline constexpr uint64_t kCompressedRawMax = 256 << 20;

void put_compressed(std::string& out, std::string_view raw, int level);

// Text that many small blocks are compressed against, with tables of how often what comes in blocks
// like `samples`, which must not be in it: blocks then cost little more than big ones and begin
// without tables of their own. `text` as it is where there is too little of either.
std::string make_dictionary(std::string_view text, std::span<const std::string_view> samples,
                            int level);

// Compresses against a dictionary: of make_dictionary(), or any text. Threads one.
class DictionaryCompressor {
 public:
  DictionaryCompressor(std::string_view dictionary, int level);
  ~DictionaryCompressor();
  void put(std::string& out, std::string_view raw) const;

 private:
  struct Prepared;
  const std::unique_ptr<const Prepared> prepared_;
};

// A dictionary made ready for reading. Threads any. Throws SegmentFault if it is damaged.
class ReadyDictionary {
 public:
  explicit ReadyDictionary(std::string_view dictionary);  // copied
  ~ReadyDictionary();
  uint64_t resident_bytes() const;

 private:
  friend void get_compressed(ByteReader&, std::string&, const ReadyDictionary*);
  struct Prepared;
  const std::unique_ptr<const Prepared> prepared_;
};

// Reads what put_compressed() or, with its dictionary, DictionaryCompressor appended; 8 more bytes
// of `out` than its size can be read.
void get_compressed(ByteReader& reader, std::string& out,
                    const ReadyDictionary* dictionary = nullptr);

}  // namespace stratalog::index
