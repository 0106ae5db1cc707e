// Sealed segments with bytes changed anywhere: a fault or answers within bounds.
//
// An input says what is changed, 7 bytes a change: block, place in it (u32), how, by what. The
// directory, the last block, is changed below its compression and checksum.
#include <catch2/catch.hpp>
#include <cstring>
#include <map>

#include "base/bytes.h"
#include "base/hash.h"
#include "index/fault.h"
#include "index/segment/compression.h"
#include "tests/index/segment/memory_store.h"
#include "tests/index/segment/segment_model.h"

using namespace stratalog;
using stratalog::test::MemoryStore;

namespace {

constexpr size_t kPrefixBytes = 12;  // magic and format
constexpr size_t kCrcBytes = 4;
constexpr size_t kTrailerBytes = 8;  // of every block
constexpr size_t kChangeBytes = 7;
constexpr uint32_t kRows[] = {3, 40, 130};  // of the segments

std::string body_of(const std::string& directory) {
  ByteReader reader(std::string_view(directory).substr(
      kPrefixBytes, directory.size() - kPrefixBytes - kCrcBytes - kTrailerBytes));
  std::string body;
  index::get_compressed(reader, body);
  return body;
}

std::string directory_of(std::string_view prefix, std::string_view body) {
  std::string out(prefix);
  index::put_compressed(out, body, 1);
  put_fixed(out, crc32c(out));
  return out.append(kTrailerBytes, '\0');
}

void change(std::string& bytes, const uint8_t* how) {
  if (bytes.empty()) return;
  uint32_t place = 0;
  std::memcpy(&place, how, sizeof(place));
  const size_t at = place % bytes.size();
  const auto value = static_cast<char>(how[5]);
  switch (how[4] % 5) {
    case 0:
      bytes[at] = value;
      break;
    case 1:
      bytes[at] = static_cast<char>(bytes[at] + value);
      break;
    case 2:
      bytes.erase(at, how[5]);
      break;
    case 3:
      bytes.insert(at, how[5] % 16, value);
      break;
    default:
      for (size_t i = at; i < std::min(bytes.size(), at + 4); ++i) bytes[i] = value;
      break;
  }
}

struct Written {
  explicit Written(uint32_t rows) {
    uid = test::write_model(store, test::random_model(rows, rows))->uid();
    good = store.blocks(uid);
    body = body_of(good.back());
  }
  MemoryStore store;
  storage::SegmentUid uid;
  MemoryStore::Blocks good;
  std::string body;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static std::map<uint32_t, Written> segments;  // made when first asked for
  const uint32_t rows = kRows[data[0] % std::size(kRows)];
  Written& segment = segments.try_emplace(rows, rows).first->second;
  MemoryStore::Blocks& blocks = segment.store.blocks(segment.uid);
  blocks = segment.good;
  std::string body = segment.body;
  for (size_t at = 1; at + kChangeBytes <= size; at += kChangeBytes) {
    const size_t block = data[at] % blocks.size();
    change(block + 1 == blocks.size() ? body : blocks[block], data + at + 1);
  }
  blocks.back() = directory_of(segment.good.back().substr(0, kPrefixBytes), body);
  auto handle = segment.store.open_segment(segment.uid);
  const auto opened = index::SealedSegment::open(*handle);
  if (!opened) {
    REQUIRE(size > 1);  // unchanged
    return 0;
  }
  std::mt19937_64 random(1);
  try {
    test::read_everything(**opened, random);
  } catch (const index::SegmentFault&) {
    REQUIRE(size > 1);  // what damage may lead to
  }
  return 0;
}
