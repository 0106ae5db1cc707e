// A node's data folder: who may use it, in which format it is, where its parts lie, and the reserve
// for a full disk.
//
//   lock       held while a process uses the folder
//   format     "stratalog data folder, format 1" and a newline
//   reserve    space kept back, see DiskReserve
//   store/     storage/store.h
//   translog/  storage/translog.h
//
// Threads DataFolder: any thread after open. DiskReserve: one at a time.
// Errors  illegal_state_exception: another process uses it, or it has a format that this version
//         does not know. corruption_exception: it has data but no readable format file.
//         io_exception.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "storage/fs.h"

namespace stratalog::storage {

inline constexpr uint32_t kDataFolderFormat = 1;

// Enough for the removal of segments, and for the catalog and the system indices, to go on for
// hours on a full disk.
inline constexpr uint64_t kDiskReserveBytes = 64 << 20;
// But no more than this part of a small disk.
inline constexpr uint64_t kDiskReserveShare = 20;

// A file without content that keeps space allocated: freed when the disk is full, so that what
// makes room can write; made again when there is room. On file systems that cannot allocate ahead
// it keeps nothing.
class DiskReserve {
 public:
  DiskReserve(FileSystem& fs, std::string path, uint64_t bytes)
      : fs_(fs), path_(std::move(path)), bytes_(bytes) {}

  bool present() const { return fs_.exists(path_); }
  Status
  create();  // present is fine; a full disk is told by is_disk_full(), and nothing is kept then
  Status release();  // absent is fine
  uint64_t bytes() const { return bytes_; }

 private:
  FileSystem& fs_;
  const std::string path_;
  const uint64_t bytes_;
};

class DataFolder {
 public:
  // Creates the folder with its parts if it is new. A folder with files of others in it is taken as
  // new.
  static Result<std::unique_ptr<DataFolder>> open(FileSystem& fs, const std::string& path);

  FileSystem& fs() const { return fs_; }
  const std::string& path() const { return path_; }
  std::string store_folder() const { return path_ + "/store"; }
  std::string translog_folder() const { return path_ + "/translog"; }
  DiskReserve& reserve() { return reserve_; }
  Result<DiskSpace> space() const { return fs_.space(path_); }

 private:
  DataFolder(FileSystem& fs, std::string path, std::unique_ptr<FileLock> lock,
             uint64_t reserve_bytes);
  Status check_format();

  FileSystem& fs_;
  const std::string path_;
  const std::unique_ptr<FileLock> lock_;
  DiskReserve reserve_;
};

}  // namespace stratalog::storage
