// Elasticsearch's keystore (config/elasticsearch.keystore): secret settings in one encrypted file,
// in the format of Elasticsearch 7.4 to 7.17, so that either side reads what the other wrote.
//
//   codec header     3FD76C17, "elasticsearch.keystore" with a length byte, version 4 : u32
//   has_password     u8
//   data_bytes       u32, then: salt (u32 length, 64 bytes), iv (u32 length, 12 bytes),
//                    sealed (u32 length, bytes and the 16 of the tag)
//   codec footer     C02893E8, 0 : u32, crc32 of all before it : u64
//
// All big endian. `sealed` is AES-128-GCM, the salt as associated data, under
// PBKDF2-HMAC-SHA512(password, salt, 10,000 rounds); it holds the number of entries : u32, and of
// each the name (u16 length) and the value (u32 length). Source: Elasticsearch's KeyStoreWrapper
// and Lucene's CodecUtil, read as formats.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stratalog::server {

// Secrets are small; what is longer than this is not read.
inline constexpr uint64_t kKeystoreBytesMax = 16 << 20;

struct Keystore {
  std::map<std::string, std::string> entries;
  bool has_password = false;  // set by what reads; seal() always writes one without
};

// Errors  settings_exception: no keystore, damaged, of another version, or not by this password.
Result<Keystore> unseal_keystore(std::string_view bytes, std::string_view password);
std::string seal_keystore(const Keystore& keystore);

Result<Keystore> read_keystore(const std::string& path, std::string_view password);
// Whole or not at all: a new file takes the place of the old one. Readable by owner and group.
Status write_keystore(const std::string& path, const Keystore& keystore);

// With the one entry that Elasticsearch's have from the start: keystore.seed, random.
Keystore new_keystore();

}  // namespace stratalog::server
