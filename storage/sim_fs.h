// A file system in memory for tests of faults. It behaves like the worst that POSIX allows: -
// crash() forgets what was not synced: file content, and names that were created, renamed or
// removed in a folder that was not synced since. On request some of it survives, as a disk would
// leave it: torn. - The n-th call fails, or all from the n-th on. A failed append leaves half of
// its bytes. After a failed sync those bytes are never durable, though a later sync succeeds (as
// the kernel may throw dirty pages away). - Files and locks of before a crash answer every call
// with an error and hold nothing. - Cutting a file by create() is durable at once, without what
// follows it.
//
// Threads any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "storage/fs.h"

namespace stratalog::storage {

class SimFs final : public FileSystem {
 public:
  struct Fault {
    uint64_t nth = 1;        // of the calls from now on that change something, counting from 1
    bool only_once = false;  // else every call from then on fails, reads too
    bool disk_full = false;  // the error says so
  };
  void fail(const Fault& fault);
  void heal();              // no more faults
  uint64_t calls() const;   // that change something, since the beginning, failed ones included
  bool has_failed() const;  // since fail()

  enum class Torn {
    kNothing,  // only what was synced survives
    kPrefix,   // of each file some more bytes, and of the changes of names the first few
    kHoles,    // the same, with zeros in place of some pages
  };
  void crash(Torn torn = Torn::kNothing, uint64_t seed = 0);

  // Appends and allocations that would use more than this fail with a full disk. None: unlimited.
  void set_capacity(std::optional<uint64_t> bytes);
  uint64_t used() const;
  // As a file system that can't allocate ahead: allocations succeed and keep nothing.
  void set_no_allocation(bool none);

  // Damage done behind everybody's back.
  void flip_bit(const std::string& path, uint64_t offset);

  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override;
  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) const override;
  Result<std::vector<std::string>> list(const std::string& folder) const override;
  bool exists(const std::string& path) const override;
  Status create_folders(const std::string& path) override;
  Status remove(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status link(const std::string& from, const std::string& to) override;
  Status sync_folder(const std::string& path) override;
  Status truncate(const std::string& path, uint64_t bytes) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
  Result<DiskSpace> space(const std::string& path) const override;

 private:
  class Writable;
  class Readable;
  class Lock;
  struct File;
  using FilePtr = std::shared_ptr<File>;
  using Names = std::map<std::string, FilePtr>;
  // A change of names; null: the name goes.
  using Change = std::vector<std::pair<std::string, FilePtr>>;

  Status begin_change(std::string_view action, const std::string& path);
  Status begin_read(std::string_view action, const std::string& path) const;
  Status append(File& file, std::string_view bytes, const std::string& path);
  Status sync(File& file, const std::string& path);
  Status allocate(File& file, uint64_t bytes, const std::string& path);
  Status check_room(const File& file, uint64_t bytes, const std::string& path) const;
  uint64_t used_bytes() const;
  void change(Change change);
  static void apply(const Change& change, Names& names);
  FilePtr find(const std::string& path) const;

  mutable std::mutex mutex_;
  uint64_t crashes_ = 0;
  Names names_;
  Names durable_names_;
  std::vector<Change> pending_;  // between durable_names_ and names_, in order
  std::set<std::string> folders_;
  std::set<std::string> locked_;
  std::optional<uint64_t> capacity_bytes_;
  bool no_allocation_ = false;

  uint64_t calls_ = 0;
  std::optional<Fault> fault_;
  uint64_t calls_at_fault_ = 0;
  bool has_failed_ = false;
};

}  // namespace stratalog::storage
