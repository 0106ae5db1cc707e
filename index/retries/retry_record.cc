#include "index/retries/retry_record.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/ensure.h"

namespace stratalog::index {

namespace {

constexpr uint8_t kVersion = 1;
constexpr uint64_t kItemsMax = UINT32_MAX;
constexpr uint64_t kSeqNoMax = INT64_MAX;

Error corrupt() {
  return Error(error_types::kCorruption, "a record of a bulk request can't be read");
}

}  // namespace

void RetryRecord::add(uint32_t item, SeqNo seq_no, int64_t version, bool explicit_id) {
  if (!runs.empty()) {
    RetryRun& last = runs.back();
    ENSURE(item >= last.first_item + last.count && seq_no >= last.first_seq_no + last.count);
    if (item == last.first_item + last.count && seq_no == last.first_seq_no + last.count &&
        version == last.version && explicit_id == last.explicit_id) {
      ++last.count;
      return;
    }
  }
  runs.push_back({item, 1, seq_no, version, explicit_id});
}

SeqNo RetryRecord::max_seq_no() const {
  return runs.back().first_seq_no + static_cast<SeqNo>(runs.back().count) - 1;
}

const RetryRun* RetryRecord::find(uint32_t item) const {
  const auto behind = std::upper_bound(
      runs.begin(), runs.end(), item,
      [](uint32_t wanted, const RetryRun& run) { return wanted < run.first_item; });
  if (behind == runs.begin()) return nullptr;
  const RetryRun& run = *std::prev(behind);
  return item - run.first_item < run.count ? &run : nullptr;
}

void encode_retry_record(const RetryRecord& record, std::string& out) {
  out.push_back(static_cast<char>(kVersion));
  out.append(reinterpret_cast<const char*>(record.digest.data()), record.digest.size());
  put_varint(out, static_cast<uint64_t>(record.time_ms));
  put_varint(out, static_cast<uint64_t>(record.primary_term));
  put_fixed(out, record.auto_id_prefix);
  put_varint(out, record.runs.size());
  uint32_t item = 0;
  SeqNo seq_no = 0;
  for (const RetryRun& run : record.runs) {
    put_varint(out, run.first_item - item);
    put_varint(out, run.count);
    put_varint(out, static_cast<uint64_t>(run.first_seq_no - seq_no));
    put_varint(out, static_cast<uint64_t>(run.version) << 1 | (run.explicit_id ? 1 : 0));
    item = run.first_item + run.count - 1;
    seq_no = run.first_seq_no + static_cast<SeqNo>(run.count) - 1;
  }
}

Result<RetryRecord> decode_retry_record(std::string_view bytes) {
  ByteReader reader(bytes);
  RetryRecord record;
  if (reader.fixed<uint8_t>() != kVersion) return corrupt();
  const std::string_view digest = reader.bytes(record.digest.size());
  if (!reader.ok()) return corrupt();
  std::memcpy(record.digest.data(), digest.data(), digest.size());
  record.time_ms = static_cast<int64_t>(reader.varint());
  record.primary_term = static_cast<int64_t>(reader.varint());
  record.auto_id_prefix = reader.fixed<uint64_t>();
  uint64_t item = 0, seq_no = 0;
  for (uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
    const uint64_t items_ahead = reader.varint(), count = reader.varint();
    const uint64_t numbers_ahead = reader.varint(), version = reader.varint();
    // Each step is in bounds by itself, so that no sum overflows.
    if (!reader.ok() || items_ahead > kItemsMax || count == 0 || count > kItemsMax ||
        numbers_ahead > kSeqNoMax - kItemsMax)
      return corrupt();
    const uint64_t first_item = item + items_ahead, first_seq_no = seq_no + numbers_ahead;
    item = first_item + count - 1;
    seq_no = first_seq_no + count - 1;
    const bool ascends = record.runs.empty() || (items_ahead > 0 && numbers_ahead > 0);
    if (!ascends || item > kItemsMax || seq_no > kSeqNoMax) return corrupt();
    record.runs.push_back({static_cast<uint32_t>(first_item), static_cast<uint32_t>(count),
                           static_cast<SeqNo>(first_seq_no), static_cast<int64_t>(version >> 1),
                           (version & 1) != 0});
  }
  if (!reader.ok() || !reader.done() || record.empty()) return corrupt();
  return record;
}

}  // namespace stratalog::index
