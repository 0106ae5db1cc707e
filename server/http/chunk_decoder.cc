#include "server/http/chunk_decoder.h"

#include <algorithm>
#include <charconv>

namespace stratalog::server {
namespace {

// A size line with its extensions, and all trailers together. Elasticsearch's http.max_chunk_size
// bounds its buffers likewise.
constexpr size_t kLineBytesMax = 8192;

Result<uint64_t> parse_size(std::string_view line) {
  const size_t end = line.find_first_of("; \t");
  const std::string_view digits = line.substr(0, end);
  uint64_t size = 0;
  const auto [at, code] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  if (code != std::errc() || at != digits.data() + digits.size() || size > INT64_MAX) {
    return Error(error_types::kNumberFormat, "chunk size is no hexadecimal number");
  }
  return size;
}

}  // namespace

Result<ChunkDecoder::Progress> ChunkDecoder::decode(std::string_view bytes) {
  Progress progress;
  while (state_ != State::kDone) {
    const std::string_view rest = bytes.substr(progress.consumed);
    if (state_ == State::kData) {
      progress.data = rest.substr(0, std::min<uint64_t>(left_, rest.size()));
      progress.consumed += progress.data.size();
      left_ -= progress.data.size();
      if (left_ == 0) state_ = State::kDataEnd;
      return progress;
    }
    const size_t end = rest.find("\r\n");
    if (end == std::string_view::npos) {
      if (rest.size() > kLineBytesMax) {
        return Error(error_types::kTooLongFrame, "An HTTP line is larger than 8192 bytes.");
      }
      return progress;
    }
    const std::string_view line = rest.substr(0, end);
    progress.consumed += end + 2;
    if (state_ == State::kSize) {
      ASSIGN_OR_RETURN(left_, parse_size(line));
      state_ = left_ == 0 ? State::kTrailer : State::kData;
    } else if (state_ == State::kDataEnd) {
      if (!line.empty())
        return Error(error_types::kIllegalArgument, "a chunk is longer than its size");
      state_ = State::kSize;
    } else {
      trailer_bytes_ += static_cast<uint32_t>(line.size());
      if (trailer_bytes_ > kLineBytesMax) {
        return Error(error_types::kTooLongFrame, "HTTP header is larger than 8192 bytes.");
      }
      if (line.empty()) state_ = State::kDone;
    }
  }
  return progress;
}

}  // namespace stratalog::server
