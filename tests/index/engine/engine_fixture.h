// A vocabulary for stories about an engine. Its disk is simulated: it forgets what was not synced
// when the power goes, and fails when told to.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "index/engine.h"
#include "storage/sim_fs.h"

namespace stratalog::index {
class Host;
}

namespace stratalog::index::test {

// A string with the readable bytes behind it that the parser asks for.
class Padded {
 public:
  explicit Padded(std::string_view text) : bytes_(text), size_(text.size()) {
    bytes_.append(64, '\0');
  }
  std::string_view view() const { return std::string_view(bytes_).substr(0, size_); }

 private:
  std::string bytes_;
  size_t size_;
};

// A SimFs that calls back before a segment file is created: in the middle of a seal or merge.
class HookFs final : public storage::FileSystem {
 public:
  storage::SimFs disk;
  std::function<void()> before_segment;  // taken away before it is called

  Result<std::unique_ptr<storage::WritableFile>> create(const std::string& path) override;
  Result<std::unique_ptr<storage::ReadableFile>> open(const std::string& path) const override {
    return disk.open(path);
  }
  Result<std::vector<std::string>> list(const std::string& folder) const override {
    return disk.list(folder);
  }
  bool exists(const std::string& path) const override { return disk.exists(path); }
  Status create_folders(const std::string& path) override { return disk.create_folders(path); }
  Status remove(const std::string& path) override { return disk.remove(path); }
  Status rename(const std::string& from, const std::string& to) override {
    return disk.rename(from, to);
  }
  Status link(const std::string& from, const std::string& to) override {
    return disk.link(from, to);
  }
  Status sync_folder(const std::string& path) override { return disk.sync_folder(path); }
  Status truncate(const std::string& path, uint64_t bytes) override {
    return disk.truncate(path, bytes);
  }
  Result<std::unique_ptr<storage::FileLock>> lock(const std::string& path) override {
    return disk.lock(path);
  }
  Result<storage::DiskSpace> space(const std::string& path) const override {
    return disk.space(path);
  }
};

class EngineFixture {
 public:
  EngineFixture();
  ~EngineFixture();

  Engine& engine() { return *engine_; }
  Host& host();
  void reopen();  // as after the end of a process: nothing is sealed, the log is replayed
  void close_and_reopen();
  void cut_power(storage::SimFs::Torn torn = storage::SimFs::Torn::kNothing, uint64_t seed = 0);

  static json::Value json_of(std::string_view text);
  void create(const std::string& name, std::string_view settings = "{}",
              std::string_view mappings = "null");
  // One operation by itself.
  WriteResult index(const std::string& index, const std::string& id, std::string_view source);
  WriteResult create_doc(const std::string& index, const std::string& id, std::string_view source);
  WriteResult remove(const std::string& index, const std::string& id);
  WriteResult update(const std::string& index, const std::string& id, std::string_view body);
  WriteResult run(WriteOp op, std::string_view source = "");
  // "" if there is none.
  std::string source(const std::string& index, const std::string& id);
  uint64_t visible(const std::string& index);  // documents in the current view
  uint64_t refreshed(const std::string& index);

  HookFs fs;
  EngineOptions options;

 private:
  std::unique_ptr<Engine> engine_;
};

}  // namespace stratalog::index::test
