#include "storage/translog_format.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/hash.h"

namespace stratalog::storage {

namespace {

constexpr std::string_view kMagic = "STRLOG01";
constexpr std::string_view kNamePrefix = "generation-";
constexpr std::string_view kNameSuffix = ".log";
constexpr size_t kNameDigits = 20;

// Frames are some 10 to 100 KB: a read of this size holds several.
constexpr uint64_t kWindowBytes = 1 << 20;

uint32_t salted_crc(std::string_view bytes, uint32_t salt) {
  char salt_bytes[sizeof(salt)];
  std::memcpy(salt_bytes, &salt, sizeof(salt));
  return crc32c(bytes, crc32c({salt_bytes, sizeof(salt)}));
}

// A part of a file in memory, moved forward as it is read.
class FileWindow {
 public:
  FileWindow(const ReadableFile& file, uint64_t file_bytes)
      : file_(file), file_bytes_(file_bytes) {}

  uint64_t file_bytes() const { return file_bytes_; }

  // [offset, offset + bytes) of the file, less at its end; valid until the next call.
  Result<std::string_view> at(uint64_t offset, uint64_t bytes) {
    const uint64_t end = offset + std::min(bytes, file_bytes_ - std::min(offset, file_bytes_));
    if (offset < start_ || end > start_ + buffer_.size()) {
      ASSIGN_OR_RETURN(buffer_, file_.read(offset, std::max(bytes, kWindowBytes)));
      start_ = offset;
    }
    return std::string_view(buffer_).substr(offset - start_, bytes);
  }

 private:
  const ReadableFile& file_;
  uint64_t file_bytes_;
  std::string buffer_;
  uint64_t start_ = 0;
};

struct Frame {
  FrameHeader header;
  std::string_view payload;
};

class GenerationReader {
 public:
  GenerationReader(const std::string& path, FileWindow window)
      : path_(path), window_(std::move(window)) {}

  Result<GenerationContents> read(const GenerationPlace& place, const FrameVisitor& visit) {
    ASSIGN_OR_RETURN(GenerationContents contents, read_header(place));
    while (contents.good_bytes < contents.file_bytes) {
      const uint64_t offset = contents.good_bytes;
      ASSIGN_OR_RETURN(const std::optional<Frame> frame, frame_at(offset));
      if (!frame) {
        RETURN_IF_ERROR(check_torn(offset, contents.last + 1, place.newest));
        break;
      }
      const Lsn expected = frame->header.is_mark() ? contents.last : contents.last + 1;
      if (frame->header.lsn != expected) {
        return damaged(offset, "has frame " + std::to_string(frame->header.lsn) + " where " +
                                   std::to_string(expected) + " is expected");
      }
      if (!frame->header.is_mark()) RETURN_IF_ERROR(visit(expected, frame->payload));
      contents.closed = frame->header.is_mark();
      contents.last = expected;
      contents.good_bytes += kFrameHeaderBytes + frame->payload.size();
    }
    return contents;
  }

 private:
  Result<GenerationContents> read_header(const GenerationPlace& place) {
    ASSIGN_OR_RETURN(const std::string_view bytes, window_.at(0, kGenerationHeaderBytes));
    const std::optional<GenerationHeader> header = decode_generation_header(bytes);
    if (!header) return damaged(0, "has no valid header");
    salt_ = header->salt;
    if (header->generation != place.generation) {
      return damaged(0, "calls itself generation " + std::to_string(header->generation));
    }
    if (header->first_lsn == 0 ||
        (place.expected_first_lsn != 0 && header->first_lsn != place.expected_first_lsn)) {
      return damaged(0, "begins with frame " + std::to_string(header->first_lsn) + " where " +
                            std::to_string(place.expected_first_lsn) + " is expected");
    }
    return GenerationContents{*header, header->first_lsn - 1, kGenerationHeaderBytes,
                              window_.file_bytes(), false};
  }

  // None if what stands there is no good frame.
  Result<std::optional<Frame>> frame_at(uint64_t offset) {
    ASSIGN_OR_RETURN(const std::string_view bytes, window_.at(offset, kFrameHeaderBytes));
    const std::optional<FrameHeader> header = decode_frame_header(bytes, salt_);
    const uint64_t payload_offset = offset + kFrameHeaderBytes;
    if (!header || header->length > window_.file_bytes() - payload_offset)
      return std::optional<Frame>();
    ASSIGN_OR_RETURN(const std::string_view payload, window_.at(payload_offset, header->length));
    if (payload.size() != header->length || crc32c(payload) != header->payload_crc)
      return std::optional<Frame>();
    return std::optional<Frame>({*header, payload});
  }

  // Tells whether the bad frame `lsn` at `offset` may be what a crash left of a frame that was
  // never durable.
  Status check_torn(uint64_t offset, Lsn lsn, bool newest) {
    if (!newest) return damaged(offset, "has a bad frame (" + std::to_string(lsn) + ")");
    const uint64_t bytes = window_.file_bytes();
    for (uint64_t at = offset + 1; at + kFrameHeaderBytes <= bytes;) {
      ASSIGN_OR_RETURN(const std::string_view view, window_.at(at, kWindowBytes));
      if (view.size() < kFrameHeaderBytes) break;
      const uint64_t count = view.size() - kFrameHeaderBytes + 1;
      for (uint64_t i = 0; i < count; ++i) {
        const std::string_view header = view.substr(i, kFrameHeaderBytes);
        if (was_written_after_durable(header, lsn, bytes - offset)) {
          return damaged(offset, "has a bad frame (" + std::to_string(lsn) +
                                     ") that was durable, with a good one at offset " +
                                     std::to_string(at + i));
        }
      }
      at += count;
    }
    return {};
  }

  // Looks at the numbers before the checksum: this runs for every byte of a torn tail.
  bool was_written_after_durable(std::string_view header, Lsn lsn, uint64_t bytes_left) const {
    const Lsn frame_lsn = get_fixed<Lsn>(header.data() + 8);
    const Lsn synced = get_fixed<Lsn>(header.data() + 16);
    const bool possible =
        synced >= lsn && frame_lsn >= synced && frame_lsn - lsn <= bytes_left / kFrameHeaderBytes;
    return possible && decode_frame_header(header, salt_).has_value();
  }

  Error damaged(uint64_t offset, const std::string& what) const {
    return Error(error_types::kCorruption,
                 "translog file [" + path_ + "] " + what + ", at offset " + std::to_string(offset));
  }

  const std::string& path_;
  FileWindow window_;
  uint32_t salt_ = 0;
};

}  // namespace

std::string encode_generation_header(const GenerationHeader& header) {
  std::string out(kMagic);
  put_fixed(out, header.generation);
  put_fixed(out, header.first_lsn);
  put_fixed(out, header.salt);
  put_fixed(out, crc32c(out));
  return out;
}

std::optional<GenerationHeader> decode_generation_header(std::string_view bytes) {
  ByteReader reader(bytes);
  const std::string_view magic = reader.bytes(kMagic.size());
  GenerationHeader header;
  header.generation = reader.fixed<uint64_t>();
  header.first_lsn = reader.fixed<Lsn>();
  header.salt = reader.fixed<uint32_t>();
  const uint32_t crc = reader.fixed<uint32_t>();
  if (!reader.ok() || magic != kMagic) return std::nullopt;
  if (crc != crc32c(bytes.substr(0, kGenerationHeaderBytes - sizeof(crc)))) return std::nullopt;
  return header;
}

std::string encode_frame_header(const FrameHeader& header, uint32_t salt) {
  std::string out;
  put_fixed(out, header.length);
  put_fixed(out, header.payload_crc);
  put_fixed(out, header.lsn);
  put_fixed(out, header.synced);
  put_fixed(out, salted_crc(out, salt));
  return out;
}

std::optional<FrameHeader> decode_frame_header(std::string_view bytes, uint32_t salt) {
  ByteReader reader(bytes);
  FrameHeader header;
  header.length = reader.fixed<uint32_t>();
  header.payload_crc = reader.fixed<uint32_t>();
  header.lsn = reader.fixed<Lsn>();
  header.synced = reader.fixed<Lsn>();
  const uint32_t crc = reader.fixed<uint32_t>();
  if (!reader.ok()) return std::nullopt;
  if (crc != salted_crc(bytes.substr(0, kFrameHeaderBytes - sizeof(crc)), salt))
    return std::nullopt;
  if (header.synced > header.lsn || (header.is_mark() && header.length != 0)) return std::nullopt;
  return header;
}

std::string generation_file_name(uint64_t generation) {
  const std::string digits = std::to_string(generation);
  std::string name(kNamePrefix);
  name.append(kNameDigits - digits.size(), '0');
  return name.append(digits).append(kNameSuffix);
}

std::optional<uint64_t> generation_of_file_name(std::string_view name) {
  if (!name.starts_with(kNamePrefix) || !name.ends_with(kNameSuffix)) return std::nullopt;
  if (name.size() != kNamePrefix.size() + kNameDigits + kNameSuffix.size()) return std::nullopt;
  const std::string_view digits = name.substr(kNamePrefix.size(), kNameDigits);
  uint64_t generation = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), generation);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return generation;
}

Result<GenerationContents> read_generation(const FileSystem& fs, const std::string& path,
                                           const GenerationPlace& place,
                                           const FrameVisitor& visit) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, fs.open(path));
  ASSIGN_OR_RETURN(const uint64_t bytes, file->size());
  return GenerationReader(path, FileWindow(*file, bytes)).read(place, visit);
}

}  // namespace stratalog::storage
