#include "index/partition/virtual_shards.h"

#include <algorithm>
#include <bit>

#include "base/hash.h"

namespace stratalog::index {

namespace {

constexpr uint32_t kRoutingShardsLog2 = 10;  // Elasticsearch aims at 1,024 by doubling

uint32_t floor_mod(int64_t value, uint32_t divisor) {
  const int64_t rest = value % divisor;
  return static_cast<uint32_t>(rest < 0 ? rest + divisor : rest);
}

// MetadataCreateIndexService.calculateNumRoutingShards.
uint32_t default_routing_shards(uint32_t shards) {
  const auto log2 = static_cast<uint32_t>(std::bit_width(shards - 1));
  const uint32_t splits = log2 < kRoutingShardsLog2 ? kRoutingShardsLog2 - log2 : 1;
  return shards << splits;
}

uint32_t number(const IndexMetadata& index, std::string_view setting, uint32_t fallback) {
  const auto value = json::Value(index.setting(setting, "")).to_int();
  return value && *value > 0 ? static_cast<uint32_t>(*value) : fallback;
}

}  // namespace

VirtualShards::VirtualShards(const IndexMetadata& index) : shards_(index.number_of_shards()) {
  if (shards_ <= 1) {
    shards_ = 1;
    return;
  }
  routing_shards_ =
      std::max(shards_, number(index, "number_of_routing_shards", default_routing_shards(shards_)));
  partition_size_ = number(index, "routing_partition_size", 1);
}

uint32_t VirtualShards::compute(std::string_view id,
                                std::optional<std::string_view> routing) const {
  int64_t hash = routing_hash(routing.value_or(id));
  if (partition_size_ > 1) hash += floor_mod(routing_hash(id), partition_size_);
  // Java adds in 32 bits.
  return floor_mod(static_cast<int32_t>(hash), routing_shards_) / (routing_shards_ / shards_);
}

std::string_view VirtualShards::key(std::string_view id, uint32_t shard,
                                    std::string& buffer) const {
  if (single()) return id;
  buffer.assign(id);
  for (int shift = 0; shift < 32; shift += 8) buffer.push_back(static_cast<char>(shard >> shift));
  return buffer;
}

}  // namespace stratalog::index
