#include "storage/rocks_block.h"

namespace stratalog::storage {

PinnedBlock::PinnedBlock() = default;
PinnedBlock::PinnedBlock(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)), bytes_(impl_->slice().data(), impl_->slice().size()) {}
PinnedBlock::~PinnedBlock() = default;
PinnedBlock::PinnedBlock(PinnedBlock&& other) noexcept
    : impl_(std::move(other.impl_)), bytes_(std::exchange(other.bytes_, {})) {}
PinnedBlock& PinnedBlock::operator=(PinnedBlock&& other) noexcept {
  impl_ = std::move(other.impl_);
  bytes_ = std::exchange(other.bytes_, {});
  return *this;
}

PinnedBlock PinnedBlock::copy(std::string_view bytes) {
  auto impl = std::make_unique<Impl>(nullptr);
  impl->slice().PinSelf(rocksdb::Slice(bytes.data(), bytes.size()));
  return PinnedBlock(std::move(impl));
}

}  // namespace stratalog::storage
