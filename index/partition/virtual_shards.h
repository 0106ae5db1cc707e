// The virtual shards of a partition: Elasticsearch keeps documents of one id apart when their
// routing leads them to different shards, and finds them only by a routing that leads there. One
// partition holds all data of an index; a document's key says which shard it would be on.
//
// Source  Elasticsearch's OperationRouting: shard = floorMod(murmur3(routing or id) + offset,
//         number_of_routing_shards) / (number_of_routing_shards / number_of_shards), where offset
//         is floorMod(murmur3(id), routing_partition_size) for a size above 1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "index/catalog.h"

namespace stratalog::index {

class VirtualShards {
 public:
  explicit VirtualShards(const IndexMetadata& index);

  bool single() const { return shards_ == 1; }
  uint32_t of(std::string_view id, const std::optional<std::string>& routing) const {
    return single() ? 0
                    : compute(id, routing ? std::optional<std::string_view>(*routing)
                                          : std::optional<std::string_view>());
  }

  // What tells a document from all others: its id, and its shard where there are several. Uses the
  // buffer only then.
  std::string_view key(std::string_view id, uint32_t shard, std::string& buffer) const;

 private:
  uint32_t compute(std::string_view id, std::optional<std::string_view> routing) const;

  uint32_t shards_ = 1;
  uint32_t routing_shards_ = 1;
  uint32_t partition_size_ = 1;
};

}  // namespace stratalog::index
