#include "index/retries/retry_ledger.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "index/catalog/records.h"

namespace stratalog::index {

namespace {

constexpr uint64_t kOverheadBytes = 160;  // of the lists and maps that a record is in
constexpr size_t kNumberDigits = 16;

std::string chunk_key(const std::pair<storage::PartitionId, uint64_t>& place) {
  return records::partition_key(records::partition_key(records::kRetriesPrefix, place.first) + "/",
                                place.second);
}

std::optional<uint64_t> number_of(std::string_view hex) {
  uint64_t number = 0;
  const auto [end, code] = std::from_chars(hex.data(), hex.data() + hex.size(), number, 16);
  if (code != std::errc() || end != hex.data() + hex.size() || hex.size() != kNumberDigits)
    return std::nullopt;
  return number;
}

Result<std::pair<storage::PartitionId, uint64_t>> place_of(std::string_view key) {
  key.remove_prefix(records::kRetriesPrefix.size());
  if (key.size() == 2 * kNumberDigits + 1 && key[kNumberDigits] == '/') {
    const auto partition = number_of(key.substr(0, kNumberDigits));
    const auto number = number_of(key.substr(kNumberDigits + 1));
    if (partition && number) return std::pair(*partition, *number);
  }
  return Error(error_types::kCorruption, "the catalog has a key of retries that can't be read");
}

}  // namespace

struct RetryLedger::Kept : Stored {
  uint64_t bytes() const {
    return sizeof(Kept) + record.runs.capacity() * sizeof(RetryRun) + kOverheadBytes;
  }
  bool gone = false;
  std::optional<uint64_t> chunk;  // the number of the catalog's record that it is in
};

RetryLedger::Request::Request(Request&& other) noexcept
    : ledger_(std::exchange(other.ledger_, nullptr)),
      digest_(other.digest_),
      stored_(std::move(other.stored_)) {}

RetryLedger::Request::~Request() {
  if (ledger_ == nullptr) return;
  const std::lock_guard guard(ledger_->mutex_);
  ledger_->under_way_.erase(digest_);
  ledger_->ended_.notify_all();
}

RetryLedger::Request RetryLedger::begin(const RetryDigest& digest, int64_t now_ms) {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return !under_way_.contains(digest); });
  under_way_.insert(digest);
  Request request(*this, digest);
  evict(now_ms);
  const auto found = by_digest_.find(digest);
  if (found != by_digest_.end()) request.stored_.assign(found->second.begin(), found->second.end());
  return request;
}

void RetryLedger::add(storage::PartitionId partition, storage::Lsn lsn, RetryRecord record) {
  auto kept = std::make_shared<Kept>();
  kept->partition = partition;
  kept->lsn = lsn;
  kept->record = std::move(record);
  kept->record.runs.shrink_to_fit();
  const std::lock_guard guard(mutex_);
  not_durable_[partition].push_back(kept);
  keep(kept);
  evict(kept->record.time_ms);
}

void RetryLedger::keep(const KeptPtr& kept) {
  by_age_.push_back(kept);
  by_digest_[kept->record.digest].push_back(kept);
  bytes_ += kept->bytes();
}

void RetryLedger::let_go(const KeptPtr& kept) {
  kept->gone = true;
  bytes_ -= kept->bytes();
  const auto found = by_digest_.find(kept->record.digest);
  std::erase(found->second, kept);
  if (found->second.empty()) by_digest_.erase(found);
  if (kept->chunk) {
    const auto chunk = chunks_.find({kept->partition, *kept->chunk});
    if (chunk != chunks_.end()) --chunk->second.live;
  } else {
    // The oldest of all is the oldest of its partition.
    const auto waiting = not_durable_.find(kept->partition);
    const auto at = std::find(waiting->second.begin(), waiting->second.end(), kept);
    waiting->second.erase(at);
    if (waiting->second.empty()) not_durable_.erase(waiting);
  }
}

void RetryLedger::evict(int64_t now_ms) {
  while (!by_age_.empty() && (bytes_ > limits_.bytes_max ||
                              by_age_.front()->record.time_ms < now_ms - limits_.window_ms)) {
    let_go(by_age_.front());
    by_age_.pop_front();
  }
}

RetryLedger::Commit RetryLedger::prepare(storage::PartitionId partition, SeqNo committed,
                                         int64_t now_ms, storage::CatalogBatch& batch) {
  const std::lock_guard guard(mutex_);
  evict(now_ms);
  Commit commit;
  std::string chunk;
  if (const auto waiting = not_durable_.find(partition); waiting != not_durable_.end()) {
    std::string one;
    for (const KeptPtr& kept : waiting->second) {
      if (kept->record.max_seq_no() > committed) break;
      one.clear();
      encode_retry_record(kept->record, one);
      put_string(chunk, one);
      commit.records.push_back(kept);
    }
  }
  commit.place = {partition, next_number_[partition]};
  if (!chunk.empty()) batch.put(chunk_key(commit.place), chunk);
  for (const auto& [place, kept] : chunks_) {
    if (kept.live > 0) continue;
    batch.remove(chunk_key(place));
    commit.removed.push_back(place);
  }
  return commit;
}

void RetryLedger::committed(const Commit& commit) {
  const std::lock_guard guard(mutex_);
  for (const Place& place : commit.removed) chunks_.erase(place);
  if (commit.records.empty()) return;
  Chunk& chunk = chunks_[commit.place];
  ++next_number_[commit.place.first];
  for (const KeptPtr& kept : commit.records) {
    if (kept->gone) continue;
    kept->chunk = commit.place.second;
    ++chunk.live;
  }
  const auto waiting = not_durable_.find(commit.place.first);
  if (waiting == not_durable_.end()) return;
  std::erase_if(waiting->second, [](const KeptPtr& kept) { return kept->chunk.has_value(); });
  if (waiting->second.empty()) not_durable_.erase(waiting);
}

void RetryLedger::prepare_drop(storage::PartitionId partition, storage::CatalogBatch& batch) const {
  const std::lock_guard guard(mutex_);
  for (auto at = chunks_.lower_bound({partition, 0}); at != chunks_.end(); ++at) {
    if (at->first.first != partition) break;
    batch.remove(chunk_key(at->first));
  }
}

void RetryLedger::forget(storage::PartitionId partition) {
  const std::lock_guard guard(mutex_);
  for (auto at = by_age_.begin(); at != by_age_.end();) {
    if ((*at)->partition == partition) {
      let_go(*at);
      at = by_age_.erase(at);
    } else {
      ++at;
    }
  }
  chunks_.erase(chunks_.lower_bound({partition, 0}), chunks_.upper_bound({partition, UINT64_MAX}));
  next_number_.erase(partition);
}

Status RetryLedger::load(const storage::Store& store, int64_t now_ms) {
  std::vector<KeptPtr> all;
  const std::lock_guard guard(mutex_);
  RETURN_IF_ERROR(store.scan(
      records::kRetriesPrefix, [&](std::string_view key, std::string_view value) -> Status {
        ASSIGN_OR_RETURN(const Place place, place_of(key));
        Chunk& chunk = chunks_[place];
        uint64_t& next = next_number_[place.first];
        next = std::max(next, place.second + 1);
        ByteReader reader(value);
        while (reader.ok() && !reader.done()) {
          ASSIGN_OR_RETURN(RetryRecord record, decode_retry_record(reader.string()));
          auto kept = std::make_shared<Kept>();
          kept->partition = place.first;
          kept->lsn = 0;
          kept->record = std::move(record);
          kept->chunk = place.second;
          ++chunk.live;
          all.push_back(std::move(kept));
        }
        return {};
      }));
  std::stable_sort(all.begin(), all.end(), [](const KeptPtr& a, const KeptPtr& b) {
    return a->record.time_ms < b->record.time_ms;
  });
  for (const KeptPtr& kept : all) keep(kept);
  evict(now_ms);
  return {};
}

RetryLedger::Stats RetryLedger::stats() const {
  const std::lock_guard guard(mutex_);
  return {by_age_.size(), bytes_, items_answered_};
}

void RetryLedger::note_answered(uint64_t items) {
  const std::lock_guard guard(mutex_);
  items_answered_ += items;
}

}  // namespace stratalog::index
