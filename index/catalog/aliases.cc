#include "index/catalog/aliases.h"

#include <algorithm>
#include <set>
#include <vector>

#include "index/catalog/index_errors.h"
#include "index/catalog/names.h"
#include "index/catalog/wildcard.h"

namespace stratalog::index {

namespace {

std::string joined(const std::vector<std::string>& names, const char* between) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : between) + name;
  return text;
}

// Where each alias points to.
using Holders = std::map<std::string, std::vector<const IndexMetadata*>>;
Holders holders_of(const IndexMap& indices) {
  Holders holders;
  for (const auto& [name, index] : indices) {
    for (const auto& [alias, metadata] : index->aliases) holders[alias].push_back(index.get());
  }
  return holders;
}

Status check_hidden(const std::string& alias, const std::vector<const IndexMetadata*>& holders) {
  std::vector<std::string> hidden, visible;
  for (const IndexMetadata* index : holders) {
    (index->aliases.at(alias).is_hidden.value_or(false) ? hidden : visible).push_back(index->name);
  }
  if (hidden.empty() || visible.empty()) return {};
  return Error(error_types::kIllegalState,
               "alias [" + alias + "] has is_hidden set to true on indices [" +
                   joined(hidden, ",") + "] but does not have is_hidden set to true on indices [" +
                   joined(visible, ",") +
                   "]; alias must have the same is_hidden setting on all indices");
}

Status check_write_index(const std::string& alias,
                         const std::vector<const IndexMetadata*>& holders) {
  std::vector<std::string> writers;
  for (const IndexMetadata* index : holders) {
    if (index->aliases.at(alias).is_write_index.value_or(false)) writers.push_back(index->name);
  }
  if (writers.size() < 2) return {};
  return Error(error_types::kIllegalState, "alias [" + alias + "] has more than one write index [" +
                                               joined(writers, ",") + "]");
}

class AliasChange {
 public:
  explicit AliasChange(const IndexMap& indices) : indices_(indices) {}

  // Indices go first, whatever their place: an alias of the same name may follow in the same
  // request.
  Status remove_indices(std::span<const Engine::AliasAction> actions) {
    for (const auto& action : actions) {
      if (action.type != Engine::AliasAction::Type::kRemoveIndex) continue;
      if (indices_.erase(action.index) == 0) return index_not_found(action.index);
      changed_ = true;
    }
    return {};
  }

  Status add(const Engine::AliasAction& action) {
    RETURN_IF_ERROR(validate_alias_name(action.alias));
    if (indices_.contains(action.alias)) {
      return invalid_alias_name(action.alias,
                                "an index or data stream exists with the same name as the alias");
    }
    if (action.metadata.index_routing.find(',') != std::string::npos) {
      return Error(
          error_types::kIllegalArgument,
          "alias [" + action.alias + "] has several index routing values associated with it");
    }
    ASSIGN_OR_RETURN(IndexMetadata * index, changed_copy(action.index));
    index->aliases[action.alias] = action.metadata;
    changed_ = true;
    return {};
  }

  Status remove(const Engine::AliasAction& action) {
    removals_.push_back(action.alias);
    ASSIGN_OR_RETURN(IndexMetadata * index, changed_copy(action.index));
    const size_t removed = std::erase_if(index->aliases, [&](const auto& entry) {
      return wildcard_match(action.alias, entry.first);
    });
    if (removed > 0) {
      changed_ = true;
    } else if (action.must_exist.value_or(false)) {
      return Error(error_types::kResourceNotFound,
                   "required alias [" + action.alias + "] does not exist");
    }
    return {};
  }

  Result<IndexMap> finish() {
    if (!changed_ && !removals_.empty()) {
      const std::string names = joined(removals_, ",");
      return Error(error_types::kAliasesNotFound, "aliases [" + names + "] missing")
          .with("resource.type", "aliases")
          .with("resource.id", names);
    }
    for (auto& [name, copy] : copies_) {
      const auto at = indices_.find(name);
      if (at == indices_.end() ||
          aliases_to_json(at->second->aliases) == aliases_to_json(copy->aliases))
        continue;
      ++copy->version;
      ++copy->aliases_version;
      at->second = copy;
    }
    RETURN_IF_ERROR(validate_all_aliases(indices_));
    return std::move(indices_);
  }

 private:
  Result<IndexMetadata*> changed_copy(const std::string& name) {
    const auto made = copies_.find(name);
    if (made != copies_.end()) return made->second.get();
    const auto at = indices_.find(name);
    if (at == indices_.end()) return index_not_found(name);
    return copies_.emplace(name, std::make_shared<IndexMetadata>(*at->second)).first->second.get();
  }

  IndexMap indices_;
  std::map<std::string, std::shared_ptr<IndexMetadata>> copies_;
  std::vector<std::string> removals_;
  bool changed_ = false;
};

}  // namespace

Result<AliasMetadata> parse_alias(std::string_view name, const json::Value& body) {
  AliasMetadata alias;
  if (body.is_null()) return alias;
  if (!body.is_object()) {
    return Error(error_types::kIllegalArgument,
                 "alias [" + std::string(name) + "] must be an object");
  }
  const auto flag = [&](std::string_view key) -> std::optional<bool> {
    const json::Value* value = body.find(key);
    return value == nullptr ? std::nullopt : value->to_bool();
  };
  if (const json::Value* filter = body.find("filter")) {
    if (filter->is_object()) {
      alias.filter = *filter;
    } else if (filter->is_string() && !filter->as_string().empty()) {
      ASSIGN_OR_RETURN(alias.filter, json::parse(filter->as_string()));
    }
  }
  if (const json::Value* routing = body.find("routing")) {
    alias.index_routing = alias.search_routing = routing->to_text();
  }
  if (const json::Value* routing = body.find("index_routing"))
    alias.index_routing = routing->to_text();
  if (const json::Value* routing = body.find("search_routing"))
    alias.search_routing = routing->to_text();
  alias.is_write_index = flag("is_write_index");
  alias.is_hidden = flag("is_hidden");
  if (alias.index_routing.find(',') != std::string::npos) {
    return Error(
        error_types::kIllegalArgument,
        "alias [" + std::string(name) + "] has several index routing values associated with it");
  }
  return alias;
}

json::Value alias_to_json(const AliasMetadata& alias) {
  json::Value body = json::Value::object();
  if (!alias.filter.is_null()) body.set("filter", alias.filter);
  if (!alias.index_routing.empty()) body.set("index_routing", alias.index_routing);
  if (!alias.search_routing.empty()) body.set("search_routing", alias.search_routing);
  if (alias.is_write_index) body.set("is_write_index", *alias.is_write_index);
  if (alias.is_hidden) body.set("is_hidden", *alias.is_hidden);
  return body;
}

Result<std::map<std::string, AliasMetadata>> parse_aliases(const json::Value& body) {
  std::map<std::string, AliasMetadata> aliases;
  if (body.is_null()) return aliases;
  if (!body.is_object())
    return Error(error_types::kElasticsearchParse, "key [aliases] must be an object");
  for (const json::Member& member : body.as_object()) {
    RETURN_IF_ERROR(validate_alias_name(member.key));
    ASSIGN_OR_RETURN(aliases[member.key], parse_alias(member.key, member.value));
  }
  return aliases;
}

json::Value aliases_to_json(const std::map<std::string, AliasMetadata>& aliases) {
  json::Value body = json::Value::object();
  for (const auto& [name, alias] : aliases) body.set(name, alias_to_json(alias));
  return body;
}

Status validate_all_aliases(const IndexMap& indices) {
  for (const auto& [alias, holders] : holders_of(indices)) {
    if (indices.contains(alias)) {
      const IndexMetadata& holder = *holders.front();
      return Error(error_types::kIllegalState,
                   "index, alias, and data stream names need to be unique, but the following "
                   "duplicates were found [" +
                       alias + " (alias of [" + holder.name + "/" + holder.uuid +
                       "]) conflicts with index]");
    }
    RETURN_IF_ERROR(check_hidden(alias, holders));
    RETURN_IF_ERROR(check_write_index(alias, holders));
  }
  return {};
}

Result<IndexMap> apply_alias_actions(const IndexMap& indices,
                                     std::span<const Engine::AliasAction> actions) {
  AliasChange change(indices);
  RETURN_IF_ERROR(change.remove_indices(actions));
  for (const auto& action : actions) {
    if (action.type == Engine::AliasAction::Type::kAdd) RETURN_IF_ERROR(change.add(action));
    if (action.type == Engine::AliasAction::Type::kRemove) RETURN_IF_ERROR(change.remove(action));
  }
  return change.finish();
}

}  // namespace stratalog::index
