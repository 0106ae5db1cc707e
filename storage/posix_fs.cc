// The machine's file system. Every descriptor is close-on-exec, so that no child keeps a file or a
// lock alive; calls that a signal interrupts are repeated; nothing else is.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <utility>

#include "storage/fs.h"

namespace stratalog::storage {

namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;

// A read of Linux moves a little less than 2 GiB at most (read(2)); stay below.
constexpr uint64_t kReadBytesMax = 1 << 30;

template <typename Call>
auto uninterrupted(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Result<Descriptor> open_descriptor(std::string_view action, const std::string& path, int flags) {
  const int fd = uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kFileMode); });
  if (fd < 0) return io_error(action, path, errno);
  return Descriptor(fd);
}

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(std::string path, Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  Status append(std::string_view bytes) override { return append_parts({&bytes, 1}); }

  Status append_parts(std::span<const std::string_view> parts) override {
    std::vector<iovec> left;
    left.reserve(parts.size());
    for (const std::string_view part : parts) {
      if (!part.empty()) left.push_back({const_cast<char*>(part.data()), part.size()});
    }
    size_t first = 0;
    while (first < left.size()) {
      const int count = static_cast<int>(std::min<size_t>(left.size() - first, IOV_MAX));
      const ssize_t written =
          uninterrupted([&] { return ::writev(fd_.get(), &left[first], count); });
      if (written < 0) return io_error("cannot write", path_, errno);
      first = skip(left, first, static_cast<size_t>(written));
    }
    return {};
  }

  Status sync() override {
    if (uninterrupted([&] { return ::fdatasync(fd_.get()); }) != 0)
      return io_error("cannot sync", path_, errno);
    return {};
  }

  Status allocate(uint64_t bytes_total) override {
    const int result = uninterrupted([&] {
      return ::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes_total));
    });
    if (result == 0 || errno == EOPNOTSUPP || errno == ENOSYS) return {};
    return io_error("cannot reserve space for", path_, errno);
  }

  Status close() override {
    const int fd = fd_.release();
    if (fd >= 0 && ::close(fd) != 0 && errno != EINTR)
      return io_error("cannot close", path_, errno);
    return {};
  }

 private:
  // Takes `bytes` off the front of what is left; returns the first part that still has some.
  static size_t skip(std::vector<iovec>& left, size_t first, size_t bytes) {
    while (first < left.size() && bytes >= left[first].iov_len) bytes -= left[first++].iov_len;
    if (bytes > 0) {
      left[first].iov_base = static_cast<char*>(left[first].iov_base) + bytes;
      left[first].iov_len -= bytes;
    }
    return first;
  }

  std::string path_;
  Descriptor fd_;
};

class PosixReadableFile final : public ReadableFile {
 public:
  PosixReadableFile(std::string path, Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  Result<std::string> read(uint64_t offset, uint64_t bytes) const override {
    ASSIGN_OR_RETURN(const uint64_t file_bytes, size());
    std::string out(offset < file_bytes ? std::min(bytes, file_bytes - offset) : 0, '\0');
    size_t done = 0;
    while (done < out.size()) {
      const size_t wanted = std::min<size_t>(out.size() - done, kReadBytesMax);
      const off_t at = static_cast<off_t>(offset + done);
      const ssize_t n =
          uninterrupted([&] { return ::pread(fd_.get(), out.data() + done, wanted, at); });
      if (n < 0) return io_error("cannot read", path_, errno);
      if (n == 0) break;  // cut by someone since its size was asked
      done += static_cast<size_t>(n);
    }
    out.resize(done);
    return out;
  }

  Result<uint64_t> size() const override {
    struct stat info{};
    if (::fstat(fd_.get(), &info) != 0) return io_error("cannot read the size of", path_, errno);
    return static_cast<uint64_t>(info.st_size);
  }

 private:
  std::string path_;
  Descriptor fd_;
};

class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  Descriptor fd_;  // flock's lock goes with its last descriptor
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override {
    ASSIGN_OR_RETURN(Descriptor fd,
                     open_descriptor("cannot create", path, O_WRONLY | O_CREAT | O_TRUNC));
    return std::unique_ptr<WritableFile>(std::make_unique<PosixWritableFile>(path, std::move(fd)));
  }

  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) const override {
    ASSIGN_OR_RETURN(Descriptor fd, open_descriptor("cannot open", path, O_RDONLY));
    return std::unique_ptr<ReadableFile>(std::make_unique<PosixReadableFile>(path, std::move(fd)));
  }

  Result<std::vector<std::string>> list(const std::string& folder) const override {
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(folder.c_str()), &::closedir);
    if (!entries) return io_error("cannot list", folder, errno);
    std::vector<std::string> names;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(entries.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return io_error("cannot list", folder, errno);
    std::sort(names.begin(), names.end());
    return names;
  }

  bool exists(const std::string& path) const override { return ::access(path.c_str(), F_OK) == 0; }

  Status create_folders(const std::string& path) override {
    if (::mkdir(path.c_str(), kFolderMode) == 0) return sync_folder(folder_of(path));
    if (errno == ENOENT && folder_of(path) != path) {
      RETURN_IF_ERROR(create_folders(folder_of(path)));
      if (::mkdir(path.c_str(), kFolderMode) == 0) return sync_folder(folder_of(path));
    }
    if (errno != EEXIST) return io_error("cannot create folder", path, errno);
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return io_error("cannot create folder", path, errno);
    if (!S_ISDIR(info.st_mode)) return io_error("cannot create folder", path, ENOTDIR);
    return {};
  }

  Status remove(const std::string& path) override {
    if (::remove(path.c_str()) != 0) return io_error("cannot remove", path, errno);
    return {};
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0)
      return io_error("cannot rename to [" + to + "] from", from, errno);
    return {};
  }

  Status link(const std::string& from, const std::string& to) override {
    if (::link(from.c_str(), to.c_str()) != 0)
      return io_error("cannot link to [" + to + "]", from, errno);
    return {};
  }

  Status sync_folder(const std::string& path) override {
    ASSIGN_OR_RETURN(const Descriptor fd,
                     open_descriptor("cannot open folder", path, O_RDONLY | O_DIRECTORY));
    if (uninterrupted([&] { return ::fsync(fd.get()); }) != 0)
      return io_error("cannot sync folder", path, errno);
    return {};
  }

  Status truncate(const std::string& path, uint64_t bytes) override {
    ASSIGN_OR_RETURN(const Descriptor fd, open_descriptor("cannot open", path, O_WRONLY));
    if (uninterrupted([&] { return ::ftruncate(fd.get(), static_cast<off_t>(bytes)); }) != 0) {
      return io_error("cannot cut", path, errno);
    }
    if (uninterrupted([&] { return ::fsync(fd.get()); }) != 0)
      return io_error("cannot sync", path, errno);
    return {};
  }

  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    ASSIGN_OR_RETURN(Descriptor fd,
                     open_descriptor("cannot open lock file", path, O_RDWR | O_CREAT));
    if (uninterrupted([&] { return ::flock(fd.get(), LOCK_EX | LOCK_NB); }) != 0) {
      if (errno != EWOULDBLOCK) return io_error("cannot lock", path, errno);
      return Error(error_types::kIllegalState, "[" + path + "] is locked by another process");
    }
    return std::unique_ptr<FileLock>(std::make_unique<PosixFileLock>(std::move(fd)));
  }

  Result<DiskSpace> space(const std::string& path) const override {
    struct statvfs info{};
    if (uninterrupted([&] { return ::statvfs(path.c_str(), &info); }) != 0) {
      return io_error("cannot read the free space of", path, errno);
    }
    return DiskSpace{static_cast<uint64_t>(info.f_blocks) * info.f_frsize,
                     static_cast<uint64_t>(info.f_bavail) * info.f_frsize};
  }
};

}  // namespace

FileSystem& real_file_system() {
  static PosixFileSystem instance;
  return instance;
}

}  // namespace stratalog::storage
