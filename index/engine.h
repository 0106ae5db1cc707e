// The engine: everything that is stored, under one roof. Indices (each one partition), documents,
// views, administration, recovery, and the background work (refresh, seal, merge).
//
// Threads any, all calls.
// Errors  Elasticsearch's types and texts. An acknowledged write is durable; a failed call changed
// nothing unless it says.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "index/catalog.h"
#include "index/retries/retry_record.h"
#include "index/view.h"
#include "storage/fs.h"

namespace stratalog::index {

struct EngineOptions {
  std::string folder;
  std::string cluster_name = "elasticsearch";
  uint64_t memory_limit_bytes = 512 << 20;
  storage::FileSystem* fs = nullptr;             // nullptr: the machine's
  int64_t retry_window_ms = 3'600'000;           // how long bulk requests are remembered
  std::optional<uint64_t> retry_bytes_max = {};  // by how much memory; none: a share of the limit
  // The process is this engine's own: what it has of the machine's memory is held to the limit too.
  bool whole_process = false;
  bool background = true;  // refresh, seal and merge threads; tests drive them by hand
};

enum class OpType : uint8_t { kIndex, kCreate, kDelete, kUpdate };
enum class VersionType : uint8_t { kInternal, kExternal, kExternalGte };
enum class RefreshPolicy : uint8_t { kNone, kWaitFor, kTrue };

struct UpdateBody;  // index/partition/update_body.h

// One document operation.
struct WriteOp {
  OpType type = OpType::kIndex;
  std::string index;     // index or alias
  std::string doc_type;  // "" and "_doc": the index's own
  std::string id;        // "": made up (index, create)
  std::optional<std::string> routing;
  std::optional<SeqNo> if_seq_no;
  std::optional<int64_t> if_primary_term;
  std::optional<int64_t> version;
  VersionType version_type = VersionType::kInternal;
  bool require_alias = false;
  int retry_on_conflict = 0;  // update
  uint32_t position = 0;      // among the operations of its request, refused ones counted
  // The document; for kUpdate the update body (doc, upsert, doc_as_upsert, detect_noop, _source).
  // kBodyPadding bytes behind it are readable. Must live until write() returns.
  std::string_view source;
  std::shared_ptr<const UpdateBody> update;  // kUpdate: `source` if it was parsed already
};

struct WriteResult {
  std::string index;  // the real index
  std::string id;
  std::optional<Error> error;
  enum class Kind : uint8_t {
    kCreated,
    kUpdated,
    kDeleted,
    kNotFound,
    kNoop
  } kind = Kind::kCreated;
  SeqNo seq_no = kNoSeqNo;
  int64_t primary_term = 0;
  int64_t version = 0;
  bool forced_refresh = false;
  std::string updated_source;  // kUpdate when asked for by `_source` in its body or want_source
};

struct WriteOptions {
  RefreshPolicy refresh = RefreshPolicy::kNone;
  bool want_source = false;  // updates give their resulting document
  // Of a request that may come again: asked for when an index deduplicates retries.
  std::function<RetryDigest()> retry_digest = {};
};

struct GetOp {
  std::string_view index;  // index or alias
  std::string_view id;
  std::string_view doc_type;  // "" and "_all": the index's own
  std::optional<std::string> routing;
  bool realtime = true;  // false: as of the last refresh
};

struct GetResult {
  std::string index;
  std::string type;  // as asked for; the index's where none was, "" while that is not settled
  std::string id;
  bool found = false;
  SeqNo seq_no = kNoSeqNo;
  int64_t primary_term = 0;
  int64_t version = 0;
  std::optional<std::string> routing;
  std::string source;  // "": the index keeps none
};

struct CreateIndexRequest {
  std::string name;
  json::Value settings;  // any form that clients send: nested, dotted, with or without "index."
  json::Value mappings;
  json::Value aliases;
  std::string type = {};  // that `mappings` were given for; "": without types
};

// Counters of one index since start; sizes now. For _stats and _cat.
struct IndexStats {
  uint64_t docs_count = 0;
  uint64_t docs_deleted = 0;
  uint64_t store_bytes = 0;
  uint64_t segment_count = 0;
  uint64_t memory_bytes = 0;
  uint64_t index_total = 0, index_time_ms = 0, index_failed = 0, delete_total = 0,
           noop_update_total = 0;
  uint64_t get_total = 0, get_time_ms = 0, get_exists_total = 0, get_missing_total = 0;
  uint64_t refresh_total = 0, refresh_time_ms = 0, flush_total = 0, flush_time_ms = 0;
  uint64_t merge_total = 0, merge_docs = 0, merge_bytes = 0, merge_time_ms = 0;
  uint64_t search_total = 0, search_time_ms = 0, fetch_total = 0,
           fetch_time_ms = 0;  // added by query/ through record_search
  uint64_t translog_ops = 0, translog_bytes = 0;
  SeqNo max_seq_no = -1;
};

class Engine {
 public:
  // Opens or creates the data folder and recovers: catalog, segments, then the translog's tail.
  static Result<std::unique_ptr<Engine>> open(const EngineOptions& options);
  virtual ~Engine() = default;

  virtual std::shared_ptr<const CatalogState> state() const = 0;

  // Documents. write() runs the operations in order; results in the same order; one failed item
  // spoils no other. When it returns, what succeeded is durable. Fails as a whole (nothing applied)
  // with 429 when memory is short or 5xx when the store has failed. Missing indices are made from
  // templates. What an earlier try of the same request stored is answered, not stored again
  // (index.bulk.deduplicate_retries; docs/guarantees.md).
  virtual Result<std::vector<WriteResult>> write(std::span<const WriteOp> ops,
                                                 const WriteOptions& options) = 0;
  // A missing document is found=false; a missing index is an error.
  virtual Result<GetResult> get(const GetOp& op) = 0;
  Result<GetResult> get(std::string_view index, std::string_view id, bool realtime) {
    GetOp op;
    op.index = index;
    op.id = id;
    op.realtime = realtime;
    return get(op);
  }

  // The view of an open index as of its last refresh.
  virtual Result<View> view(const IndexMetadata& index) = 0;
  virtual void record_search(const IndexMetadata& index, uint64_t query_ns, uint64_t fetch_ns) = 0;

  // Administration of one index; names must be real indices.
  virtual Result<std::shared_ptr<const IndexMetadata>> create_index(
      const CreateIndexRequest& request) = 0;
  virtual Status delete_index(std::string_view name) = 0;
  virtual Status open_index(std::string_view name) = 0;
  virtual Status close_index(std::string_view name) = 0;
  virtual Status put_mapping(std::string_view name, const json::Value& mapping,
                             std::string_view type = {}) = 0;  // type: as CreateIndexRequest's
  virtual Status put_settings(std::string_view name, const json::Value& settings,
                              bool preserve_existing) = 0;
  virtual Status refresh(std::string_view name) = 0;
  virtual Status flush(std::string_view name) = 0;  // seals, so that the translog can be trimmed
  virtual Status force_merge(std::string_view name, uint32_t max_segments,
                             bool only_expunge_deletes) = 0;
  virtual Result<IndexStats> stats(std::string_view name) = 0;

  // Alias changes, all or none. Each must name real indices.
  struct AliasAction {
    enum class Type : uint8_t { kAdd, kRemove, kRemoveIndex } type = Type::kAdd;
    std::string index;
    std::string alias;
    AliasMetadata metadata;
    std::optional<bool> must_exist;
  };
  virtual Status update_aliases(std::span<const AliasAction> actions) = 0;

  // Templates. Bodies are validated (Elasticsearch's errors) and normalized.
  enum class TemplateKind : uint8_t { kLegacy, kIndex, kComponent };
  virtual Status put_template(TemplateKind kind, std::string_view name, const json::Value& body,
                              bool create) = 0;
  virtual Status delete_template(TemplateKind kind, std::string_view name) = 0;
  // What an index of that name would get: {"template": {"settings":…, "mappings":…, "aliases":…},
  // "overlapping": [...]}.
  virtual Result<json::Value> simulate_index(std::string_view name) const = 0;

  virtual Status put_cluster_settings(const json::Value& persistent,
                                      const json::Value& transient) = 0;

  // Small durable records for layers above (credentials, scroll-free state): keys are the caller's,
  // under its own prefix.
  virtual Result<std::optional<std::string>> get_record(std::string_view key) const = 0;
  virtual Status put_record(std::string_view key, std::string_view value) = 0;
  // Several at once, all or none; none as a value removes.
  struct RecordChange {
    std::string key;
    std::optional<std::string> value;
  };
  virtual Status change_records(std::span<const RecordChange> changes) = 0;
  // Every record whose key has the prefix, ascending.
  virtual Status scan_records(
      std::string_view prefix,
      const std::function<Status(std::string_view, std::string_view)>& visit) const = 0;

  struct NodeStats {
    uint64_t memory_used_bytes = 0;  // live segments, caches, requests
    uint64_t memory_limit_bytes = 0;
    uint64_t translog_bytes = 0;
    uint64_t disk_total_bytes = 0, disk_available_bytes = 0, data_bytes = 0;
    uint64_t cache_hits = 0, cache_misses = 0;
    uint64_t retried_requests_kept = 0, retried_items_answered = 0;
  };
  virtual NodeStats node_stats() const = 0;
  virtual Status verify() = 0;  // every checksum

  // Seals all that is live and closes; the destructor alone leaves it to recovery.
  virtual Status close() = 0;
};

}  // namespace stratalog::index
