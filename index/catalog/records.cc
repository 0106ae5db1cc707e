#include "index/catalog/records.h"

#include "index/catalog/aliases.h"

namespace stratalog::index::records {

namespace {

constexpr int64_t kVersion = 1;

Error corrupt(const char* what) {
  return Error(error_types::kCorruption,
               std::string("the catalog's record of ") + what + " can't be read");
}

// Reads members of a record; any that is missing or of another kind makes it bad.
class Reader {
 public:
  explicit Reader(const json::Value& record) : record_(record) {}
  bool ok() const { return ok_; }

  std::string text(std::string_view key) {
    const json::Value* value = record_.find(key);
    if (value == nullptr || !value->is_string()) return ok_ = false, "";
    return value->as_string();
  }
  int64_t number(std::string_view key) {
    const json::Value* value = record_.find(key);
    if (value == nullptr || !value->is_int()) return ok_ = false, 0;
    return value->as_int();
  }
  json::Value object(std::string_view key) {
    const json::Value* value = record_.find(key);
    if (value == nullptr || !value->is_object()) return ok_ = false, json::Value::object();
    return *value;
  }

 private:
  const json::Value& record_;
  bool ok_ = true;
};

}  // namespace

std::string partition_key(std::string_view prefix, storage::PartitionId partition) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string key(prefix);
  for (int shift = 60; shift >= 0; shift -= 4) key += kHex[(partition >> shift) & 15];
  return key;
}

std::string encode_index(const IndexMetadata& index) {
  return json::to_string(json::Value::object({
      {"v", kVersion},
      {"name", index.name},
      {"uuid", index.uuid},
      {"partition", static_cast<int64_t>(index.partition)},
      {"type", index.mapping == nullptr ? std::string() : index.mapping->type()},
      {"state", index.state == IndexState::kOpen ? "open" : "close"},
      {"creation_date", index.creation_date_ms},
      {"settings", index.settings},
      {"aliases", aliases_to_json(index.aliases)},
      {"version", index.version},
      {"mapping_version", index.mapping_version},
      {"settings_version", index.settings_version},
      {"aliases_version", index.aliases_version},
  }));
}

Result<IndexRecord> decode_index(std::string_view record) {
  auto parsed = json::parse(record);
  if (!parsed) return corrupt("an index");
  Reader reader(*parsed);
  auto index = std::make_shared<IndexMetadata>();
  const bool known = reader.number("v") == kVersion;
  index->name = reader.text("name");
  index->uuid = reader.text("uuid");
  const json::Value* type = parsed->find("type");
  index->partition = static_cast<storage::PartitionId>(reader.number("partition"));
  index->state = reader.text("state") == "open" ? IndexState::kOpen : IndexState::kClosed;
  index->creation_date_ms = reader.number("creation_date");
  index->settings = reader.object("settings");
  index->version = reader.number("version");
  index->mapping_version = reader.number("mapping_version");
  index->settings_version = reader.number("settings_version");
  index->aliases_version = reader.number("aliases_version");
  auto aliases = parse_aliases(reader.object("aliases"));
  if (!reader.ok() || !known || !aliases) return corrupt("an index");
  index->aliases = std::move(*aliases);
  return IndexRecord{std::move(index), type == nullptr ? std::string() : type->to_text()};
}

std::string encode_cluster(const Cluster& cluster) {
  return json::to_string(json::Value::object({
      {"v", kVersion},
      {"cluster_uuid", cluster.cluster_uuid},
      {"next_partition", static_cast<int64_t>(cluster.next_partition)},
      {"persistent", cluster.persistent_settings},
  }));
}

Result<Cluster> decode_cluster(std::string_view record) {
  auto parsed = json::parse(record);
  if (!parsed) return corrupt("the cluster");
  Reader reader(*parsed);
  Cluster cluster;
  const bool known = reader.number("v") == kVersion;
  cluster.cluster_uuid = reader.text("cluster_uuid");
  cluster.next_partition = static_cast<storage::PartitionId>(reader.number("next_partition"));
  cluster.persistent_settings = reader.object("persistent");
  if (!reader.ok() || !known) return corrupt("the cluster");
  return cluster;
}

}  // namespace stratalog::index::records
