#include "storage/rocks_env.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstring>

namespace stratalog::storage {

namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus to_io_status(const Status& status) {
  if (status) return IOStatus::OK();
  const Error& error = status.error();
  return is_disk_full(error) ? IOStatus::NoSpace(error.reason) : IOStatus::IOError(error.reason);
}

IOStatus not_found(const std::string& path) { return IOStatus::PathNotFound("no such file", path); }

// Reads up to `n` bytes into `scratch`.
IOStatus read_into(const ReadableFile& file, uint64_t offset, size_t n, Slice* result,
                   char* scratch) {
  const Result<std::string> bytes = file.read(offset, n);
  if (!bytes) return IOStatus::IOError(bytes.error().reason);
  std::memcpy(scratch, bytes->data(), bytes->size());
  *result = Slice(scratch, bytes->size());
  return IOStatus::OK();
}

class SequentialFile final : public rocksdb::FSSequentialFile {
 public:
  explicit SequentialFile(std::unique_ptr<ReadableFile> file) : file_(std::move(file)) {}
  IOStatus Read(size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    const IOStatus status = read_into(*file_, offset_, n, result, scratch);
    if (status.ok()) offset_ += result->size();
    return status;
  }
  IOStatus Skip(uint64_t n) override {
    offset_ += n;
    return IOStatus::OK();
  }

 private:
  const std::unique_ptr<ReadableFile> file_;
  uint64_t offset_ = 0;
};

class RandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  explicit RandomAccessFile(std::unique_ptr<ReadableFile> file) : file_(std::move(file)) {}
  IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    return read_into(*file_, offset, n, result, scratch);
  }

 private:
  const std::unique_ptr<ReadableFile> file_;
};

class AppendedFile final : public rocksdb::FSWritableFile {
 public:
  explicit AppendedFile(std::unique_ptr<WritableFile> file) : file_(std::move(file)) {}
  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    const IOStatus status = to_io_status(file_->append({data.data(), data.size()}));
    if (status.ok()) bytes_ += data.size();
    return status;
  }
  // RocksDB cuts off what it reserved itself; nothing is reserved here.
  IOStatus Truncate(uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    return to_io_status(file_->close());
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return to_io_status(file_->sync()); }
  bool IsSyncThreadSafe() const override { return true; }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return bytes_; }

 private:
  const std::unique_ptr<WritableFile> file_;
  uint64_t bytes_ = 0;
};

class Folder final : public rocksdb::FSDirectory {
 public:
  Folder(storage::FileSystem& fs, std::string path) : fs_(fs), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return to_io_status(fs_.sync_folder(path_));
  }

 private:
  storage::FileSystem& fs_;
  const std::string path_;
};

class HeldLock final : public rocksdb::FileLock {
 public:
  explicit HeldLock(std::unique_ptr<storage::FileLock> lock) : lock_(std::move(lock)) {}

 private:
  const std::unique_ptr<storage::FileLock> lock_;
};

class NoLogger final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

class FileSystemAdapter final : public rocksdb::FileSystem {
 public:
  explicit FileSystemAdapter(storage::FileSystem& fs) : fs_(fs) {}

  const char* Name() const override { return "stratalog"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             IODebugContext*) override {
    return open_as<SequentialFile>(path, file);
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               IODebugContext*) override {
    return open_as<RandomAccessFile>(path, file);
  }
  IOStatus NewWritableFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext*) override {
    auto created = fs_.create(path);
    if (!created) return to_io_status(created.error());
    *file = std::make_unique<AppendedFile>(std::move(*created));
    return IOStatus::OK();
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* folder, IODebugContext*) override {
    *folder = std::make_unique<Folder>(fs_, path);
    return IOStatus::OK();
  }

  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    return fs_.exists(path) ? IOStatus::OK() : IOStatus::NotFound(path);
  }
  IOStatus GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* names,
                       IODebugContext*) override {
    if (!fs_.exists(path)) return not_found(path);
    auto listed = fs_.list(path);
    if (!listed) return to_io_status(listed.error());
    *names = std::move(*listed);
    return IOStatus::OK();
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return fs_.exists(path) ? to_io_status(fs_.remove(path)) : not_found(path);
  }
  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return to_io_status(fs_.create_folders(path));
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    return to_io_status(fs_.create_folders(path));
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return to_io_status(fs_.remove(path));
  }
  IOStatus GetFileSize(const std::string& path, const IOOptions&, uint64_t* bytes,
                       IODebugContext*) override {
    if (!fs_.exists(path)) return not_found(path);
    auto file = fs_.open(path);
    if (!file) return to_io_status(file.error());
    const Result<uint64_t> size = (*file)->size();
    if (!size) return to_io_status(size.error());
    *bytes = *size;
    return IOStatus::OK();
  }
  // Only used for the age of archived logs, of which there are none.
  IOStatus GetFileModificationTime(const std::string&, const IOOptions&, uint64_t* time_s,
                                   IODebugContext*) override {
    *time_s = 0;
    return IOStatus::OK();
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    return fs_.exists(from) ? to_io_status(fs_.rename(from, to)) : not_found(from);
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions&,
                    IODebugContext*) override {
    return fs_.exists(from) ? to_io_status(fs_.link(from, to)) : not_found(from);
  }
  IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** lock,
                    IODebugContext*) override {
    auto held = fs_.lock(path);
    if (!held) return to_io_status(held.error());
    *lock = std::make_unique<HeldLock>(std::move(*held)).release();  // comes back in UnlockFile
    return IOStatus::OK();
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    delete lock;
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string*, IODebugContext*) override {
    return IOStatus::NotSupported("no folder for tests");
  }
  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>* logger,
                     IODebugContext*) override {
    *logger = std::make_shared<NoLogger>();
    return IOStatus::OK();
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* absolute,
                           IODebugContext*) override {
    *absolute = path;
    return IOStatus::OK();
  }
  IOStatus GetFreeSpace(const std::string& path, const IOOptions&, uint64_t* bytes,
                        IODebugContext*) override {
    const Result<DiskSpace> space = fs_.space(path);
    if (!space) return to_io_status(space.error());
    *bytes = space->available_bytes;
    return IOStatus::OK();
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* is_folder,
                       IODebugContext*) override {
    *is_folder = fs_.list(path).ok();
    return IOStatus::OK();
  }

 private:
  template <typename Adapter, typename File>
  IOStatus open_as(const std::string& path, std::unique_ptr<File>* file) const {
    if (!fs_.exists(path)) return not_found(path);
    auto opened = fs_.open(path);
    if (!opened) return to_io_status(opened.error());
    *file = std::make_unique<Adapter>(std::move(*opened));
    return IOStatus::OK();
  }

  storage::FileSystem& fs_;
};

class FileKeeper final : public rocksdb::FileSystemWrapper {
 public:
  FileKeeper(const std::shared_ptr<rocksdb::FileSystem>& target, std::function<bool()> may_remove)
      : FileSystemWrapper(target), may_remove_(std::move(may_remove)) {}

  const char* Name() const override { return "stratalog keeper"; }

  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* debug) override {
    if (path.ends_with(".sst") && !may_remove_()) {
      return IOStatus::IOError("kept until the store is reopened", path);
    }
    return FileSystemWrapper::DeleteFile(path, options, debug);
  }

 private:
  const std::function<bool()> may_remove_;
};

}  // namespace

std::shared_ptr<rocksdb::Env> make_rocks_env(FileSystem& fs, std::function<bool()> may_remove) {
  const std::shared_ptr<rocksdb::FileSystem> files = &fs == &real_file_system()
                                                         ? rocksdb::FileSystem::Default()
                                                         : std::make_shared<FileSystemAdapter>(fs);
  return rocksdb::NewCompositeEnv(std::make_shared<FileKeeper>(files, std::move(may_remove)));
}

}  // namespace stratalog::storage
