#include "storage/translog.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "base/hash.h"
#include "base/log.h"
#include "storage/random.h"
#include "storage/translog_format.h"

namespace stratalog::storage {

namespace {

// Every generation is made under this name and renamed when its header is durable: a generation
// never lacks its header.
constexpr const char* kNewFileName = "generation.new";
constexpr uint64_t kCopyBytes = 1 << 20;

struct Generation {
  uint64_t number = 0;
  uint64_t bytes = 0;
  std::unordered_map<PartitionId, Lsn>
      pins;  // the last frame of each partition that has not released it

  void pin(std::span<const PartitionId> partitions, Lsn lsn) {
    for (const PartitionId partition : partitions) pins[partition] = lsn;
  }
};

// What the files of a log say.
struct Found {
  std::deque<Generation> generations;
  std::optional<GenerationContents> newest;
  Lsn last = 0;
};

// Locks: append_mutex_ orders the frames, and is held while one is written to the file. mutex_
// guards the state and is never held over a call to the file system, so that a sync delays no
// append and the other way round. trim_mutex_ orders removals. Order: append_mutex_ or trim_mutex_,
// then mutex_.
class FileTranslog final : public Translog {
 public:
  FileTranslog(FileSystem& fs, std::string folder, const TranslogOptions& options)
      : fs_(fs), folder_(std::move(folder)), options_(options) {}

  ~FileTranslog() override {
    if (failure_ || !file_) return;
    const Status closed = close_cleanly();
    if (!closed)
      log::warn("translog", "was not closed cleanly", {{"reason", closed.error().reason}});
  }

  Status start(const PartitionsOf& partitions_of, const Replay& replay) {
    RETURN_IF_ERROR(fs_.create_folders(folder_));
    ASSIGN_OR_RETURN(Found found, read_all(partitions_of, replay));
    last_ = synced_ = found.last;
    generations_ = std::move(found.generations);
    uint64_t number = generations_.empty() ? 1 : generations_.back().number + 1;
    if (found.newest) {
      if (found.newest->empty()) {
        number =
            generations_.back().number;  // replaced, so that restarts do not pile up empty ones
        generations_.pop_back();
      } else if (!found.newest->closed || found.newest->good_bytes < found.newest->file_bytes) {
        const std::string path = path_of(generations_.back().number);
        Status written = rewrite(path, found.newest->good_bytes);
        // Without room for a second one it stays where it is: a node that starts can make room.
        if (!written && is_disk_full(written.error()))
          written = fs_.truncate(path, found.newest->good_bytes);
        if (!written) return written.error();
      }
    }
    uint64_t allocated_bytes = options_.generation_bytes;
    uint32_t salt = 0;
    ASSIGN_OR_RETURN(auto file, prepare_generation(number, allocated_bytes, salt));
    RETURN_IF_ERROR(publish_generation(number));
    file_ = std::move(file);
    salt_ = salt;
    allocated_bytes_ = allocated_bytes;
    generations_.push_back({number, kGenerationHeaderBytes, {}});
    trim();
    return {};
  }

  Result<Lsn> append(std::string_view payload, std::span<const PartitionId> partitions) override {
    if (payload.size() > kTranslogPayloadBytesMax) {
      return Error(error_types::kIllegalArgument, "a translog frame of " +
                                                      std::to_string(payload.size()) +
                                                      " bytes is longer than the limit of " +
                                                      std::to_string(kTranslogPayloadBytesMax));
    }
    const uint32_t payload_crc = crc32c(payload);
    bool rotated = false;
    Lsn lsn = 0;
    {
      const std::lock_guard append_lock(append_mutex_);
      ASSIGN_OR_RETURN(rotated, rotate_if_full(kFrameHeaderBytes + payload.size()));
      ASSIGN_OR_RETURN(lsn, write_frame(payload, payload_crc, partitions));
    }
    if (rotated) trim();
    return lsn;
  }

  Status sync(Lsn lsn) override {
    std::unique_lock lock(mutex_);
    ENSURE(lsn <= last_, "sync of a frame that was never appended");
    while (synced_ < lsn) {
      if (failure_) return *failure_;
      if (syncing_) {
        changed_.wait(lock);
        continue;
      }
      const std::shared_ptr<WritableFile> file = file_;
      finish_sync(lock, [&] { return file->sync(); });
    }
    return {};
  }

  Status status() const override {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    return {};
  }

  Status resume() override {
    const std::lock_guard append_lock(append_mutex_);
    uint64_t good_bytes = 0;
    std::string path;
    {
      const std::lock_guard lock(mutex_);
      if (failure_) return *failure_;
      if (!full_) return {};
      good_bytes = generations_.back().bytes;
      path = path_of(generations_.back().number);
    }
    // Half a frame may stand at the end. What is written from now on goes to another file.
    if (torn_) RETURN_IF_ERROR(fs_.truncate(path, good_bytes));
    torn_ = false;
    RETURN_IF_ERROR(rotate(0));
    const std::lock_guard lock(mutex_);
    full_.reset();
    return {};
  }

  Lsn last() const override {
    const std::lock_guard lock(mutex_);
    return last_;
  }
  Lsn synced() const override {
    const std::lock_guard lock(mutex_);
    return synced_;
  }

  void release(PartitionId partition, Lsn lsn) override {
    {
      const std::lock_guard lock(mutex_);
      for (Generation& generation : generations_) {
        const auto pin = generation.pins.find(partition);
        if (pin != generation.pins.end() && pin->second <= lsn) generation.pins.erase(pin);
      }
    }
    trim();
  }

  void drop(PartitionId partition) override {
    {
      const std::lock_guard lock(mutex_);
      for (Generation& generation : generations_) generation.pins.erase(partition);
    }
    trim();
  }

  std::optional<PartitionId> oldest_pin() const override {
    const std::lock_guard lock(mutex_);
    for (const Generation& generation : generations_) {
      const auto oldest =
          std::min_element(generation.pins.begin(), generation.pins.end(),
                           [](const auto& a, const auto& b) { return a.second < b.second; });
      if (oldest != generation.pins.end()) return oldest->first;
    }
    return std::nullopt;
  }

  uint64_t bytes() const override {
    const std::lock_guard lock(mutex_);
    uint64_t sum = 0;
    for (const Generation& generation : generations_) sum += generation.bytes;
    return sum;
  }
  uint64_t generations() const override {
    const std::lock_guard lock(mutex_);
    return generations_.size();
  }

 private:
  std::string path_of(uint64_t generation) const {
    return folder_ + "/" + generation_file_name(generation);
  }

  Result<Found> read_all(const PartitionsOf& partitions_of, const Replay& replay) const {
    ASSIGN_OR_RETURN(const std::vector<uint64_t> numbers, list_generations());
    Found found;
    for (size_t i = 0; i < numbers.size(); ++i) {
      Generation generation{numbers[i], 0, {}};
      const auto visit = [&](Lsn lsn, std::string_view payload) -> Status {
        ASSIGN_OR_RETURN(const std::vector<PartitionId> partitions, partitions_of(payload));
        generation.pin(partitions, lsn);
        return replay(lsn, payload);
      };
      const GenerationPlace place{numbers[i], i == 0 ? 0 : found.last + 1, i + 1 == numbers.size()};
      ASSIGN_OR_RETURN(found.newest, read_generation(fs_, path_of(numbers[i]), place, visit));
      found.last = found.newest->last;
      generation.bytes = found.newest->good_bytes;
      found.generations.push_back(std::move(generation));
    }
    if (found.newest && found.newest->good_bytes < found.newest->file_bytes) {
      log::warn("translog", "cut off a torn tail",
                {{"file", path_of(numbers.back())},
                 {"offset", std::to_string(found.newest->good_bytes)},
                 {"bytes", std::to_string(found.newest->file_bytes - found.newest->good_bytes)}});
    }
    return found;
  }

  // Its good bytes in a new file in place of it. What is read after an unclean end may be in memory
  // alone: the pages of a failed sync count as clean, another sync would not write them.
  Status rewrite(const std::string& path, uint64_t good_bytes) {
    const std::string new_path = folder_ + "/" + kNewFileName;
    {
      ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> old, fs_.open(path));
      ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file, fs_.create(new_path));
      for (uint64_t at = 0; at < good_bytes; at += kCopyBytes) {
        ASSIGN_OR_RETURN(const std::string bytes,
                         old->read(at, std::min(kCopyBytes, good_bytes - at)));
        RETURN_IF_ERROR(file->append(bytes));
      }
      RETURN_IF_ERROR(file->sync());
      RETURN_IF_ERROR(file->close());
    }
    RETURN_IF_ERROR(fs_.rename(new_path, path));
    return fs_.sync_folder(folder_);
  }

  Result<std::vector<uint64_t>> list_generations() const {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, fs_.list(folder_));
    std::vector<uint64_t> numbers;
    for (const std::string& name : names) {
      const std::optional<uint64_t> number = generation_of_file_name(name);
      if (!number) continue;
      if (!numbers.empty() && *number != numbers.back() + 1) {
        return Error(error_types::kCorruption,
                     "translog file [" + path_of(numbers.back() + 1) + "] is missing");
      }
      numbers.push_back(*number);
    }
    return numbers;
  }

  // A file for another generation, under a name of no meaning: a failure harms nothing. `bytes` are
  // allocated, or none when the disk has no room for so many: then each frame asks for its own.
  Result<std::shared_ptr<WritableFile>> prepare_generation(uint64_t number, uint64_t& bytes,
                                                           uint32_t& salt) {
    fill_random(&salt, sizeof(salt));
    ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, fs_.create(folder_ + "/" + kNewFileName));
    if (Status allocated = file->allocate(bytes); !allocated) {
      if (!is_disk_full(allocated.error())) return allocated.error();
      bytes = 0;
    }
    RETURN_IF_ERROR(file->append(encode_generation_header({number, last() + 1, salt})));
    RETURN_IF_ERROR(file->sync());
    return std::shared_ptr<WritableFile>(std::move(file));
  }
  // It is durable under its name when this returns. Replaces an empty generation of the same
  // number.
  Status publish_generation(uint64_t number) {
    RETURN_IF_ERROR(fs_.rename(folder_ + "/" + kNewFileName, path_of(number)));
    return fs_.sync_folder(folder_);
  }

  // Under append_mutex_. Tells whether it began a new generation.
  Result<bool> rotate_if_full(uint64_t bytes_more) {
    {
      const std::lock_guard lock(mutex_);
      if (failure_) return *failure_;
      if (full_) return *full_;
      const Generation& current = generations_.back();
      const bool full = current.bytes > kGenerationHeaderBytes &&
                        current.bytes + bytes_more > options_.generation_bytes;
      if (!full) return false;
    }
    if (Status rotated = rotate(bytes_more); !rotated) return rotated.error();
    return true;
  }

  // Under append_mutex_.
  Status rotate(uint64_t bytes_more) {
    std::unique_lock lock(mutex_);
    const uint64_t number = generations_.back().number + 1;
    uint64_t bytes = std::max(options_.generation_bytes, kGenerationHeaderBytes + bytes_more);
    changed_.wait(lock, [&] { return !syncing_; });
    if (failure_) return *failure_;
    std::shared_ptr<WritableFile> next;
    std::optional<Error> no_room;
    uint32_t salt = 0;
    finish_sync(lock, [&]() -> Status {
      RETURN_IF_ERROR(file_->sync());
      auto prepared = prepare_generation(number, bytes, salt);
      if (!prepared) {
        if (!is_disk_full(prepared.error())) return prepared.error();
        no_room = prepared.error();
        return {};
      }
      next = std::move(*prepared);
      return publish_generation(number);
    });
    if (failure_) return *failure_;
    if (no_room) return *(full_ = std::move(no_room));
    salt_ = salt;
    allocated_bytes_ = bytes;
    file_ = std::move(next);
    generations_.push_back({number, kGenerationHeaderBytes, {}});
    return {};
  }

  // Under append_mutex_: a frame that is longer than what was allocated gets its room first, so
  // that a full disk tears none where space can be allocated.
  Status make_room(uint64_t frame_bytes) {
    uint64_t end = 0;
    {
      const std::lock_guard lock(mutex_);
      end = generations_.back().bytes + frame_bytes;
    }
    if (end <= allocated_bytes_) return {};
    RETURN_IF_ERROR(file_->allocate(end));
    allocated_bytes_ = end;
    return {};
  }

  // Under append_mutex_.
  Result<Lsn> write_frame(std::string_view payload, uint32_t payload_crc,
                          std::span<const PartitionId> partitions) {
    FrameHeader header{static_cast<uint32_t>(payload.size()), payload_crc, 0, 0};
    {
      const std::lock_guard lock(mutex_);
      if (failure_) return *failure_;
      header.lsn = last_ + 1;
      header.synced = synced_;
    }
    const std::string header_bytes = encode_frame_header(header, salt_);
    const std::string_view parts[] = {header_bytes, payload};
    Status written = make_room(header_bytes.size() + payload.size());
    if (written) {
      written = file_->append_parts(parts);
      torn_ = !written;
    }
    const std::lock_guard lock(mutex_);
    if (!written) {
      if (is_disk_full(written.error())) return *(full_ = written.error());
      fail(written.error());
      return *failure_;
    }
    last_ = header.lsn;
    generations_.back().bytes += header_bytes.size() + payload.size();
    generations_.back().pin(partitions, header.lsn);
    return header.lsn;
  }

  // Runs `work`, which makes everything appended so far durable, with mutex_ given up meanwhile, as
  // the only one that syncs.
  template <typename Work>
  void finish_sync(std::unique_lock<std::mutex>& lock, const Work& work) {
    const Lsn target = last_;
    syncing_ = true;
    lock.unlock();
    const Status done = work();
    lock.lock();
    syncing_ = false;
    if (done) {
      synced_ = std::max(synced_, target);
    } else {
      fail(done.error());
    }
    changed_.notify_all();
  }

  // Under mutex_.
  void fail(const Error& error) {
    if (failure_) return;
    failure_ = error;
    log::error("translog", "failed, nothing is accepted any more", {{"reason", error.reason}});
    changed_.notify_all();
  }

  // Removes generations that nobody needs from the old end. One is durably gone before the next
  // goes, so that no crash leaves a gap.
  void trim() {
    const std::lock_guard trim_lock(trim_mutex_);
    for (;;) {
      uint64_t number = 0;
      {
        const std::lock_guard lock(mutex_);
        if (failure_ || generations_.size() < 2 || !generations_.front().pins.empty()) return;
        number = generations_.front().number;
      }
      const Status removed = remove_generation(path_of(number));
      if (!removed) {
        log::warn("translog", "cannot remove a generation", {{"reason", removed.error().reason}});
        return;
      }
      const std::lock_guard lock(mutex_);
      generations_.pop_front();
    }
  }

  Status remove_generation(const std::string& path) {
    if (fs_.exists(path)) RETURN_IF_ERROR(fs_.remove(path));
    return fs_.sync_folder(folder_);
  }

  Status close_cleanly() {
    RETURN_IF_ERROR(sync(last_));
    if (torn_) return file_->close();  // a torn tail is cut off at the next start
    if (generations_.back().bytes > kGenerationHeaderBytes) {
      RETURN_IF_ERROR(file_->append(encode_frame_header({0, crc32c({}), last_, last_}, salt_)));
      RETURN_IF_ERROR(file_->sync());
    }
    return file_->close();
  }

  FileSystem& fs_;
  const std::string folder_;
  const TranslogOptions options_;

  std::mutex append_mutex_;
  std::mutex trim_mutex_;
  // Of the newest generation; under append_mutex_.
  uint32_t salt_ = 0;
  uint64_t allocated_bytes_ = 0;
  bool torn_ = false;  // half a frame stands behind its good bytes

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // syncing_, synced_ or failure_ has
  bool syncing_ = false;
  Lsn last_ = 0;
  Lsn synced_ = 0;
  std::optional<Error> failure_;
  std::optional<Error> full_;           // the disk had no room for a frame
  std::deque<Generation> generations_;  // never empty once started; the last one is written to
  std::shared_ptr<WritableFile> file_;  // changes under append_mutex_ and mutex_
};

}  // namespace

Result<std::unique_ptr<Translog>> Translog::open(FileSystem& fs, const std::string& folder,
                                                 const TranslogOptions& options,
                                                 const PartitionsOf& partitions_of,
                                                 const Replay& replay) {
  auto log = std::make_unique<FileTranslog>(fs, folder, options);
  RETURN_IF_ERROR(log->start(partitions_of, replay));
  return std::unique_ptr<Translog>(std::move(log));
}

}  // namespace stratalog::storage
