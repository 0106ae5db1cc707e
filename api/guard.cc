#include "api/guard.h"

#include <algorithm>

#include "base/clock.h"
#include "index/catalog/wildcard.h"
#include "index/date/date_index_name.h"
#include "query/fetch/granted_source.h"
#include "query/row_rules.h"

namespace stratalog::api {

using index::GetOp;
using index::GetResult;
using index::OpType;
using index::WriteOp;
using index::WriteResult;
using index::security::denied;
using index::security::Principal;

namespace {

constexpr std::string_view kBulkShard = "indices:data/write/bulk[s]";
constexpr std::string_view kAutoCreate = "indices:admin/auto_create";
constexpr std::string_view kAliases = "indices:admin/aliases";

// What one operation of a bulk is. Elasticsearch gives those without an id one of its own, which
// makes them creations.
std::string_view item_action(const WriteOp& op) {
  switch (op.type) {
    case OpType::kIndex:
      return op.id.empty() ? "indices:data/write/index:op_type/create"
                           : "indices:data/write/index:op_type/index";
    case OpType::kCreate:
      return "indices:data/write/index:op_type/create";
    case OpType::kUpdate:
      return "indices:data/write/update";
    case OpType::kDelete:
      return "indices:data/write/delete";
  }
  return "";
}

bool is_there(const index::CatalogState& state, const std::string& name) {
  return state.indices.contains(name) || !state.indices_of_alias(name).empty();
}

Error no_rules(std::string reason) { return Error({"security_exception", 400}, std::move(reason)); }

std::vector<std::string> split_expression(std::string_view expression) {
  std::vector<std::string> parts;
  size_t depth = 0, begin = 0;
  for (size_t at = 0; at <= expression.size(); ++at) {
    const char c = at < expression.size() ? expression[at] : ',';
    if (c == '<') ++depth;
    if (c == '>' && depth > 0) --depth;
    if (c != ',' || (depth > 0 && at < expression.size())) continue;
    parts.emplace_back(expression.substr(begin, at - begin));
    begin = at + 1;
  }
  return parts;
}

}  // namespace

Status authorize(const EndpointActions& actions, const Principal& principal) {
  using Scope = EndpointActions::Scope;
  const std::string_view first = actions.required.empty()
                                     ? "cluster:admin/xpack/security/user/authenticate"
                                     : std::string_view(actions.required[0]);
  if (principal.run_by != nullptr && !principal.run_by->permissions->run_as(principal.name))
    return denied(principal, first);
  // Who runs as somebody that is not there may do nothing, not even ask who it is.
  if (principal.run_by != nullptr && principal.realm.name.empty()) return denied(principal, first);
  if (principal.everything || actions.scope == Scope::kEveryone) return {};
  if (actions.scope == Scope::kUnknown || actions.scope == Scope::kSuperusers)
    return denied(principal, "internal:unknown");
  for (const std::string& action : actions.required) {
    const bool granted = index::security::is_cluster_action(action)
                             ? principal.permissions->cluster(action)
                             : principal.permissions->any_index(action);
    if (!granted) return denied(principal, action);
  }
  return {};
}

Status may(const Request& request, std::string_view action) {
  if (request.principal == nullptr || request.principal->permissions->cluster(action)) return {};
  return denied(*request.principal, action);
}

Result<std::vector<index::ResolvedIndex>> resolve(Context& context, std::string_view expression,
                                                  const index::IndicesOptions& options) {
  if (context.guard != nullptr)
    RETURN_IF_ERROR(context.guard->check_names(expression, options.ignore_unavailable));
  return index::resolve_indices(*context.engine.state(), expression, options, wall_clock_ms());
}

Error GuardedEngine::refused(std::string_view action,
                             const std::vector<std::string>& indices) const {
  refused_any_ = true;
  refused_indices_.insert(refused_indices_.end(), indices.begin(), indices.end());
  return denied(principal_, action, indices);
}

Status GuardedEngine::check_names(std::string_view expression, bool ignore_unavailable) const {
  if (ignore_unavailable) return {};  // those that are not seen are left out
  bool wildcard_seen = false;
  std::vector<std::string> refused_names;
  for (const std::string& given : split_expression(expression)) {
    const bool exclusion = wildcard_seen && given.starts_with('-');
    if (given.empty() || given == "_all" || exclusion) continue;
    if (index::is_wildcard(given)) {
      wildcard_seen = true;
      continue;
    }
    ASSIGN_OR_RETURN(std::string name, index::resolve_date_index_name(given, wall_clock_ms()));
    if (name.starts_with('_')) continue;  // no name of an index: said so by who resolves it
    if (!principal_.permissions->index(action_, name)) refused_names.push_back(std::move(name));
  }
  if (refused_names.empty()) return {};
  return refused(refused_names);
}

std::shared_ptr<const index::CatalogState> GuardedEngine::state() const {
  return principal_.catalogs->get(*principal_.permissions, action_, engine_.state());
}

Status GuardedEngine::check_seen(std::string_view name) const {
  if (state()->find(name) != nullptr) return {};
  return refused({std::string(name)});
}

std::shared_ptr<const index::AccessRules> GuardedEngine::rules(std::string_view action,
                                                               std::string_view index) const {
  const auto seen = principal_.catalogs->get(*principal_.permissions, action, engine_.state());
  const index::IndexMetadata* metadata = seen->find(index);
  return metadata == nullptr ? nullptr : metadata->access;
}

std::optional<Error> GuardedEngine::check_write(const WriteOp& op,
                                                const index::CatalogState& all) const {
  const auto name = index::resolve_date_index_name(op.index, wall_clock_ms());
  if (!name) return std::nullopt;  // the engine says what is wrong with it
  const auto& permissions = *principal_.permissions;
  const bool makes = op.type != OpType::kDelete || op.version_type != index::VersionType::kInternal;
  if (makes && !is_there(all, *name) && !permissions.index(kAutoCreate, *name))
    return refused(kAutoCreate, {*name});
  if (op.type == OpType::kUpdate && action_ == item_action(op)) {
    if (!permissions.index(action_, *name)) return refused(action_, {*name});
  } else {
    if (!permissions.index(kBulkShard, *name)) return refused(kBulkShard, {*name});
    const std::string_view action = item_action(op);
    if (!permissions.index(action, *name)) return refused(action, {*name});
  }
  if (op.type != OpType::kUpdate) return std::nullopt;
  const index::AccessRules hidden =
      permissions.access(item_action(op), std::vector<std::string>{*name});
  if (!hidden.rows_hidden() && !hidden.fields_hidden()) return std::nullopt;
  return no_rules("Can't execute an update request if field or document level security is enabled");
}

Result<std::vector<WriteResult>> GuardedEngine::write(std::span<const WriteOp> ops,
                                                      const index::WriteOptions& options) {
  const auto all = engine_.state();
  // Neighbours are alike: each index, kind and way of naming documents is asked about once.
  struct Asked {
    const WriteOp* op;
    std::optional<Error> error;
  };
  std::vector<Asked> asked;
  std::vector<size_t> places(ops.size());
  bool every = true;
  for (size_t i = 0; i < ops.size(); ++i) {
    const WriteOp& op = ops[i];
    auto at = std::find_if(asked.begin(), asked.end(), [&](const Asked& a) {
      return a.op->index == op.index && a.op->type == op.type &&
             a.op->id.empty() == op.id.empty() && a.op->version_type == op.version_type;
    });
    if (at == asked.end()) at = asked.insert(at, {&op, check_write(op, *all)});
    places[i] = static_cast<size_t>(at - asked.begin());
    every = every && !at->error;
  }
  if (every) return engine_.write(ops, options);
  std::vector<WriteOp> granted;
  for (size_t i = 0; i < ops.size(); ++i) {
    if (!asked[places[i]].error) granted.push_back(ops[i]);
  }
  std::vector<WriteResult> done;
  if (!granted.empty()) {
    ASSIGN_OR_RETURN(done, engine_.write(granted, options));
  }
  std::vector<WriteResult> results(ops.size());
  size_t next = 0;
  for (size_t i = 0; i < ops.size(); ++i) {
    if (!asked[places[i]].error) {
      results[i] = std::move(done[next++]);
      continue;
    }
    results[i].index = ops[i].index;
    results[i].id = ops[i].id;
    results[i].error = asked[places[i]].error;
  }
  return results;
}

Result<GetResult> GuardedEngine::get(const GetOp& op) {
  ASSIGN_OR_RETURN(const std::string name,
                   index::resolve_date_index_name(op.index, wall_clock_ms()));
  if (!principal_.permissions->index(action_, name)) return refused({name});
  const std::shared_ptr<const index::CatalogState> seen = state();
  const auto find_rules = [&](const std::string& index) {
    const index::IndexMetadata* metadata = seen->find(index);
    return metadata == nullptr ? nullptr : metadata->access;
  };
  std::vector<std::string> holders = engine_.state()->indices_of_alias(name);
  if (holders.empty()) holders.push_back(name);
  bool rows = false, fields = false;
  for (const std::string& holder : holders) {
    const auto of = find_rules(holder);
    rows = rows || (of != nullptr && of->rows_hidden());
    fields = fields || (of != nullptr && of->fields_hidden());
  }
  if (!rows && !fields) return engine_.get(op);
  // What is not in a view yet can't be asked by a query.
  GetOp refreshed = op;
  if (rows) refreshed.realtime = false;
  ASSIGN_OR_RETURN(GetResult found, engine_.get(refreshed));
  if (!found.found) return found;
  const auto hidden = find_rules(found.index);
  const index::IndexMetadata* metadata = seen->find(found.index);
  if (metadata == nullptr) return refused({name});
  if (rows) {
    ASSIGN_OR_RETURN(const bool shown,
                     query::shows_row(engine_, *metadata, found.id, found.seq_no));
    if (!shown) {
      GetResult absent;
      absent.index = found.index;
      absent.type = found.type;
      absent.id = found.id;
      return absent;
    }
  }
  if (hidden != nullptr && hidden->fields_hidden() && !found.source.empty())
    found.source = query::granted_source(*hidden, found.source);
  return found;
}

Result<index::View> GuardedEngine::view(const index::IndexMetadata& index) {
  RETURN_IF_ERROR(check_seen(index.name));
  return engine_.view(index);
}

Result<std::shared_ptr<const index::IndexMetadata>> GuardedEngine::create_index(
    const index::CreateIndexRequest& request) {
  ASSIGN_OR_RETURN(const std::string name,
                   index::resolve_date_index_name(request.name, wall_clock_ms()));
  if (!principal_.permissions->index(action_, name)) return refused({name});
  if (request.aliases.is_object() && !request.aliases.empty()) {
    std::vector<std::string> not_granted;
    if (!principal_.permissions->index(kAliases, name)) not_granted.push_back(name);
    for (const json::Member& alias : request.aliases.as_object()) {
      if (!principal_.permissions->index(kAliases, alias.key)) not_granted.push_back(alias.key);
    }
    if (!not_granted.empty()) return refused(kAliases, not_granted);
  }
  return engine_.create_index(request);
}

Status GuardedEngine::delete_index(std::string_view name) {
  RETURN_IF_ERROR(check_seen(name));
  return engine_.delete_index(name);
}
Status GuardedEngine::open_index(std::string_view name) {
  RETURN_IF_ERROR(check_seen(name));
  return engine_.open_index(name);
}
Status GuardedEngine::close_index(std::string_view name) {
  RETURN_IF_ERROR(check_seen(name));
  return engine_.close_index(name);
}
Status GuardedEngine::put_mapping(std::string_view name, const json::Value& mapping,
                                  std::string_view type) {
  RETURN_IF_ERROR(check_seen(name));
  return engine_.put_mapping(name, mapping, type);
}
Status GuardedEngine::put_settings(std::string_view name, const json::Value& settings,
                                   bool preserve_existing) {
  RETURN_IF_ERROR(check_seen(name));
  return engine_.put_settings(name, settings, preserve_existing);
}
Status GuardedEngine::refresh(std::string_view name) {
  RETURN_IF_ERROR(check_seen(name));
  return engine_.refresh(name);
}
Status GuardedEngine::flush(std::string_view name) {
  RETURN_IF_ERROR(check_seen(name));
  return engine_.flush(name);
}
Status GuardedEngine::force_merge(std::string_view name, uint32_t max_segments,
                                  bool only_expunge_deletes) {
  RETURN_IF_ERROR(check_seen(name));
  return engine_.force_merge(name, max_segments, only_expunge_deletes);
}
Result<index::IndexStats> GuardedEngine::stats(std::string_view name) {
  RETURN_IF_ERROR(check_seen(name));
  return engine_.stats(name);
}

Status GuardedEngine::update_aliases(std::span<const AliasAction> actions) {
  for (const AliasAction& action : actions) {
    RETURN_IF_ERROR(check_seen(action.index));
    if (action.type == AliasAction::Type::kRemoveIndex) {
      constexpr std::string_view kDelete = "indices:admin/delete";
      if (!principal_.permissions->index(kDelete, action.index))
        return refused(kDelete, {action.index});
      continue;
    }
    if (!principal_.permissions->index(kAliases, action.alias))
      return refused(kAliases, {action.alias});
    // Through an alias of one's own making more could be seen.
    const auto hidden = rules("indices:data/read/search", action.index);
    if (hidden != nullptr && (hidden->rows_hidden() || hidden->fields_hidden())) {
      return no_rules(
          "Alias requests are not allowed for users who have field or document level security "
          "enabled on one of the indices");
    }
  }
  return engine_.update_aliases(actions);
}

}  // namespace stratalog::api
