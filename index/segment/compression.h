// zstd frames of known raw size: varint raw size, then the frame; raw size 0 needs none. Contexts
// are kept per thread. Where a frame would not be smaller, the bytes are kept as they are.
//
//   stored = varint (raw size << 1 | compressed), zstd frame or the raw bytes
//
// Errors  Decompression throws SegmentFault on anything that is not such a frame.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace stratalog::index {

// Largest raw size that a reader accepts, so that corrupt bytes cannot ask for much memory. Writers
// stay below.
inline constexpr uint64_t kCompressedRawMax = 256 << 20;

void put_compressed(std::string& out, std::string_view raw, int level);
// Compresses against earlier text that the reader has too: small blocks then cost little more than
// big ones. Threads one.
class DictionaryCompressor {
 public:
  // `dictionary`: raw text, kept in a copy; may be empty.
  DictionaryCompressor(std::string_view dictionary, int level);
  ~DictionaryCompressor();
  void put(std::string& out, std::string_view raw) const;

 private:
  struct Prepared;
  const std::unique_ptr<const Prepared> prepared_;
};
// Reads what put_compressed() or, with its dictionary, DictionaryCompressor appended; 8 more bytes
// of `out` than its size can be read.
void get_compressed(ByteReader& reader, std::string& out, std::string_view dictionary = {});

}  // namespace stratalog::index
