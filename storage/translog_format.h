// The bytes of the translog (layout in storage/translog.h): headers to and from bytes, and the
// reader of one generation. Decoders take any bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/fs.h"
#include "storage/translog.h"

namespace stratalog::storage {

inline constexpr uint64_t kGenerationHeaderBytes = 32;
inline constexpr uint64_t kFrameHeaderBytes = 28;

struct GenerationHeader {
  uint64_t generation = 0;
  Lsn first_lsn = 0;
  uint32_t salt = 0;
};
std::string encode_generation_header(const GenerationHeader& header);
std::optional<GenerationHeader> decode_generation_header(std::string_view bytes);

struct FrameHeader {
  uint32_t length = 0;
  uint32_t payload_crc = 0;
  Lsn lsn = 0;
  Lsn synced = 0;
  bool is_mark() const { return lsn == synced; }
};
std::string encode_frame_header(const FrameHeader& header, uint32_t salt);
// None if `bytes` is too short or is no header of this generation.
std::optional<FrameHeader> decode_frame_header(std::string_view bytes, uint32_t salt);

std::string generation_file_name(uint64_t generation);
std::optional<uint64_t> generation_of_file_name(std::string_view name);

struct GenerationContents {
  GenerationHeader header;
  Lsn last = 0;             // of the last good frame; first_lsn - 1 if there is none
  uint64_t good_bytes = 0;  // header, good frames and marks
  uint64_t file_bytes = 0;
  bool closed = false;  // a mark is the last of it: all frames were durable
  bool empty() const { return last + 1 == header.first_lsn; }
};

// Calls   `visit` for every frame, in order. A torn tail is an error unless `newest`.
//         `expected_first_lsn` 0: any.
using FrameVisitor = std::function<Status(Lsn lsn, std::string_view payload)>;
struct GenerationPlace {
  uint64_t generation = 0;
  Lsn expected_first_lsn = 0;
  bool newest = false;
};
Result<GenerationContents> read_generation(const FileSystem& fs, const std::string& path,
                                           const GenerationPlace& place, const FrameVisitor& visit);

}  // namespace stratalog::storage
