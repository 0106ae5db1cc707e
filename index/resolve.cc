#include "index/resolve.h"

#include <algorithm>
#include <map>
#include <set>

#include "index/catalog/index_errors.h"
#include "index/catalog/wildcard.h"
#include "index/date/date_index_name.h"

namespace stratalog::index {

namespace {

constexpr const char* kAll = "_all";

using IndexPtr = std::shared_ptr<const IndexMetadata>;

bool by_alias_only(const IndexMetadata& index) {
  return index.access != nullptr && index.access->by_alias_only;
}

// An index or an alias, as names are looked up.
struct Named {
  IndexPtr index;                 // or
  std::vector<IndexPtr> holders;  // of the alias
  bool hidden = false;

  bool is_alias() const { return index == nullptr; }
};

class NameTable {
 public:
  explicit NameTable(const CatalogState& state) {
    for (const auto& [name, index] : state.indices) {
      if (!by_alias_only(*index)) names_[name] = {index, {}, index->hidden()};
      for (const auto& [alias, metadata] : index->aliases) {
        Named& named = names_[alias];
        named.holders.push_back(index);
        named.hidden = metadata.is_hidden.value_or(false);
      }
    }
  }
  const Named* find(std::string_view name) const {
    const auto at = names_.find(name);
    return at == names_.end() ? nullptr : &at->second;
  }
  const std::map<std::string, Named, std::less<>>& all() const { return names_; }

 private:
  std::map<std::string, Named, std::less<>> names_;
};

Error aliases_not_supported(std::string_view name) {
  return Error(error_types::kIllegalArgument,
               "The provided expression [" + std::string(name) +
                   "] matches an alias, specify the corresponding concrete indices instead.");
}

// The rules of Elasticsearch's IndexNameExpressionResolver, in its order.
class Resolver {
 public:
  Resolver(const CatalogState& state, const IndicesOptions& options, bool keep_aliases)
      : table_(state), options_(options), keep_aliases_(keep_aliases) {}

  // Wildcards and exclusions away: names of indices, and of aliases that were named plainly (or,
  // with keep_aliases, matched).
  Result<std::vector<std::string>> expand(const std::vector<std::string>& expressions) const {
    if (!options_.expand_open && !options_.expand_closed) return expressions;
    if (expressions.empty() ||
        (expressions.size() == 1 && (expressions[0] == kAll || expressions[0] == "*"))) {
      return every_index();
    }
    ASSIGN_OR_RETURN(auto names, expand_each(expressions));
    if (names.empty() && !options_.allow_no_indices && expressions.size() == 1 &&
        !matches_anything(expressions[0])) {
      return index_not_found(expressions[0]);
    }
    return names;
  }

  Result<std::vector<IndexPtr>> concrete(const std::vector<std::string>& given,
                                         const std::vector<std::string>& names) const {
    const bool fail_when_missing =
        given.size() == 1 ? !options_.allow_no_indices : !options_.ignore_unavailable;
    if (names.empty()) {
      if (!options_.allow_no_indices) return nothing_found(given, "index_or_alias");
      return std::vector<IndexPtr>();
    }
    std::map<std::string, IndexPtr> found;
    for (const std::string& name : names) {
      const Named* named = table_.find(name);
      if (named == nullptr) {
        if (fail_when_missing) return index_not_found(name, "index_expression");
        continue;
      }
      if (named->is_alias() && !options_.allow_aliases) {
        if (fail_when_missing) return aliases_not_supported(name);
        continue;
      }
      const std::vector<IndexPtr> alone = {named->index};
      for (const IndexPtr& index : named->is_alias() ? named->holders : alone) {
        if (index->state == IndexState::kClosed && options_.forbid_closed) {
          if (!options_.ignore_unavailable) return index_closed(*index);
          continue;
        }
        found[index->name] = index;
      }
    }
    if (found.empty() && !options_.allow_no_indices)
      return nothing_found(given, "index_expression");
    std::vector<IndexPtr> indices;
    indices.reserve(found.size());
    for (auto& [name, index] : found) indices.push_back(index);
    return indices;
  }

 private:
  bool matches_anything(std::string_view pattern) const {
    return std::any_of(table_.all().begin(), table_.all().end(), [&](const auto& entry) {
      return wildcard_match(pattern, entry.first) &&
             (options_.allow_aliases || !entry.second.is_alias());
    });
  }

  static Error nothing_found(const std::vector<std::string>& given, const char* resource_type) {
    std::string ids;
    for (const std::string& name : given) ids += (ids.empty() ? "\"" : ",\"") + name + "\"";
    Error error = Error(error_types::kIndexNotFound, "no such index [null]")
                      .with("resource.type", resource_type);
    if (given.size() == 1) {
      error = std::move(error).with("resource.id", given[0]);
    } else {
      error.fields.push_back({"resource.id", "[" + ids + "]", true});
    }
    return std::move(error).with("index_uuid", "_na_");
  }

  bool wanted(const IndexMetadata& index) const {
    return index.state == IndexState::kOpen ? options_.expand_open : options_.expand_closed;
  }

  std::vector<std::string> every_index() const {
    std::vector<std::string> names;
    for (const auto& [name, named] : table_.all()) {
      if (named.hidden && !options_.expand_hidden) continue;
      // Those that are reached by an alias alone come by it.
      const bool only_way =
          std::any_of(named.holders.begin(), named.holders.end(),
                      [&](const IndexPtr& i) { return by_alias_only(*i) && wanted(*i); });
      if (named.is_alias() ? only_way : wanted(*named.index)) names.push_back(name);
    }
    return names;
  }

  // Also tells whether the pattern matches any name at all, wanted or not.
  std::set<std::string> expand_pattern(std::string_view pattern, bool& any) const {
    std::set<std::string> names;
    for (const auto& [name, named] : table_.all()) {
      if (!wildcard_match(pattern, name) || (named.is_alias() && !options_.allow_aliases)) continue;
      any = true;
      const bool dotted = name.starts_with('.') && pattern.starts_with('.');
      if (named.hidden && !options_.expand_hidden && !dotted) continue;
      if (!named.is_alias()) {
        if (wanted(*named.index)) names.insert(name);
      } else if (keep_aliases_) {
        names.insert(name);
      } else {
        for (const IndexPtr& index : named.holders) {
          if (wanted(*index)) names.insert(by_alias_only(*index) ? name : index->name);
        }
      }
    }
    return names;
  }

  Result<std::vector<std::string>> expand_each(const std::vector<std::string>& expressions) const {
    std::set<std::string> names;
    bool wildcard_seen = false;
    for (const std::string& given : expressions) {
      if (given.empty()) return index_not_found(given);
      if (given.starts_with('_')) return invalid_index_name(given, "must not start with '_'.");
      std::string_view expression = given;
      const Named* named = table_.find(expression);
      if (named != nullptr && (options_.allow_aliases || !named->is_alias())) {
        names.insert(given);
        continue;
      }
      const bool exclude = wildcard_seen && expression.starts_with('-');
      if (exclude) expression.remove_prefix(1);
      if (!is_wildcard(expression)) {
        if (!options_.ignore_unavailable) {
          named = table_.find(expression);
          if (named == nullptr) return index_not_found(expression);
          if (named->is_alias() && !options_.allow_aliases)
            return aliases_not_supported(expression);
        }
        exclude ? void(names.erase(std::string(expression))) : void(names.emplace(expression));
        continue;
      }
      bool any = false;
      for (const std::string& name : expand_pattern(expression, any)) {
        exclude ? void(names.erase(name)) : void(names.insert(name));
      }
      if (!any && !options_.allow_no_indices) return index_not_found(expression);
      wildcard_seen = true;
    }
    return std::vector<std::string>(names.begin(), names.end());
  }

  NameTable table_;
  IndicesOptions options_;
  bool keep_aliases_;
};

// Trailing empty parts go, as Java's split leaves them out.
Result<std::vector<std::string>> split(std::string_view expression, int64_t now_ms) {
  std::vector<std::string> parts;
  size_t depth = 0, begin = 0;
  for (size_t at = 0; at <= expression.size(); ++at) {
    const char c = at < expression.size() ? expression[at] : ',';
    if (c == '<') ++depth;
    if (c == '>' && depth > 0) --depth;
    if (c != ',' || (depth > 0 && at < expression.size())) continue;
    ASSIGN_OR_RETURN(std::string name,
                     resolve_date_index_name(expression.substr(begin, at - begin), now_ms));
    parts.push_back(std::move(name));
    begin = at + 1;
  }
  while (!parts.empty() && parts.back().empty()) parts.pop_back();
  return parts;
}

// The aliases whose filters apply to an index: none as soon as it is also reached by its name or by
// an unfiltered alias.
std::vector<std::string> filtering_aliases(const IndexMetadata& index,
                                           const std::set<std::string>& names) {
  if (names.contains(index.name)) return {};
  std::vector<std::string> aliases;
  for (const auto& [name, alias] : index.aliases) {
    if (!names.contains(name)) continue;
    if (alias.filter.is_null()) return {};
    aliases.push_back(name);
  }
  return aliases;
}

}  // namespace

Result<std::vector<ResolvedIndex>> resolve_indices(const CatalogState& state,
                                                   std::string_view expression,
                                                   const IndicesOptions& options, int64_t now_ms) {
  ASSIGN_OR_RETURN(auto given, split(expression, now_ms));
  if (given.empty()) given.emplace_back(kAll);
  const Resolver resolver(state, options, false);
  ASSIGN_OR_RETURN(const auto names, resolver.expand(given));
  ASSIGN_OR_RETURN(const auto indices, resolver.concrete(given, names));

  const bool all = given.size() == 1 && (given[0] == kAll || given[0] == "*");
  std::set<std::string> reached;
  if (!all) {
    const IndicesOptions lenient{.ignore_unavailable = true, .allow_no_indices = true};
    // What can't be expanded was named plainly, or the request has failed above.
    const auto kept = Resolver(state, lenient, true).expand(given);
    const std::vector<std::string>& plain = kept ? *kept : given;
    reached.insert(plain.begin(), plain.end());
  }
  std::vector<ResolvedIndex> resolved;
  for (const auto& index : indices) {
    std::vector<std::string> filtering;
    if (!all) {
      filtering = filtering_aliases(*index, reached);
    } else if (by_alias_only(*index)) {
      std::set<std::string> aliases;
      for (const auto& [name, alias] : index->aliases) aliases.insert(name);
      filtering = filtering_aliases(*index, aliases);
    }
    resolved.push_back({index, std::move(filtering)});
  }
  return resolved;
}

Result<std::shared_ptr<const IndexMetadata>> resolve_write_index(const CatalogState& state,
                                                                 std::string_view name,
                                                                 int64_t now_ms) {
  ASSIGN_OR_RETURN(const std::string plain, resolve_date_index_name(name, now_ms));
  std::shared_ptr<const IndexMetadata> target;
  if (const auto at = state.indices.find(plain); at != state.indices.end()) {
    target = at->second;
  } else {
    std::vector<std::shared_ptr<const IndexMetadata>> holders, writers;
    for (const auto& [index_name, index] : state.indices) {
      const auto alias = index->aliases.find(plain);
      if (alias == index->aliases.end()) continue;
      holders.push_back(index);
      if (alias->second.is_write_index.value_or(false)) writers.push_back(index);
    }
    if (holders.empty()) return std::shared_ptr<const IndexMetadata>();
    const bool alone =
        holders.size() == 1 && holders[0]->aliases.at(plain).is_write_index.value_or(true);
    if (!alone && writers.empty()) {
      return Error(error_types::kIllegalArgument,
                   "no write index is defined for alias [" + plain +
                       "]. The write index may be explicitly disabled using is_write_index=false "
                       "or the alias points "
                       "to multiple indices without one being designated as a write index");
    }
    target = alone ? holders[0] : writers[0];
  }
  if (target->state == IndexState::kClosed) return index_closed(*target);
  return target;
}

}  // namespace stratalog::index
