// Privileges, asked before anything is done: once by the endpoint's actions, and then by an engine
// that only lets through what the principal may do with each index. Handlers work on it as on the
// engine itself: what is not granted is not in its catalog, and whatever names it all the same is
// refused. Elasticsearch's AuthorizationService and RBACEngine.
//
// Threads one request.
// Errors  security_exception (403) in Elasticsearch's words.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/actions.h"
#include "api/context.h"
#include "api/http.h"
#include "index/engine.h"
#include "index/resolve.h"
#include "index/security/principal.h"

namespace stratalog::api {

// Whether the principal may use the endpoint at all.
Status authorize(const EndpointActions& actions, const index::security::Principal& principal);

// Whether the request's principal may do a cluster action; without security it may.
Status may(const Request& request, std::string_view action);

// An index expression's indices, as the request's principal sees them: what it names plainly must
// be granted, unless unavailable ones are ignored.
Result<std::vector<index::ResolvedIndex>> resolve(Context& context, std::string_view expression,
                                                  const index::IndicesOptions& options);

class GuardedEngine final : public index::Engine {
 public:
  GuardedEngine(index::Engine& engine, const index::security::Principal& principal,
                std::string action)
      : engine_(engine), principal_(principal), action_(std::move(action)) {}

  // What was refused so far, in whole or in part.
  bool refused_any() const { return refused_any_; }
  const std::vector<std::string>& refused_indices() const { return refused_indices_; }

  // 403 if the expression names what is not granted.
  Status check_names(std::string_view expression, bool ignore_unavailable) const;

  std::shared_ptr<const index::CatalogState> state() const override;
  Result<std::vector<index::WriteResult>> write(std::span<const index::WriteOp> ops,
                                                const index::WriteOptions& options) override;
  using Engine::get;
  Result<index::GetResult> get(const index::GetOp& op) override;
  Result<index::View> view(const index::IndexMetadata& index) override;
  void record_search(const index::IndexMetadata& index, uint64_t query_ns,
                     uint64_t fetch_ns) override {
    engine_.record_search(index, query_ns, fetch_ns);
  }
  Result<std::shared_ptr<const index::IndexMetadata>> create_index(
      const index::CreateIndexRequest& request) override;
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
  Result<index::IndexStats> stats(std::string_view name) override;
  Status update_aliases(std::span<const AliasAction> actions) override;
  // Of the cluster: by cluster actions, which see the engine itself.
  Status put_template(TemplateKind, std::string_view, const json::Value&, bool) override {
    return refused();
  }
  Status delete_template(TemplateKind, std::string_view) override { return refused(); }
  Result<json::Value> simulate_index(std::string_view) const override { return refused(); }
  Status put_cluster_settings(const json::Value&, const json::Value&) override { return refused(); }
  Result<std::optional<std::string>> get_record(std::string_view) const override {
    return refused();
  }
  Status put_record(std::string_view, std::string_view) override { return refused(); }
  Status change_records(std::span<const RecordChange>) override { return refused(); }
  Status scan_records(
      std::string_view,
      const std::function<Status(std::string_view, std::string_view)>&) const override {
    return refused();
  }
  NodeStats node_stats() const override { return engine_.node_stats(); }
  Status verify() override { return refused(); }
  Status close() override { return refused(); }

 private:
  Error refused(const std::vector<std::string>& indices = {}) const {
    return refused(action_, indices);
  }
  Error refused(std::string_view action, const std::vector<std::string>& indices) const;
  Status check_seen(std::string_view name) const;
  std::optional<Error> check_write(const index::WriteOp& op, const index::CatalogState& all) const;
  // The rules for what an action reads of an index; nullptr: all is seen.
  std::shared_ptr<const index::AccessRules> rules(std::string_view action,
                                                  std::string_view index) const;

  index::Engine& engine_;
  const index::security::Principal& principal_;
  std::string action_;
  mutable bool refused_any_ = false;
  mutable std::vector<std::string> refused_indices_;
};

}  // namespace stratalog::api
