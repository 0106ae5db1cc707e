// The store on RocksDB: database in <folder>/db, segment files being written in <folder>/incoming.
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>

#include "base/ensure.h"
#include "storage/rocks_block.h"
#include "storage/rocks_core.h"
#include "storage/rocks_status.h"
#include "storage/segment_key.h"
#include "storage/store.h"

namespace stratalog::storage {

namespace {

// The least key that is greater than every key with the prefix; empty: there is none.
std::string end_of_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

class RocksSegmentFileWriter final : public SegmentFileWriter {
 public:
  explicit RocksSegmentFileWriter(std::shared_ptr<RocksCore> core)
      : core_(std::move(core)), path_(core_->incoming_path(uid_)), options_(core_->file_options()) {
    // A new segment is asked for at once: leave its pages to the system.
    writer_ = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(options_), options_,
                                                       nullptr, false);
  }

  ~RocksSegmentFileWriter() override {
    writer_.reset();
    if (opened_ && core_->fs().exists(path_)) static_cast<void>(core_->fs().remove(path_));
  }

  Status start() {
    RETURN_IF_ERROR(core_->check_writable());
    const rocksdb::Status status = writer_->Open(path_);
    opened_ = true;
    if (!status.ok()) return to_error("cannot create segment file [" + path_ + "]", status);
    return {};
  }

  const SegmentUid& uid() const override { return uid_; }

  Result<uint32_t> add(std::string_view block) override {
    ENSURE(!finished_, "block added to a finished segment");
    const SegmentKey key(uid_, block_count_);
    const rocksdb::Status status = writer_->Put(slice_of(key.bytes()), slice_of(block));
    if (!status.ok()) return to_error("cannot write segment file [" + path_ + "]", status);
    bytes_written_ += block.size();
    return block_count_++;
  }

  uint32_t block_count() const override { return block_count_; }
  uint64_t bytes_written() const override { return bytes_written_; }

  Result<std::shared_ptr<SegmentHandle>> finish() override {
    ENSURE(!finished_, "segment finished twice");
    finished_ = true;
    if (block_count_ == 0)
      return Error(error_types::kIllegalState, "a segment without blocks cannot be finished");
    rocksdb::ExternalSstFileInfo info;
    const rocksdb::Status status = writer_->Finish(&info);
    if (!status.ok()) return to_error("cannot finish segment file [" + path_ + "]", status);
    return core_->ingest({uid_, info.file_size, block_count_}, path_);
  }

 private:
  const std::shared_ptr<RocksCore> core_;
  const SegmentUid uid_ = SegmentUid::random();
  const std::string path_;
  const rocksdb::Options options_;
  std::unique_ptr<rocksdb::SstFileWriter> writer_;
  uint32_t block_count_ = 0;
  uint64_t bytes_written_ = 0;
  bool opened_ = false;
  bool finished_ = false;
};

class RocksStore final : public Store {
 public:
  explicit RocksStore(std::shared_ptr<RocksCore> core) : core_(std::move(core)) {}
  ~RocksStore() override { core_->close(); }

  Result<std::optional<std::string>> get(std::string_view key) const override {
    return core_->get(key);
  }
  Status write(const CatalogBatch& batch) override { return core_->write(batch); }

  Status scan(
      std::string_view prefix,
      const std::function<Status(std::string_view, std::string_view)>& visit) const override {
    const std::string end = end_of_prefix(prefix);
    std::string first(prefix);
    for (;;) {
      ASSIGN_OR_RETURN(const RocksCore::Page page, core_->read_page(first, end));
      for (const auto& [key, value] : page.records) RETURN_IF_ERROR(visit(key, value));
      if (page.last) return {};
      first = page.records.back().first + '\0';
    }
  }

  Result<std::unique_ptr<SegmentFileWriter>> create_segment() override {
    auto writer = std::make_unique<RocksSegmentFileWriter>(core_);
    RETURN_IF_ERROR(writer->start());
    return std::unique_ptr<SegmentFileWriter>(std::move(writer));
  }
  Result<std::shared_ptr<SegmentHandle>> open_segment(const SegmentUid& uid) override {
    return core_->make_handle(uid);
  }
  Status drop_segment(const SegmentUid& uid) override { return core_->drop(uid); }
  Result<std::vector<SegmentUid>> list_segments() const override { return core_->list(); }

  Status status() const override { return core_->status(); }
  Status reopen() override { return core_->reopen(); }
  Status verify() const override { return core_->verify(); }
  StoreStats stats() const override { return core_->stats(); }

 private:
  const std::shared_ptr<RocksCore> core_;
};

}  // namespace

Result<std::unique_ptr<Store>> Store::open(FileSystem& fs, const std::string& folder,
                                           const StoreOptions& options) {
  auto core = std::make_shared<RocksCore>(fs, folder, options);
  RETURN_IF_ERROR(core->start());
  return std::unique_ptr<Store>(std::make_unique<RocksStore>(std::move(core)));
}

}  // namespace stratalog::storage
