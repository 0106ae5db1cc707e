#include "server/http/content_coding.h"

#include <libdeflate.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "api/http.h"
#include "base/bytes.h"

namespace stratalog::server {
namespace {

constexpr int kLevel = 1;  // a fifth of the time of level 6 for a tenth more bytes on JSON answers
constexpr uint64_t kFirstBytesMin = 4096;

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};
struct FreeCompressor {
  void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
};

libdeflate_decompressor* decompressor() {
  thread_local const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> kOwn(
      libdeflate_alloc_decompressor());
  return kOwn.get();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Error too_long(const BodyBound& bound, uint64_t in_bytes) {
  if (bound.bytes_max / kExpansionMax >= in_bytes) {
    return Error(error_types::kContentTooLong, "the compressed body expands to more than " +
                                                   std::to_string(kExpansionMax) +
                                                   " times its size");
  }
  return Error(error_types::kContentTooLong, "the decompressed body is longer than [" +
                                                 std::to_string(bound.bytes_max) + "] bytes, " +
                                                 std::string(bound.name));
}

// One gzip member, zlib stream or raw deflate stream at the start of `in`.
libdeflate_result decode_once(Coding coding, bool raw, std::string_view in, char* out, size_t room,
                              size_t& in_bytes, size_t& out_bytes) {
  libdeflate_decompressor* d = decompressor();
  if (coding == Coding::kGzip) {
    return libdeflate_gzip_decompress_ex(d, in.data(), in.size(), out, room, &in_bytes, &out_bytes);
  }
  return raw ? libdeflate_deflate_decompress_ex(d, in.data(), in.size(), out, room, &in_bytes,
                                                &out_bytes)
             : libdeflate_zlib_decompress_ex(d, in.data(), in.size(), out, room, &in_bytes,
                                             &out_bytes);
}

}  // namespace

Result<Coding> parse_content_encoding(std::string_view value) {
  value = trimmed(value);
  if (value.empty() || api::equal_ignoring_case(value, "identity")) return Coding::kIdentity;
  if (api::equal_ignoring_case(value, "gzip") || api::equal_ignoring_case(value, "x-gzip")) {
    return Coding::kGzip;
  }
  if (api::equal_ignoring_case(value, "deflate") || api::equal_ignoring_case(value, "x-deflate")) {
    return Coding::kDeflate;
  }
  return Error({"illegal_argument_exception", 415},
               "Content-Encoding [" + std::string(value) +
                   "] is not supported, only [gzip] and [deflate] are");
}

Coding choose_accepted(std::string_view accept_encoding) {
  double gzip = -1;
  double deflate = -1;
  double any = -1;
  while (!accept_encoding.empty()) {
    const size_t comma = accept_encoding.find(',');
    const std::string_view item = accept_encoding.substr(0, comma);
    accept_encoding =
        comma == std::string_view::npos ? std::string_view() : accept_encoding.substr(comma + 1);
    const size_t semicolon = item.find(';');
    const std::string_view name = trimmed(item.substr(0, semicolon));
    double weight = 1;
    if (semicolon != std::string_view::npos) {
      const std::string_view param = trimmed(item.substr(semicolon + 1));
      if (param.starts_with("q="))
        weight = std::strtod(std::string(param.substr(2)).c_str(), nullptr);
    }
    if (api::equal_ignoring_case(name, "gzip")) gzip = weight;
    if (api::equal_ignoring_case(name, "deflate")) deflate = weight;
    if (name == "*") any = weight;
  }
  if (gzip < 0) gzip = any;
  if (deflate < 0) deflate = any;
  if (gzip <= 0 && deflate <= 0) return Coding::kIdentity;
  return gzip >= deflate ? Coding::kGzip : Coding::kDeflate;
}

Status decode_body(Coding coding, std::string_view in, const BodyBound& bound,
                   Reservation& reservation, BodyBuffer& out) {
  const uint64_t ratio_max = in.size() * kExpansionMax;
  const uint64_t limit = std::min(bound.bytes_max, std::max(ratio_max, kFirstBytesMin));
  const uint64_t in_bytes_all = in.size();
  uint64_t guess = std::max<uint64_t>(in.size() * 8, kFirstBytesMin);
  if (coding == Coding::kGzip && in.size() >= 4) {
    // The last four bytes are the size of the (as a rule only) member; only a hint.
    guess = std::max<uint64_t>(get_fixed<uint32_t>(in.data() + in.size() - 4), kFirstBytesMin);
  }
  bool raw = false;
  for (bool first = true; first || (coding == Coding::kGzip && !in.empty()); first = false) {
    for (;;) {
      const uint64_t capacity = std::min(limit, out.size() + std::min(limit, guess));
      if (!reservation.grow_to(in_bytes_all + capacity)) {
        return Error(error_types::kRejectedExecution,
                     "rejected execution: no memory for the decompressed body");
      }
      out.reserve(capacity);
      size_t in_bytes = 0;
      size_t out_bytes = 0;
      const libdeflate_result result =
          decode_once(coding, raw, in, out.end(), capacity - out.size(), in_bytes, out_bytes);
      if (result == LIBDEFLATE_SUCCESS) {
        out.advance(out_bytes);
        in.remove_prefix(in_bytes);
        break;
      }
      if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
        if (capacity == limit) return too_long(bound, in_bytes_all);
        guess = std::max(guess * 2, kFirstBytesMin);
      } else if (coding == Coding::kDeflate && !raw) {
        raw = true;  // some clients send "deflate" without zlib's header
      } else {
        return Error(error_types::kIllegalArgument, coding == Coding::kGzip
                                                        ? "the body is not in gzip format"
                                                        : "the body is not in deflate format");
      }
    }
  }
  return {};
}

std::string encode_body(Coding coding, std::string_view in) {
  if (coding == Coding::kIdentity) return std::string(in);
  thread_local const std::unique_ptr<libdeflate_compressor, FreeCompressor> kOwn(
      libdeflate_alloc_compressor(kLevel));
  std::string out;
  const bool gzip = coding == Coding::kGzip;
  out.resize(gzip ? libdeflate_gzip_compress_bound(kOwn.get(), in.size())
                  : libdeflate_zlib_compress_bound(kOwn.get(), in.size()));
  out.resize(
      gzip ? libdeflate_gzip_compress(kOwn.get(), in.data(), in.size(), out.data(), out.size())
           : libdeflate_zlib_compress(kOwn.get(), in.data(), in.size(), out.data(), out.size()));
  return out;
}

}  // namespace stratalog::server
