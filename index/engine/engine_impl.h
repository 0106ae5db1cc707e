// The one Engine: the catalog, the partitions, the store and the log under them, and the background
// work.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "index/catalog/catalog_store.h"
#include "index/engine.h"
#include "index/engine/background.h"
#include "index/partition/host.h"
#include "index/partition/partition.h"
#include "storage/data_folder.h"

namespace stratalog::index {

// Whether names of its kind are for the tools' own state, not for users' data.
inline bool is_system_index(std::string_view name) { return name.starts_with('.'); }

class EngineImpl final : public Engine, public Host {
 public:
  explicit EngineImpl(const EngineOptions& options);
  ~EngineImpl() override;
  Status recover();

  std::shared_ptr<const CatalogState> state() const override { return catalog_->state(); }

  Result<std::vector<WriteResult>> write(std::span<const WriteOp> ops,
                                         const WriteOptions& options) override;
  using Engine::get;
  Result<GetResult> get(const GetOp& op) override;
  Result<View> view(const IndexMetadata& index) override;
  void record_search(const IndexMetadata& index, uint64_t query_ns, uint64_t fetch_ns) override;

  Result<std::shared_ptr<const IndexMetadata>> create_index(
      const CreateIndexRequest& request) override;
  Status delete_index(std::string_view name) override;
  Status open_index(std::string_view name) override;
  Status close_index(std::string_view name) override;
  Status put_mapping(std::string_view name, const json::Value& mapping,
                     std::string_view type) override;
  Status put_settings(std::string_view name, const json::Value& settings,
                      bool preserve_existing) override;
  Status refresh(std::string_view name) override;
  Status flush(std::string_view name) override;
  Status force_merge(std::string_view name, uint32_t max_segments,
                     bool only_expunge_deletes) override;
  Result<IndexStats> stats(std::string_view name) override;
  Status update_aliases(std::span<const AliasAction> actions) override;
  Status put_template(TemplateKind kind, std::string_view name, const json::Value& body,
                      bool create) override;
  Status delete_template(TemplateKind kind, std::string_view name) override;
  Result<json::Value> simulate_index(std::string_view name) const override;
  Status put_cluster_settings(const json::Value& persistent, const json::Value& transient) override;
  Result<std::optional<std::string>> get_record(std::string_view key) const override;
  Status put_record(std::string_view key, std::string_view value) override;
  Status change_records(std::span<const RecordChange> changes) override;
  Status scan_records(
      std::string_view prefix,
      const std::function<Status(std::string_view, std::string_view)>& visit) const override;
  NodeStats node_stats() const override;
  Status verify() override;
  Status close() override;

  // Host.
  storage::Store& store() override { return *store_; }
  storage::Translog& translog() override { return *translog_; }
  ScratchPool& scratches() override { return scratches_; }
  RetryLedger& retries() override { return retries_; }
  Health& health() override { return health_; }

  // What is due by time: seals of idle indices, syncs, repairs of what failed. Gives the time until
  // the next call, ns.
  int64_t housekeeping();

 private:
  using PartitionPtr = std::shared_ptr<Partition>;

  // Host.
  void note_failure(const Error& error) override;
  Status room_for(uint64_t bytes) override;
  const NodeLimits& limits() const override { return limits_; }
  bool short_of_memory() const override;
  Status commit_mapping(Partition& partition, std::shared_ptr<const Mapping> mapping) override;
  void note_unrefreshed(Partition& partition) override;
  void request_seal(Partition& partition, SealScope scope) override;
  void request_merge(Partition& partition) override;
  void wait_for_memory() override;

  // Recovery.
  Status load_partitions();
  Status check_segments(const std::vector<storage::SegmentUid>& listed);
  Status open_translog();

  // Administration. With the catalog's lock: changes one index and shows it to its partition.
  Status change_index(std::string_view name, const std::function<Status(IndexMetadata&)>& change);
  Result<std::shared_ptr<IndexMetadata>> new_index(const CatalogState& state,
                                                   const CreateIndexRequest& request);
  Status drop_partitions(const CatalogState& before, CatalogState next);
  Status remake_mapping(std::string_view name, const std::function<Status(IndexMetadata&)>& change);
  Result<PartitionPtr> find_partition(std::string_view name) const;
  PartitionPtr partition(storage::PartitionId id) const;
  std::vector<PartitionPtr> partitions() const;

  // Writing.
  struct Group;
  Status admit(std::span<const WriteOp> ops);
  void answer_known(const RetryLedger::Request& request, std::vector<Group>& groups,
                    RefreshPolicy refresh, storage::Lsn& position);
  void wait_for_room(const std::function<bool()>& has_room);
  bool wait_for_live_room(int waits);
  Result<PartitionPtr> write_target(const WriteOp& op);
  Result<PartitionPtr> create_on_demand(const WriteOp& op, const std::string& name);
  Status check_auto_create(const std::string& name) const;
  void bound_log();

  // The catalog's commit; a failure of the store is noted.
  Status commit(CatalogState next, storage::CatalogBatch batch = {});

  // Disk and faults (engine/disk.cc).
  void make_room_to_start();
  void take_reserve();
  void release_reserve();
  void check_disk();
  Status repair();
  Status may_change() const;  // small changes of the catalog
  Status may_remove();        // of indices

  EngineOptions options_;
  NodeLimits limits_;
  std::unique_ptr<storage::DataFolder> folder_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<CatalogStore> catalog_;
  std::unique_ptr<storage::Translog> translog_;
  ScratchPool scratches_;
  RetryLedger retries_;
  Health health_;
  std::mutex reserve_mutex_;
  std::mutex repair_mutex_;

  mutable std::shared_mutex partitions_mutex_;
  std::map<storage::PartitionId, PartitionPtr> partitions_;

  std::mutex progress_mutex_;
  std::condition_variable progress_;  // a seal or merge is done
  std::unique_ptr<Background> background_;
  bool closed_ = false;
};

}  // namespace stratalog::index
