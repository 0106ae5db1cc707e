#include "index/segment/compression.h"

#define ZSTD_STATIC_LINKING_ONLY  // dictionaries by reference; the library is linked statically
#include <zdict.h>
#include <zstd.h>

#include <memory>
#include <vector>

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

struct FreeCompressDictionary {
  void operator()(ZSTD_CDict* prepared) const { ZSTD_freeCDict(prepared); }
};
struct FreeDecompressDictionary {
  void operator()(ZSTD_DDict* prepared) const { ZSTD_freeDDict(prepared); }
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

std::string make_dictionary(std::string_view text, std::span<const std::string_view> samples,
                            int level) {
  constexpr size_t kTablesBytesMax = 16 << 10;
  constexpr size_t kTextBytesMin = 4 << 10;
  constexpr size_t kSamplesMin = 8;
  if (text.size() < kTextBytesMin || samples.size() < kSamplesMin) return std::string(text);
  std::string all;
  std::vector<size_t> sizes;
  for (const std::string_view sample : samples) {
    all.append(sample);
    sizes.push_back(sample.size());
  }
  ZDICT_params_t parameters{};
  parameters.compressionLevel = level;
  std::string out(text.size() + kTablesBytesMax, '\0');
  const size_t bytes =
      ZDICT_finalizeDictionary(out.data(), out.size(), text.data(), text.size(), all.data(),
                               sizes.data(), static_cast<unsigned>(sizes.size()), parameters);
  if (ZDICT_isError(bytes)) return std::string(text);
  out.resize(bytes);
  return out;
}

struct DictionaryCompressor::Prepared {
  std::unique_ptr<ZSTD_CDict, FreeCompressDictionary> dictionary;
  std::unique_ptr<ZSTD_CCtx, FreeCompress> context;
};

DictionaryCompressor::DictionaryCompressor(std::string_view dictionary, int level)
    : prepared_(new Prepared{std::unique_ptr<ZSTD_CDict, FreeCompressDictionary>(
                                 ZSTD_createCDict(dictionary.data(), dictionary.size(), level)),
                             std::unique_ptr<ZSTD_CCtx, FreeCompress>(ZSTD_createCCtx())}) {
  ENSURE(prepared_->dictionary != nullptr);
  ZSTD_CCtx* context = prepared_->context.get();
  ENSURE(!ZSTD_isError(ZSTD_CCtx_refCDict(context, prepared_->dictionary.get())));
  // Whoever reads knows which dictionary it is.
  ENSURE(!ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_dictIDFlag, 0)));
}
DictionaryCompressor::~DictionaryCompressor() = default;

void DictionaryCompressor::put(std::string& out, std::string_view raw) const {
  put_frame(out, raw, [&](char* frame, size_t capacity) {
    return ZSTD_compress2(prepared_->context.get(), frame, capacity, raw.data(), raw.size());
  });
}

struct ReadyDictionary::Prepared {
  explicit Prepared(std::string_view dictionary)
      : bytes(dictionary), ready(ZSTD_createDDict_byReference(bytes.data(), bytes.size())) {}
  const std::string bytes;
  const std::unique_ptr<ZSTD_DDict, FreeDecompressDictionary> ready;
};

ReadyDictionary::ReadyDictionary(std::string_view dictionary)
    : prepared_(std::make_unique<const Prepared>(dictionary)) {
  check_stored(prepared_->ready != nullptr, "dictionary of compressed blocks");
}
ReadyDictionary::~ReadyDictionary() = default;

uint64_t ReadyDictionary::resident_bytes() const {
  return prepared_->bytes.size() + ZSTD_sizeof_DDict(prepared_->ready.get());
}

void get_compressed(ByteReader& reader, std::string& out, const ReadyDictionary* dictionary) {
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
      dictionary == nullptr
          ? ZSTD_decompressDCtx(context.get(), out.data(), raw_size, frame.data(), frame.size())
          : ZSTD_decompress_usingDDict(context.get(), out.data(), raw_size, frame.data(),
                                       frame.size(), dictionary->prepared_->ready.get());
  check_stored(size == raw_size, "compressed frame");
}

}  // namespace stratalog::index
