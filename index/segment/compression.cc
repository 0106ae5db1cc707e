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

}  // namespace

void put_compressed(std::string& out, std::string_view raw, int level) {
  ENSURE(raw.size() <= kCompressedRawMax);
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeCompress> context(ZSTD_createCCtx());
  thread_local std::string frame;
  frame.resize(ZSTD_compressBound(raw.size()));
  const size_t size =
      ZSTD_compressCCtx(context.get(), frame.data(), frame.size(), raw.data(), raw.size(), level);
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

void get_compressed(ByteReader& reader, std::string& out) {
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
  const size_t size =
      ZSTD_decompressDCtx(context.get(), out.data(), raw_size, frame.data(), frame.size());
  check_stored(size == raw_size, "compressed frame");
}

}  // namespace stratalog::index
