// A store of segments in memory, whose blocks can be damaged.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/store.h"

namespace stratalog::test {

class MemoryStore final : public storage::Store {
 public:
  using Blocks = std::vector<std::string>;

  Result<std::optional<std::string>> get(std::string_view) const override {
    return std::optional<std::string>();
  }
  Status write(const storage::CatalogBatch&) override { return {}; }
  Status scan(std::string_view,
              const std::function<Status(std::string_view, std::string_view)>&) const override {
    return {};
  }
  Result<std::unique_ptr<storage::SegmentFileWriter>> create_segment() override {
    return std::unique_ptr<storage::SegmentFileWriter>(std::make_unique<Writer>(*this));
  }
  Result<std::shared_ptr<storage::SegmentHandle>> open_segment(
      const storage::SegmentUid& uid) override {
    return std::shared_ptr<storage::SegmentHandle>(
        std::make_shared<Handle>(uid, segments_.at(uid)));
  }
  Status drop_segment(const storage::SegmentUid& uid) override {
    segments_.erase(uid);
    return {};
  }
  Result<std::vector<storage::SegmentUid>> list_segments() const override {
    std::vector<storage::SegmentUid> uids;
    for (const auto& [uid, blocks] : segments_) uids.push_back(uid);
    return uids;
  }
  Status status() const override { return {}; }
  Status reopen() override { return {}; }
  Status verify() const override { return {}; }
  storage::StoreStats stats() const override { return {}; }

  // Readers that are open see what is changed here.
  Blocks& blocks(const storage::SegmentUid& uid) { return *segments_.at(uid); }
  // The store's errors: every add() after so many fails.
  void fail_adds_after(uint32_t count) { adds_left_ = count; }

 private:
  class Handle final : public storage::SegmentHandle {
   public:
    Handle(const storage::SegmentUid& uid, std::shared_ptr<Blocks> blocks)
        : uid_(uid), blocks_(std::move(blocks)) {}
    const storage::SegmentUid& uid() const override { return uid_; }
    uint64_t file_bytes() const override {
      uint64_t bytes = 0;
      for (const std::string& block : *blocks_) bytes += block.size();
      return bytes;
    }
    uint32_t block_count() const override { return static_cast<uint32_t>(blocks_->size()); }
    Result<storage::PinnedBlock> get(uint32_t block, storage::CacheUse) const override {
      if (block >= blocks_->size()) return Error(error_types::kCorruption, "no such block");
      return storage::PinnedBlock::copy((*blocks_)[block]);
    }

   private:
    const storage::SegmentUid uid_;
    const std::shared_ptr<Blocks> blocks_;
  };

  class Writer final : public storage::SegmentFileWriter {
   public:
    explicit Writer(MemoryStore& store) : store_(store) {}
    const storage::SegmentUid& uid() const override { return uid_; }
    Result<uint32_t> add(std::string_view block) override {
      if (store_.adds_left_ == 0) return Error(error_types::kIo, "the disk is full");
      --store_.adds_left_;
      blocks_->emplace_back(block);
      bytes_ += block.size();
      return block_count() - 1;
    }
    uint32_t block_count() const override { return static_cast<uint32_t>(blocks_->size()); }
    uint64_t bytes_written() const override { return bytes_; }
    Result<std::shared_ptr<storage::SegmentHandle>> finish() override {
      store_.segments_[uid_] = blocks_;
      return store_.open_segment(uid_);
    }

   private:
    MemoryStore& store_;
    const storage::SegmentUid uid_ = storage::SegmentUid::random();
    const std::shared_ptr<Blocks> blocks_ = std::make_shared<Blocks>();
    uint64_t bytes_ = 0;
  };

  std::map<storage::SegmentUid, std::shared_ptr<Blocks>> segments_;
  uint32_t adds_left_ = UINT32_MAX;
};

}  // namespace stratalog::test
