// Little-endian and varint encoding into strings, and a reader that never leaves its bytes.
//
// Errors  ByteReader: a read past the end gives zero and clears ok(); check ok() once after a group
//         of reads, before anything is believed. It is the only way in which files and frames are
//         decoded.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace stratalog {

static_assert(std::endian::native == std::endian::little, "stored formats are little endian");

template <std::integral T>
void put_fixed(std::string& out, T v) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &v, sizeof(T));
  out.append(bytes, sizeof(T));
}

template <std::integral T>
T get_fixed(const char* at) {
  T v;
  std::memcpy(&v, at, sizeof(T));
  return v;
}

// The first eight bytes as a number that orders as they do; shorter texts as if zeros followed, so
// that equal numbers decide nothing. Most comparisons of sorted texts need no more than this.
inline uint64_t prefix_number(std::string_view text) {
  uint64_t prefix = 0;
  if (text.empty()) return prefix;
  std::memcpy(&prefix, text.data(), text.size() < sizeof(prefix) ? text.size() : sizeof(prefix));
  return __builtin_bswap64(prefix);
}

// LEB128: 7 bits a byte, low first; 1 to 10 bytes.
inline void put_varint(std::string& out, uint64_t v) {
  if (v < 0x80) [[likely]] {
    out.push_back(static_cast<char>(v));
    return;
  }
  char bytes[10];
  size_t size = 0;
  for (; v >= 0x80; v >>= 7) bytes[size++] = static_cast<char>(v | 0x80);
  bytes[size++] = static_cast<char>(v);
  out.append(bytes, size);
}

// To memory with room for kVarint32BytesMax; returns where it ends.
inline constexpr size_t kVarint32BytesMax = 5;
inline char* put_varint32(char* out, uint32_t v) {
  for (; v >= 0x80; v >>= 7) *out++ = static_cast<char>(v | 0x80);
  *out++ = static_cast<char>(v);
  return out;
}

inline uint64_t zigzag(int64_t v) {
  return (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63);
}
inline int64_t unzigzag(uint64_t v) {
  return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
}

// Length as varint, then the bytes.
inline void put_string(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out.append(text);
}

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }
  bool done() const { return at_ == end_; }
  size_t remaining() const { return static_cast<size_t>(end_ - at_); }

  template <std::integral T>
  T fixed() {
    if (remaining() < sizeof(T)) return fail<T>();
    const T v = get_fixed<T>(at_);
    at_ += sizeof(T);
    return v;
  }
  uint64_t varint() {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && at_ < end_; shift += 7) {
      const uint64_t byte = static_cast<unsigned char>(*at_++);
      v |= (byte & 0x7f) << shift;
      if (byte < 0x80) return v;
    }
    return fail<uint64_t>();
  }
  int64_t signed_varint() { return unzigzag(varint()); }
  std::string_view bytes(uint64_t count) {
    if (count > remaining()) {
      fail<int>();
      return {};
    }
    const std::string_view v(at_, count);
    at_ += count;
    return v;
  }
  std::string_view string() { return bytes(varint()); }

 private:
  template <typename T>
  T fail() {
    ok_ = false;
    at_ = end_;
    return T{};
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace stratalog
