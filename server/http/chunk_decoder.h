// Chunked bodies (RFC 9112, section 7.1), a piece at a time. Extensions and trailers are read over.
//
// Calls   decode() until done(); what it did not consume comes again with more behind it.
// Errors  number_format_exception for a bad size, too_long_frame_exception for a long line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stratalog::server {

class ChunkDecoder {
 public:
  struct Progress {
    size_t consumed = 0;  // bytes of the input that are done with
    std::string_view
        data;  // content found, inside the input; after it there may be more: call again
  };
  Result<Progress> decode(std::string_view bytes);
  bool done() const { return state_ == State::kDone; }

 private:
  enum class State { kSize, kData, kDataEnd, kTrailer, kDone };
  State state_ = State::kSize;
  uint64_t left_ = 0;           // of the current chunk
  uint32_t trailer_bytes_ = 0;  // seen so far
};

}  // namespace stratalog::server
