#include "index/segment/compression.h"

#include <zstd.h>

#include <memory>

#include "base/ensure.h"
#include "index/segment/format.h"

namespace stratalog::index {
namespace {

constexpr size_t kReadableBehind = 8;

struct FreeCompress {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompress {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

struct FreePrepared {
  void operator()(ZSTD_CDict* prepared) const { ZSTD_freeCDict(prepared); }
};

// Appends what `compress(frame, capacity)` makes of `raw`.
template <typename Compress>
void put_frame(std::string& out, std::string_view raw, Compress&& compress) {
  ENSURE(raw.size() <= kCompressedRawMax);
  thread_local std::string frame;
  frame.resize(ZSTD_compressBound(raw.size()));
  const size_t size = compress(frame.data(), frame.size());
  ENSURE(!ZSTD_isError(size));
  if (size < raw.size()) {
    put_varint(out, raw.size() << 1 | 1);
    put_varint(out, size);
    out.append(frame.data(), size);
  } else {
    put_varint(out, raw.size() << 1);
    out.append(raw);
  }
}

ZSTD_CCtx* compress_context() {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeCompress> context(ZSTD_createCCtx());
  return context.get();
}

}  // namespace

void put_compressed(std::string& out, std::string_view raw, int level) {
  put_frame(out, raw, [&](char* frame, size_t capacity) {
    return ZSTD_compressCCtx(compress_context(), frame, capacity, raw.data(), raw.size(), level);
  });
}

struct DictionaryCompressor::Prepared {
  std::unique_ptr<ZSTD_CDict, FreePrepared> dictionary;
};

DictionaryCompressor::DictionaryCompressor(std::string_view dictionary, int level)
    : prepared_(new Prepared{std::unique_ptr<ZSTD_CDict, FreePrepared>(
          ZSTD_createCDict(dictionary.data(), dictionary.size(), level))}) {
  ENSURE(prepared_->dictionary != nullptr);
}
DictionaryCompressor::~DictionaryCompressor() = default;

void DictionaryCompressor::put(std::string& out, std::string_view raw) const {
  put_frame(out, raw, [&](char* frame, size_t capacity) {
    return ZSTD_compress_usingCDict(compress_context(), frame, capacity, raw.data(), raw.size(),
                                    prepared_->dictionary.get());
  });
}

void get_compressed(ByteReader& reader, std::string& out, std::string_view dictionary) {
  const uint64_t head = reader.varint();
  const uint64_t raw_size = head >> 1;
  check_stored(reader.ok() && raw_size <= kCompressedRawMax, "size of compressed bytes");
  if ((head & 1) == 0) {
    const std::string_view raw = reader.bytes(raw_size);
    check_stored(reader.ok(), "compressed bytes are cut off");
    out.reserve(raw_size + kReadableBehind);
    out.assign(raw);
    return;
  }
  const std::string_view frame = reader.bytes(reader.varint());
  check_stored(reader.ok(), "compressed bytes are cut off");
  // What a frame says of its own size is checked before memory is taken on its word.
  check_stored(ZSTD_getFrameContentSize(frame.data(), frame.size()) == raw_size,
               "compressed frame");
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeDecompress> context(ZSTD_createDCtx());
  out.reserve(raw_size + kReadableBehind);
  out.resize(raw_size);
  const size_t size = ZSTD_decompress_usingDict(context.get(), out.data(), raw_size, frame.data(),
                                                frame.size(), dictionary.data(), dictionary.size());
  check_stored(size == raw_size, "compressed frame");
}

}  // namespace stratalog::index
