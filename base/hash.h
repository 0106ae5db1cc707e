// Hashes, each with its one use: hash64 for tables in memory, digests within a process' lifetime
// and formats that name it (XXH3, xxhash.com), crc32c for stored frames and blocks (RFC 3720
// polynomial), murmur3 for Elasticsearch's routing (Murmur3HashFunction: x86 32 bit, seed 0, over
// the id's UTF-16LE bytes).
#pragma once

#include <cstdint>
#include <string_view>

namespace stratalog {

uint64_t hash64(std::string_view bytes, uint64_t seed = 0);

struct Hash128 {
  uint64_t low = 0;
  uint64_t high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
};
Hash128 hash128(std::string_view bytes);

uint32_t crc32c(std::string_view bytes, uint32_t crc = 0);  // crc: of the bytes before, to go on

// MurmurHash3 x86 32 bit (Austin Appleby, public domain).
uint32_t murmur3_32(std::string_view bytes, uint32_t seed);

// The number that Elasticsearch takes modulo routing shards for a UTF-8 id or routing value.
int32_t routing_hash(std::string_view utf8);

}  // namespace stratalog
