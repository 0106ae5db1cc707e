#include "storage/wal_check.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace stratalog::storage {

namespace {

// Fragment: masked crc32c of type and payload : u32, length : u16, type : u8, payload.
constexpr uint64_t kBlockBytes = 32 << 10;
constexpr uint64_t kHeaderBytes = 7;

enum FragmentType : uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

struct Fragment {
  uint8_t type = 0;
  uint64_t bytes = 0;  // with its header
  bool begins_record() const { return type == kFull || type == kFirst; }
  bool ends_record() const { return type == kFull || type == kLast; }
};

// The constants of RocksDB's (and LevelDB's) util/crc32c.h.
uint32_t masked(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

uint64_t block_end(uint64_t at) { return (at / kBlockBytes + 1) * kBlockBytes; }

// None if no whole fragment stands at `at`.
std::optional<Fragment> fragment_at(std::string_view log, uint64_t at) {
  ByteReader reader(log.substr(at, block_end(at) - at));
  const uint32_t crc = reader.fixed<uint32_t>();
  const uint16_t length = reader.fixed<uint16_t>();
  const uint8_t type = reader.fixed<uint8_t>();
  reader.bytes(length);
  if (!reader.ok() || type < kFull || type > kLast) return std::nullopt;
  // The type stands right before the payload, as in the checksum.
  if (crc != masked(crc32c(log.substr(at + kHeaderBytes - 1, 1 + length)))) return std::nullopt;
  return Fragment{type, kHeaderBytes + length};
}

// Where to go on after something bad: behind it if its length can be believed, else at the next
// block.
uint64_t resume_at(std::string_view log, uint64_t bad) {
  if (log.size() - bad >= kHeaderBytes) {
    const uint64_t next = bad + kHeaderBytes + get_fixed<uint16_t>(log.data() + bad + 4);
    if (next < block_end(bad) && next < log.size() && fragment_at(log, next)) return next;
  }
  return block_end(bad);
}

bool is_wal(std::string_view name) {
  constexpr std::string_view kSuffix = ".log";
  return name.ends_with(kSuffix) &&
         name.substr(0, name.size() - kSuffix.size()).find_first_not_of("0123456789") ==
             std::string_view::npos;
}

}  // namespace

std::optional<uint64_t> find_damaged_record(std::string_view log) {
  std::optional<uint64_t> bad;
  std::optional<uint64_t> open_record;  // begun and not ended
  for (uint64_t at = 0; at < log.size();) {
    if (block_end(at) - at < kHeaderBytes) {  // filled up: no header fits
      at = block_end(at);
      continue;
    }
    const std::optional<Fragment> fragment = fragment_at(log, at);
    if (!fragment) {
      if (!bad) bad = open_record.value_or(at);
      at = resume_at(log, at);
      continue;
    }
    if (fragment->begins_record()) {
      if (bad) return bad;
      if (open_record) return open_record;
      open_record = at;
    } else if (!open_record && !bad) {
      bad = at;
    }
    if (fragment->ends_record()) open_record.reset();
    at += fragment->bytes;
  }
  return std::nullopt;
}

Status check_wals(const FileSystem& fs, const std::string& folder) {
  if (!fs.exists(folder)) return {};
  ASSIGN_OR_RETURN(const std::vector<std::string> names, fs.list(folder));
  for (const std::string& name : names) {
    if (!is_wal(name)) continue;
    const std::string path = folder + "/" + name;
    ASSIGN_OR_RETURN(const std::string log, fs.read_file(path));
    if (const auto damaged = find_damaged_record(log)) {
      return Error(error_types::kCorruption, "catalog log [" + path +
                                                 "] has a bad record that was durable, at offset " +
                                                 std::to_string(*damaged));
    }
  }
  return {};
}

}  // namespace stratalog::storage
