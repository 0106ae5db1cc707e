// The catalog's records: keys and values in the store's catalog family. Values are JSON with a
// version, so that a record can be read by people and by later versions.
//
//   cluster                    {"v":1, "cluster_uuid":..., "next_partition":..., "persistent":{...}}
//   index/<partition>          {"v":1, "name":..., "uuid":..., "type":..., "state":...,
//                               "settings":{...}, "aliases":{...}, ...}
//   mapping/<partition>        the mapping's JSON
//   template/<kind>/<name>     the normalized body; kind is legacy, index or component
//   segments/<partition>       index/partition/partition_record.h
//   deletes/<partition>/<uid>  index/partition/partition_record.h
//   retries/<partition>/<n>    index/retries/retry_ledger.h
//   record/<key>               of layers above (Engine::put_record)
//
// <partition> is 16 hex digits.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "index/catalog.h"
#include "storage/translog.h"

namespace stratalog::index::records {

inline constexpr std::string_view kCluster = "cluster";
inline constexpr std::string_view kIndexPrefix = "index/";
inline constexpr std::string_view kMappingPrefix = "mapping/";
inline constexpr std::string_view kTemplatePrefix = "template/";
inline constexpr std::string_view kSegmentsPrefix = "segments/";
inline constexpr std::string_view kDeletesPrefix = "deletes/";
inline constexpr std::string_view kRetriesPrefix = "retries/";
inline constexpr std::string_view kRecordPrefix = "record/";

std::string partition_key(std::string_view prefix, storage::PartitionId partition);

// Without the mapping, but with its type.
std::string encode_index(const IndexMetadata& index);
struct IndexRecord {
  std::shared_ptr<IndexMetadata> index;
  std::string type;
};
Result<IndexRecord> decode_index(std::string_view record);

struct Cluster {
  std::string cluster_uuid;
  storage::PartitionId next_partition = 1;
  json::Value persistent_settings = json::Value::object();
};
std::string encode_cluster(const Cluster& cluster);
Result<Cluster> decode_cluster(std::string_view record);

}  // namespace stratalog::index::records
