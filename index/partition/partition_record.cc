#include "index/partition/partition_record.h"

#include <algorithm>

#include "base/bytes.h"
#include "index/catalog/records.h"

namespace stratalog::index {

namespace {

constexpr char kVersion = 1;

Error corrupt(const char* what) {
  return Error(error_types::kCorruption,
               std::string("the catalog's record of ") + what + " can't be read");
}

void put_signed(std::string& out, int64_t v) { put_varint(out, zigzag(v)); }

SegmentEntry read_segment(ByteReader& reader) {
  SegmentEntry entry;
  const std::string_view uid = reader.bytes(entry.uid.bytes.size());
  std::copy(uid.begin(), uid.end(), entry.uid.bytes.begin());
  entry.name = reader.string();
  entry.rows = static_cast<uint32_t>(reader.varint());
  entry.bytes = reader.varint();
  entry.min_seq_no = reader.signed_varint();
  entry.max_seq_no = reader.signed_varint();
  entry.min_time_ms = reader.signed_varint();
  entry.max_time_ms = reader.signed_varint();
  return entry;
}

}  // namespace

std::string encode_partition(const PartitionRecord& record) {
  std::string out(1, kVersion);
  put_varint(out, static_cast<uint64_t>(record.primary_term));
  put_signed(out, record.committed_seq_no);
  put_varint(out, record.next_segment);
  put_varint(out, record.auto_id_prefixes.size());
  for (const uint64_t prefix : record.auto_id_prefixes) put_fixed(out, prefix);
  put_varint(out, record.segments.size());
  for (const SegmentEntry& segment : record.segments) {
    out.append(segment.uid.bytes.begin(), segment.uid.bytes.end());
    put_string(out, segment.name);
    put_varint(out, segment.rows);
    put_varint(out, segment.bytes);
    put_signed(out, segment.min_seq_no);
    put_signed(out, segment.max_seq_no);
    put_signed(out, segment.min_time_ms);
    put_signed(out, segment.max_time_ms);
  }
  return out;
}

Result<PartitionRecord> decode_partition(std::string_view bytes) {
  ByteReader reader(bytes);
  PartitionRecord record;
  if (reader.fixed<char>() != kVersion) return corrupt("a partition");
  record.primary_term = static_cast<int64_t>(reader.varint());
  record.committed_seq_no = reader.signed_varint();
  record.next_segment = reader.varint();
  for (uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
    record.auto_id_prefixes.push_back(reader.fixed<uint64_t>());
  }
  for (uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
    record.segments.push_back(read_segment(reader));
  }
  if (!reader.ok() || !reader.done()) return corrupt("a partition");
  return record;
}

std::string encode_deletes(const std::vector<Delete>& deletes) {
  std::string out(1, kVersion);
  put_varint(out, deletes.size());
  SeqNo before = 0;
  for (const Delete& entry : deletes) {
    put_signed(out, entry.victim - before);
    put_signed(out, entry.killer);
    before = entry.victim;
  }
  return out;
}

Result<std::vector<Delete>> decode_deletes(std::string_view bytes) {
  ByteReader reader(bytes);
  std::vector<Delete> deletes;
  if (reader.fixed<char>() != kVersion) return corrupt("deleted rows");
  SeqNo before = 0;
  for (uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
    Delete entry;
    // Unsigned: no value of damaged bytes may overflow.
    entry.victim = static_cast<SeqNo>(static_cast<uint64_t>(before) +
                                      static_cast<uint64_t>(reader.signed_varint()));
    entry.killer = reader.signed_varint();
    before = entry.victim;
    deletes.push_back(entry);
  }
  if (!reader.ok() || !reader.done()) return corrupt("deleted rows");
  return deletes;
}

std::string deletes_key(storage::PartitionId partition, const storage::SegmentUid& segment) {
  return records::partition_key(records::kDeletesPrefix, partition) + "/" + segment.hex();
}

}  // namespace stratalog::index
