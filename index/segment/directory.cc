#include "index/segment/directory.h"

#include "base/hash.h"
#include "index/segment/compression.h"

namespace stratalog::index {
namespace {

constexpr uint64_t kMagic = 0x4745535441525453;  // "STRATSEG"
constexpr int kDirectoryLevel = 3;

bool known(uint8_t kind) {
  return kind >= static_cast<uint8_t>(StructureKind::kNumeric) &&
         kind <= static_cast<uint8_t>(StructureKind::kSources);
}

bool fits(StructureKind structure, Kind field) {
  switch (structure) {
    case StructureKind::kNumeric:
      return is_numeric(field);
    case StructureKind::kOrdinals:
    case StructureKind::kDerived:
      return has_dictionary(field);
    case StructureKind::kText:
    case StructureKind::kTextByValue:
      return field == Kind::kTerms;
    default:
      return true;
  }
}

}  // namespace

std::string Directory::encode() const {
  std::string body;
  put_string(body, name);
  put_varint(body, row_count);
  put_varint(body, packs.size());
  int64_t last = 0;
  for (const uint32_t block : packs) {
    put_varint(body, zigzag(int64_t{block} - last));
    last = block;
  }
  put_varint(body, part_bytes.size());
  for (const uint64_t bytes : part_bytes) put_varint(body, bytes);
  put_varint(body, structures.size());
  for (const Structure& s : structures) {
    body.push_back(static_cast<char>(s.kind));
    if (is_field(s.kind)) {
      put_string(body, s.path);
      body.push_back(static_cast<char>(s.field_kind));
    }
    body.push_back(s.meta_here ? 1 : 0);
    if (s.meta_here) {
      put_string(body, s.meta);
    } else {
      put_extent(body, s.meta_extent);
    }
    if (needs_another(s.kind)) put_varint(body, s.needs);
  }

  std::string out;
  put_fixed(out, kMagic);
  put_fixed(out, kSegmentFormat);
  put_compressed(out, body, kDirectoryLevel);
  put_fixed(out, crc32c(out));
  return out;
}

Directory Directory::decode(std::string_view bytes) {
  constexpr size_t kCrcBytes = 4;
  check_stored(bytes.size() > sizeof(kMagic) + sizeof(kSegmentFormat) + kCrcBytes, "no directory");
  const std::string_view covered = bytes.substr(0, bytes.size() - kCrcBytes);
  ByteReader file(covered);
  check_stored(file.fixed<uint64_t>() == kMagic, "no directory");
  const auto format = file.fixed<uint32_t>();
  check_stored(format == kSegmentFormat, "format " + std::to_string(format) +
                                             ", this version reads format " +
                                             std::to_string(kSegmentFormat));
  check_stored(crc32c(covered) == get_fixed<uint32_t>(bytes.data() + covered.size()),
               "checksum of the directory");
  std::string body;
  get_compressed(file, body);

  Directory directory;
  ByteReader reader(body);
  directory.name = reader.string();
  const uint64_t rows = reader.varint();
  check_stored(rows < kNoRow, "row count");
  directory.row_count = static_cast<uint32_t>(rows);
  const uint64_t pack_count = reader.varint();
  check_stored(pack_count <= reader.remaining(), "packs");
  int64_t last = 0;
  for (uint64_t i = 0; i < pack_count; ++i) {
    last = static_cast<int64_t>(static_cast<uint64_t>(last) +
                                static_cast<uint64_t>(reader.signed_varint()));
    check_stored(last >= 0 && last <= UINT32_MAX, "packs");
    directory.packs.push_back(static_cast<uint32_t>(last));
  }
  check_stored(reader.varint() == directory.part_bytes.size(), "parts");
  for (uint64_t& part : directory.part_bytes) part = reader.varint();
  const uint64_t count = reader.varint();
  check_stored(count <= reader.remaining(), "structures");
  for (uint64_t i = 0; i < count; ++i) {
    Structure& s = directory.structures.emplace_back();
    const auto kind = reader.fixed<uint8_t>();
    check_stored(reader.ok() && known(kind), "structure of unknown kind " + std::to_string(kind));
    s.kind = static_cast<StructureKind>(kind);
    if (is_field(s.kind)) {
      s.path = reader.string();
      s.field_kind = static_cast<Kind>(reader.fixed<uint8_t>());
      check_stored(fits(s.kind, s.field_kind), "kind of a field");
    }
    s.meta_here = reader.fixed<uint8_t>() != 0;
    if (s.meta_here) {
      s.meta = reader.string();
    } else {
      s.meta_extent = get_extent(reader);
    }
    if (needs_another(s.kind)) {
      const uint64_t needs = reader.varint();
      check_stored(needs < i && has_dictionary(directory.structures[needs].field_kind) &&
                       is_field(directory.structures[needs].kind),
                   "structure that another one needs");
      check_stored(s.kind != StructureKind::kDerived ||
                       directory.structures[needs].kind == StructureKind::kOrdinals,
                   "field that another one follows from");
      s.needs = static_cast<uint32_t>(needs);
    }
  }
  check_stored(reader.ok() && reader.done(), "directory");
  return directory;
}

}  // namespace stratalog::index
