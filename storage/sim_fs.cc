#include "storage/sim_fs.h"

#include <algorithm>
#include <cerrno>

#include "base/ensure.h"

namespace stratalog::storage {

namespace {

constexpr uint64_t kPageBytes = 4096;
constexpr uint64_t kUnlimitedBytes = uint64_t{1} << 40;

// Without doubled and trailing slashes.
std::string normal(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out.push_back(c);
  }
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

}  // namespace

struct SimFs::File {
  std::string bytes;
  uint64_t synced_bytes = 0;
  uint64_t allocated_bytes = 0;
  std::vector<std::pair<uint64_t, uint64_t>> lost;  // [begin, end): never durable, a sync failed

  uint64_t used_bytes() const { return std::max<uint64_t>(bytes.size(), allocated_bytes); }

  void cut(uint64_t size) {
    bytes.resize(size, '\0');
    synced_bytes = std::min(synced_bytes, size);
    allocated_bytes = size;
    std::erase_if(lost, [&](const auto& range) { return range.first >= size; });
  }

  void crash(Torn torn, std::mt19937_64& random) {
    const uint64_t unsynced = bytes.size() - synced_bytes;
    const uint64_t kept = torn == Torn::kNothing ? 0 : random() % (unsynced + 1);
    const uint64_t durable = synced_bytes;
    cut(synced_bytes + kept);
    for (const auto& [begin, end] : lost) zero(begin, end);
    if (torn == Torn::kHoles) {
      for (uint64_t at = durable; at < bytes.size(); at = (at / kPageBytes + 1) * kPageBytes) {
        if (random() % 2 == 0) zero(at, (at / kPageBytes + 1) * kPageBytes);
      }
    }
    synced_bytes = bytes.size();
    lost.clear();
  }

 private:
  void zero(uint64_t begin, uint64_t end) {
    for (uint64_t at = begin; at < std::min<uint64_t>(end, bytes.size()); ++at) bytes[at] = '\0';
  }
};

class SimFs::Writable final : public WritableFile {
 public:
  Writable(SimFs& fs, FilePtr file, std::string path)
      : fs_(fs), file_(std::move(file)), path_(std::move(path)), crashes_(fs.crashes_) {}

  Status append(std::string_view bytes) override {
    return guarded([&] { return fs_.append(*file_, bytes, path_); });
  }
  Status append_parts(std::span<const std::string_view> parts) override {
    std::string all;
    for (const std::string_view part : parts) all.append(part);
    return append(all);
  }
  Status sync() override {
    return guarded([&] { return fs_.sync(*file_, path_); });
  }
  Status allocate(uint64_t bytes_total) override {
    return guarded([&] { return fs_.allocate(*file_, bytes_total, path_); });
  }
  Status close() override {
    return guarded([&] { return fs_.begin_change("cannot close", path_); });
  }

 private:
  template <typename Call>
  Status guarded(const Call& call) {
    const std::lock_guard lock(fs_.mutex_);
    if (crashes_ != fs_.crashes_) return io_error("cannot use after a crash", path_, EIO);
    return call();
  }

  SimFs& fs_;
  const FilePtr file_;
  const std::string path_;
  const uint64_t crashes_;
};

class SimFs::Readable final : public ReadableFile {
 public:
  Readable(const SimFs& fs, FilePtr file, std::string path)
      : fs_(fs), file_(std::move(file)), path_(std::move(path)), crashes_(fs.crashes_) {}

  Result<std::string> read(uint64_t offset, uint64_t bytes) const override {
    const std::lock_guard lock(fs_.mutex_);
    RETURN_IF_ERROR(check());
    if (offset >= file_->bytes.size()) return std::string();
    return file_->bytes.substr(offset, bytes);
  }
  Result<uint64_t> size() const override {
    const std::lock_guard lock(fs_.mutex_);
    RETURN_IF_ERROR(check());
    return uint64_t{file_->bytes.size()};
  }

 private:
  Status check() const {
    if (crashes_ != fs_.crashes_) return io_error("cannot use after a crash", path_, EIO);
    return fs_.begin_read("cannot read", path_);
  }

  const SimFs& fs_;
  const FilePtr file_;
  const std::string path_;
  const uint64_t crashes_;
};

class SimFs::Lock final : public FileLock {
 public:
  Lock(SimFs& fs, std::string path) : fs_(fs), path_(std::move(path)), crashes_(fs.crashes_) {}
  ~Lock() override {
    const std::lock_guard lock(fs_.mutex_);
    if (crashes_ == fs_.crashes_) fs_.locked_.erase(path_);
  }

 private:
  SimFs& fs_;
  const std::string path_;
  const uint64_t crashes_;
};

void SimFs::fail(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  calls_at_fault_ = calls_;
  has_failed_ = false;
}

void SimFs::heal() {
  const std::lock_guard lock(mutex_);
  fault_.reset();
}

uint64_t SimFs::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

bool SimFs::has_failed() const {
  const std::lock_guard lock(mutex_);
  return has_failed_;
}

void SimFs::crash(Torn torn, uint64_t seed) {
  const std::lock_guard lock(mutex_);
  std::mt19937_64 random(seed);
  const uint64_t survivors = torn == Torn::kNothing ? 0 : random() % (pending_.size() + 1);
  for (uint64_t i = 0; i < survivors; ++i) apply(pending_[i], durable_names_);
  pending_.clear();
  names_ = durable_names_;
  std::set<File*> seen;
  for (const auto& [path, file] : names_) {
    if (seen.insert(file.get()).second) file->crash(torn, random);
  }
  locked_.clear();
  fault_.reset();
  ++crashes_;
}

void SimFs::set_capacity(std::optional<uint64_t> bytes) {
  const std::lock_guard lock(mutex_);
  capacity_bytes_ = bytes;
}

uint64_t SimFs::used() const {
  const std::lock_guard lock(mutex_);
  return used_bytes();
}

void SimFs::set_no_allocation(bool none) {
  const std::lock_guard lock(mutex_);
  no_allocation_ = none;
}

void SimFs::flip_bit(const std::string& path, uint64_t offset) {
  const std::lock_guard lock(mutex_);
  const FilePtr file = find(path);
  ENSURE(file && offset < file->bytes.size());
  file->bytes[offset] = static_cast<char>(file->bytes[offset] ^ 4);
}

Result<std::unique_ptr<WritableFile>> SimFs::create(const std::string& path) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_change("cannot create", path));
  const std::string name = normal(path);
  if (!folders_.contains(folder_of(name))) return io_error("cannot create", path, ENOENT);
  FilePtr file = find(name);
  if (file) {
    file->cut(0);
  } else {
    file = std::make_shared<File>();
    change({{name, file}});
  }
  return std::unique_ptr<WritableFile>(std::make_unique<Writable>(*this, std::move(file), name));
}

Result<std::unique_ptr<ReadableFile>> SimFs::open(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_read("cannot open", path));
  FilePtr file = find(path);
  if (!file) return io_error("cannot open", path, ENOENT);
  return std::unique_ptr<ReadableFile>(std::make_unique<Readable>(*this, std::move(file), path));
}

Result<std::vector<std::string>> SimFs::list(const std::string& folder) const {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_read("cannot list", folder));
  const std::string inside = normal(folder);
  if (!folders_.contains(inside)) return io_error("cannot list", folder, ENOENT);
  std::set<std::string> found;
  const auto add = [&](const std::string& path) {
    if (path != inside && folder_of(path) == inside) found.insert(path.substr(path.rfind('/') + 1));
  };
  for (const auto& [path, file] : names_) add(path);
  for (const std::string& path : folders_) add(path);
  return std::vector<std::string>(found.begin(), found.end());
}

bool SimFs::exists(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return find(path) != nullptr || folders_.contains(normal(path));
}

Status SimFs::create_folders(const std::string& path) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_change("cannot create folder", path));
  for (std::string at = normal(path);; at = folder_of(at)) {
    if (find(at)) return io_error("cannot create folder", at, ENOTDIR);
    folders_.insert(at);
    if (folder_of(at) == at) return {};
  }
}

Status SimFs::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_change("cannot remove", path));
  if (find(path)) {
    change({{normal(path), nullptr}});
    return {};
  }
  if (folders_.erase(normal(path)) == 0) return io_error("cannot remove", path, ENOENT);
  return {};
}

Status SimFs::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_change("cannot rename", from));
  FilePtr file = find(from);
  if (!file) return io_error("cannot rename", from, ENOENT);
  change({{normal(from), nullptr}, {normal(to), std::move(file)}});
  return {};
}

Status SimFs::link(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_change("cannot link", from));
  FilePtr file = find(from);
  if (!file) return io_error("cannot link", from, ENOENT);
  if (find(to)) return io_error("cannot link", to, EEXIST);
  change({{normal(to), std::move(file)}});
  return {};
}

Status SimFs::sync_folder(const std::string& path) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_change("cannot sync folder", path));
  const std::string inside = normal(path);
  if (!folders_.contains(inside)) return io_error("cannot sync folder", path, ENOENT);
  std::erase_if(pending_, [&](const Change& change) {
    const bool here = std::any_of(change.begin(), change.end(), [&](const auto& name) {
      return folder_of(name.first) == inside;
    });
    if (here) apply(change, durable_names_);
    return here;
  });
  return {};
}

Status SimFs::truncate(const std::string& path, uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_change("cannot cut", path));
  const FilePtr file = find(path);
  if (!file) return io_error("cannot cut", path, ENOENT);
  file->cut(bytes);
  file->synced_bytes = bytes;
  return {};
}

Result<std::unique_ptr<FileLock>> SimFs::lock(const std::string& path) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_change("cannot lock", path));
  const std::string name = normal(path);
  if (!locked_.insert(name).second) {
    return Error(error_types::kIllegalState, "[" + path + "] is locked by another process");
  }
  if (!find(name)) change({{name, std::make_shared<File>()}});
  return std::unique_ptr<FileLock>(std::make_unique<Lock>(*this, name));
}

Result<DiskSpace> SimFs::space(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(begin_read("cannot read the free space of", path));
  const uint64_t total = capacity_bytes_.value_or(kUnlimitedBytes);
  return DiskSpace{total, total - std::min(total, used_bytes())};
}

// All below under mutex_.

Status SimFs::begin_change(std::string_view action, const std::string& path) {
  ++calls_;
  if (!fault_) return {};
  const uint64_t call = calls_ - calls_at_fault_;
  if (fault_->only_once ? call != fault_->nth : call < fault_->nth) return {};
  has_failed_ = true;
  return io_error(action, path, fault_->disk_full ? ENOSPC : EIO);
}

Status SimFs::begin_read(std::string_view action, const std::string& path) const {
  const bool dead = fault_ && !fault_->only_once && has_failed_;
  return dead ? Status(io_error(action, path, EIO)) : Status();
}

Status SimFs::append(File& file, std::string_view bytes, const std::string& path) {
  Status begun = begin_change("cannot write", path);
  if (begun) begun = check_room(file, file.bytes.size() + bytes.size(), path);
  file.bytes.append(begun ? bytes : bytes.substr(0, bytes.size() / 2));
  return begun;
}

Status SimFs::sync(File& file, const std::string& path) {
  const Status begun = begin_change("cannot sync", path);
  if (begun) {
    file.synced_bytes = file.bytes.size();
  } else {
    file.lost.emplace_back(file.synced_bytes, file.bytes.size());
  }
  return begun;
}

Status SimFs::allocate(File& file, uint64_t bytes, const std::string& path) {
  RETURN_IF_ERROR(begin_change("cannot reserve space for", path));
  if (no_allocation_) return {};
  RETURN_IF_ERROR(check_room(file, bytes, path));
  file.allocated_bytes = std::max(file.allocated_bytes, bytes);
  return {};
}

Status SimFs::check_room(const File& file, uint64_t bytes, const std::string& path) const {
  if (!capacity_bytes_ || bytes <= file.used_bytes()) return {};
  if (used_bytes() - file.used_bytes() + bytes <= *capacity_bytes_) return {};
  return io_error("cannot write", path, ENOSPC);
}

uint64_t SimFs::used_bytes() const {
  uint64_t sum = 0;
  std::set<const File*> seen;
  for (const auto& [path, file] : names_) {
    if (seen.insert(file.get()).second) sum += file->used_bytes();
  }
  return sum;
}

void SimFs::change(Change change) {
  apply(change, names_);
  pending_.push_back(std::move(change));
}

void SimFs::apply(const Change& change, Names& names) {
  for (const auto& [path, file] : change) {
    if (file) {
      names[path] = file;
    } else {
      names.erase(path);
    }
  }
}

SimFs::FilePtr SimFs::find(const std::string& path) const {
  const auto found = names_.find(normal(path));
  return found == names_.end() ? nullptr : found->second;
}

}  // namespace stratalog::storage
