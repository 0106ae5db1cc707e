#include "index/catalog/catalog_store.h"

#include <array>
#include <cstdlib>
#include <map>
#include <utility>

#include "index/catalog/records.h"
#include "index/catalog/templates.h"

namespace stratalog::index {

namespace {

// Of our own records: deeper than any mapping that an index may have.
constexpr uint32_t kRecordDepthMax = 4096;

using Templates = std::map<std::string, json::Value, std::less<>>;

std::string template_key(std::string_view kind, std::string_view name) {
  return std::string(records::kTemplatePrefix) + std::string(kind) + "/" + std::string(name);
}

void write_changed_templates(std::string_view kind, const Templates& before, const Templates& after,
                             storage::CatalogBatch& batch) {
  for (const auto& [name, body] : after) {
    const auto old = before.find(name);
    if (old == before.end() || !(old->second == body))
      batch.put(template_key(kind, name), json::to_string(body));
  }
  for (const auto& [name, body] : before) {
    if (!after.contains(name)) batch.remove(template_key(kind, name));
  }
}

void write_changed_indices(const CatalogState& before, const CatalogState& after,
                           storage::CatalogBatch& batch) {
  for (const auto& [name, index] : after.indices) {
    const auto old = before.indices.find(name);
    const bool same_partition =
        old != before.indices.end() && old->second->partition == index->partition;
    if (same_partition && old->second == index) continue;
    batch.put(records::partition_key(records::kIndexPrefix, index->partition),
              records::encode_index(*index));
    if (!same_partition || old->second->mapping != index->mapping) {
      batch.put(records::partition_key(records::kMappingPrefix, index->partition),
                json::to_string(index->mapping->to_json()));
    }
  }
  for (const auto& [name, index] : before.indices) {
    const auto now = after.indices.find(name);
    if (now != after.indices.end() && now->second->partition == index->partition) continue;
    batch.remove(records::partition_key(records::kIndexPrefix, index->partition));
    batch.remove(records::partition_key(records::kMappingPrefix, index->partition));
  }
}

}  // namespace

std::string random_uuid() {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<uint8_t, 16> bytes = storage::SegmentUid::random().bytes;
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  std::string text;
  uint32_t bits = 0, held = 0;
  for (const uint8_t byte : bytes) {
    bits = (bits << 8) | byte;
    for (held += 8; held >= 6; held -= 6) text += kAlphabet[(bits >> (held - 6)) & 63];
  }
  text += kAlphabet[(bits << (6 - held)) & 63];
  return text;
}

Result<std::unique_ptr<CatalogStore>> CatalogStore::open(storage::Store& store,
                                                         const std::string& cluster_name) {
  std::unique_ptr<CatalogStore> catalog(new CatalogStore(store));
  RETURN_IF_ERROR(catalog->load(cluster_name));
  return catalog;
}

Status CatalogStore::load(const std::string& cluster_name) {
  CatalogState state;
  state.cluster_name = cluster_name;
  state.persistent_settings = json::Value::object();
  state.transient_settings = json::Value::object();
  ASSIGN_OR_RETURN(const auto record, store_.get(records::kCluster));
  if (record) {
    ASSIGN_OR_RETURN(records::Cluster cluster, records::decode_cluster(*record));
    state.cluster_uuid = std::move(cluster.cluster_uuid);
    state.persistent_settings = std::move(cluster.persistent_settings);
    next_partition_ = durable_next_partition_ = cluster.next_partition;
    RETURN_IF_ERROR(load_indices(state));
    RETURN_IF_ERROR(load_templates(state));
  } else {
    state.cluster_uuid = random_uuid();
    storage::CatalogBatch batch;
    batch.put(records::kCluster, records::encode_cluster({state.cluster_uuid, next_partition_,
                                                          state.persistent_settings}));
    RETURN_IF_ERROR(store_.write(batch));
  }
  state_.set(std::make_shared<const CatalogState>(std::move(state)));
  return {};
}

Status CatalogStore::load_indices(CatalogState& state) {
  std::map<storage::PartitionId, std::string> mappings;
  RETURN_IF_ERROR(store_.scan(
      records::kMappingPrefix, [&](std::string_view key, std::string_view value) -> Status {
        const std::string digits(key.substr(records::kMappingPrefix.size()));
        mappings[std::strtoull(digits.c_str(), nullptr, 16)] = value;
        return {};
      }));
  // Daily indices have the same mapping day after day: made once, shared by all.
  std::map<std::string, std::shared_ptr<const Mapping>> shared;
  return store_.scan(
      records::kIndexPrefix, [&](std::string_view, std::string_view value) -> Status {
        ASSIGN_OR_RETURN(records::IndexRecord record, records::decode_index(value));
        auto& index = record.index;
        std::string& text = mappings[index->partition];
        json::Value relevant = json::Value::object();
        for (const char* part : {"analysis", "mapping", "max_ngram_diff", "max_shingle_diff"}) {
          if (const json::Value* setting = index->settings.find(part)) relevant.set(part, *setting);
        }
        std::shared_ptr<const Mapping>& mapping =
            shared[json::to_string(relevant) + record.type + text];
        if (mapping == nullptr) {
          json::Value body;
          if (!text.empty()) {
            ASSIGN_OR_RETURN(body, json::parse(text, kRecordDepthMax));
          }
          ASSIGN_OR_RETURN(mapping, make_mapping(index->settings, body, record.type));
        }
        index->mapping = mapping;
        state.indices.emplace(index->name, std::move(index));
        return {};
      });
}

Status CatalogStore::load_templates(CatalogState& state) {
  const std::pair<std::string_view, Templates*> kinds[] = {
      {"legacy", &state.legacy_templates},
      {"index", &state.index_templates},
      {"component", &state.component_templates},
  };
  for (const auto& [kind, templates] : kinds) {
    const std::string prefix = template_key(kind, "");
    RETURN_IF_ERROR(store_.scan(
        prefix, [&, into = templates](std::string_view key, std::string_view value) -> Status {
          ASSIGN_OR_RETURN((*into)[std::string(key.substr(prefix.size()))],
                           json::parse(value, kRecordDepthMax));
          return {};
        }));
  }
  return {};
}

Status CatalogStore::commit(CatalogState next, storage::CatalogBatch batch) {
  const auto before = state();
  write_changed_indices(*before, next, batch);
  write_changed_templates("legacy", before->legacy_templates, next.legacy_templates, batch);
  write_changed_templates("index", before->index_templates, next.index_templates, batch);
  write_changed_templates("component", before->component_templates, next.component_templates,
                          batch);
  const storage::PartitionId next_partition = next_partition_;
  if (next_partition != durable_next_partition_ ||
      !(before->persistent_settings == next.persistent_settings)) {
    batch.put(records::kCluster, records::encode_cluster({next.cluster_uuid, next_partition,
                                                          next.persistent_settings}));
  }
  if (!batch.empty()) RETURN_IF_ERROR(store_.write(batch));
  durable_next_partition_ = next_partition;
  next.version = before->version + 1;
  state_.set(std::make_shared<const CatalogState>(std::move(next)));
  return {};
}

}  // namespace stratalog::index
