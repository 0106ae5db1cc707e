// The file system as the rest sees it: the real one, and a simulated one (storage/sim_fs.h) that
// forgets what was not synced and fails the n-th call. Every file operation of storage/ goes
// through here, RocksDB's too when it is simulated.
//
// Threads a FileSystem may be used from any thread; one file object by one thread at a time, but
//         that sync() may run beside append(): it then covers what was appended before it began.
// Errors  io_exception naming the path and the errno text; full disks are told by Error::fields
//         "disk_full" = "true".
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stratalog::storage {

class WritableFile {
 public:
  virtual ~WritableFile() = default;  // closes without sync
  virtual Status append(std::string_view bytes) = 0;
  // The parts one after the other, as if they were one append. Without a copy where the system can.
  virtual Status append_parts(std::span<const std::string_view> parts);
  virtual Status sync() = 0;  // data and what is needed to read it back (fdatasync)
  // Reserves space where the disk can; the file's size does not change.
  virtual Status allocate(uint64_t bytes_total) = 0;
  virtual Status close() = 0;
};

class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  // Up to `bytes` from `offset`; less only at the end of the file.
  virtual Result<std::string> read(uint64_t offset, uint64_t bytes) const = 0;
  virtual Result<uint64_t> size() const = 0;
};

// Held while a data folder is open; released by the destructor.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

struct DiskSpace {
  uint64_t total_bytes = 0;
  uint64_t available_bytes = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // Empty; what was there is cut to nothing.
  virtual Result<std::unique_ptr<WritableFile>> create(const std::string& path) = 0;
  virtual Result<std::unique_ptr<ReadableFile>> open(const std::string& path) const = 0;
  // The names in it, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& folder) const = 0;
  virtual bool exists(const std::string& path) const = 0;
  // With its parents, durable; present is fine.
  virtual Status create_folders(const std::string& path) = 0;
  virtual Status remove(const std::string& path) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  // A second name for the same file.
  virtual Status link(const std::string& from, const std::string& to) = 0;
  // Makes creations, renames and removals in it durable.
  virtual Status sync_folder(const std::string& path) = 0;
  // Cuts the file to `bytes` and gives back what is allocated behind; durable.
  virtual Status truncate(const std::string& path, uint64_t bytes) = 0;
  // Creates the file if need be. Held by another: illegal_state_exception.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
  virtual Result<DiskSpace> space(const std::string& path) const = 0;

  // write_file replaces a small file atomically: temporary file, sync, rename, sync of the folder.
  // A failure or a crash may leave the temporary file `path`.tmp.
  Status write_file(const std::string& path, std::string_view bytes);
  Result<std::string> read_file(const std::string& path) const;
};

// The machine's own; lives for ever. Files and folders that it creates are their owner's only.
FileSystem& real_file_system();

// An io_exception for a failed call on `path`; `error_number` is errno's. Names a full disk or
// quota in the fields.
Error io_error(std::string_view action, const std::string& path, int error_number);
bool is_disk_full(const Error& error);

std::string folder_of(const std::string& path);  // of "a/b": "a"; of "a": "."; of "/a": "/"

}  // namespace stratalog::storage
