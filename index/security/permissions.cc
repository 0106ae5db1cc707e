#include "index/security/permissions.h"

#include <algorithm>

#include "index/catalog/wildcard.h"

namespace stratalog::index {

namespace {
bool any_pattern(const std::vector<std::string>& patterns, std::string_view path) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& p) { return wildcard_match(p, path); });
}
}  // namespace

bool FieldGrant::allows(std::string_view path) const {
  // Metadata fields are always there, unless they are denied by name.
  const bool held = everything_granted || path.starts_with('_') || any_pattern(granted, path);
  return held && !any_pattern(denied, path);
}

bool AccessRules::allows_field(std::string_view path) const {
  return std::all_of(fields.begin(), fields.end(), [&](const std::vector<FieldGrant>& grants) {
    return std::any_of(grants.begin(), grants.end(),
                       [&](const FieldGrant& grant) { return grant.allows(path); });
  });
}

namespace security {

namespace {

constexpr uint32_t kQueryDepthMax = 64;

bool is_mapping_update(std::string_view action) {
  return action == "indices:admin/mapping/put" || action == "indices:admin/mapping/auto_put";
}

bool any_allows(const std::vector<Actions>& all, std::string_view action) {
  return std::any_of(all.begin(), all.end(), [&](const Actions& a) { return a.contains(action); });
}

// Each pattern of `wanted` may be held by another of `all`.
bool together_hold(const std::vector<const Actions*>& all, const Actions& wanted) {
  return std::all_of(wanted.patterns.begin(), wanted.patterns.end(),
                     [&](const std::string& pattern) {
                       const Actions one{{pattern}, wanted.excluded};
                       return std::any_of(all.begin(), all.end(),
                                          [&](const Actions* a) { return a->contains_all(one); });
                     });
}

Result<Permissions::IndexGroup> compile_group(const IndicesPrivileges& from) {
  Permissions::IndexGroup group;
  ASSIGN_OR_RETURN(group.names, parse_patterns(from.names));
  ASSIGN_OR_RETURN(group.actions, resolve_index(from.privileges));
  for (const std::string& name : from.privileges) {
    group.writes = group.writes || name == "create" || name == "create_doc" || name == "index" ||
                   name == "write";
  }
  group.allow_restricted = from.allow_restricted;
  if (from.granted_fields || !from.denied_fields.empty()) {
    group.fields.everything_granted = !from.granted_fields.has_value();
    if (from.granted_fields) {
      group.fields.granted = *from.granted_fields;
      for (const std::string& pattern : group.fields.granted)
        group.fields.everything_granted |= pattern == "*";
    }
    group.fields.denied = from.denied_fields;
    group.every_field = group.fields.everything_granted && group.fields.denied.empty();
  }
  if (!from.query.empty()) {
    ASSIGN_OR_RETURN(group.query, json::parse(from.query, kQueryDepthMax));
  }
  return group;
}

}  // namespace

bool is_restricted(std::string_view index) {
  return index == ".security" || index.starts_with(".security-") ||
         index.starts_with(".async-search");
}

bool Permissions::IndexGroup::allows(std::string_view action) const {
  return any_allows(actions, action) || (writes && is_mapping_update(action));
}

bool Permissions::IndexGroup::names_index(std::string_view index) const {
  if (!allow_restricted && is_restricted(index)) return false;
  return matches_any(names, index);
}

Permissions::Layer Permissions::compile(std::span<const Role> roles,
                                        const ApplicationCatalog& applications) {
  Layer layer;
  for (const Role& role : roles) {
    if (role.name == "superuser" && role.metadata.find("_reserved") != nullptr)
      layer.everything = true;
    for (const std::string& name : role.cluster) {
      layer.own_api_keys = layer.own_api_keys || name == kManageOwnApiKey;
      if (auto actions = resolve_cluster(std::span(&name, 1)))
        layer.cluster.push_back(std::move((*actions)[0]));
    }
    for (const IndicesPrivileges& from : role.indices) {
      if (auto group = compile_group(from)) layer.indices.push_back(std::move(*group));
    }
    for (const ApplicationPrivileges& from : role.applications) {
      auto pattern = NamePattern::parse(from.application);
      auto resources = parse_patterns(from.resources);
      if (!pattern || !resources) continue;
      ApplicationGroup group{std::move(*pattern), from.privileges, {}, std::move(*resources)};
      for (const std::string& name : from.privileges) {
        if (name.find_first_of("/*:") != std::string::npos) {
          group.actions.push_back(name);
          continue;
        }
        for (std::string& action : applications.actions(from.application, name))
          group.actions.push_back(std::move(action));
      }
      layer.applications.push_back(std::move(group));
    }
    if (auto users = parse_patterns(role.run_as))
      layer.run_as.insert(layer.run_as.end(), users->begin(), users->end());
    if (auto managed = parse_patterns(role.managed_applications)) {
      layer.managed_applications.insert(layer.managed_applications.end(), managed->begin(),
                                        managed->end());
    }
  }
  return layer;
}

bool Permissions::everything() const {
  return std::all_of(layers_.begin(), layers_.end(),
                     [](const Layer& layer) { return layer.everything; });
}

bool Permissions::cluster(std::string_view action) const {
  return std::all_of(layers_.begin(), layers_.end(),
                     [&](const Layer& layer) { return any_allows(layer.cluster, action); });
}

bool Permissions::own_api_keys(std::string_view action) const {
  return std::all_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
    return layer.own_api_keys || any_allows(layer.cluster, action);
  });
}

bool Permissions::manages_application(std::string_view application) const {
  return std::all_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
    return matches_any(layer.managed_applications, application);
  });
}

bool Permissions::any_index(std::string_view action) const {
  return std::all_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
    return std::any_of(layer.indices.begin(), layer.indices.end(),
                       [&](const IndexGroup& group) { return group.allows(action); });
  });
}

bool Permissions::index(std::string_view action, std::string_view name) const {
  return std::all_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
    return std::any_of(layer.indices.begin(), layer.indices.end(), [&](const IndexGroup& group) {
      return group.names_index(name) && group.allows(action);
    });
  });
}

AccessRules Permissions::access(std::string_view action, std::span<const std::string> names) const {
  AccessRules rules;
  for (const Layer& layer : layers_) {
    std::vector<json::Value> queries;
    std::vector<FieldGrant> grants;
    bool every_row = false, every_field = false;
    for (const IndexGroup& group : layer.indices) {
      const bool counts = group.allows(action) &&
                          std::any_of(names.begin(), names.end(), [&](const std::string& name) {
                            return group.names_index(name);
                          });
      if (!counts) continue;
      every_row = every_row || group.query.is_null();
      every_field = every_field || group.every_field;
      if (!group.query.is_null()) queries.push_back(group.query);
      if (!group.every_field) grants.push_back(group.fields);
    }
    if (!every_row) rules.row_queries.push_back(std::move(queries));
    if (!every_field) rules.fields.push_back(std::move(grants));
  }
  return rules;
}

bool Permissions::run_as(std::string_view user) const {
  return std::all_of(layers_.begin(), layers_.end(),
                     [&](const Layer& layer) { return matches_any(layer.run_as, user); });
}

bool Permissions::has_cluster(const Actions& actions) const {
  return std::all_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
    std::vector<const Actions*> all;
    for (const Actions& one : layer.cluster) all.push_back(&one);
    return together_hold(all, actions);
  });
}

bool Permissions::has_cluster_named(std::string_view privilege, const Actions& actions) const {
  if (privilege != kManageOwnApiKey) return has_cluster(actions);
  return own_api_keys(kApiKeyCreate) && own_api_keys(kApiKeyGet) && own_api_keys(kApiKeyInvalidate);
}

bool Permissions::has_index(const NamePattern& names, bool restricted,
                            const Actions& actions) const {
  return std::all_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
    std::vector<const Actions*> all;
    for (const IndexGroup& group : layer.indices) {
      const bool reaches = group.allow_restricted || (!restricted && !is_restricted(names.text()));
      const bool held =
          reaches && std::any_of(group.names.begin(), group.names.end(),
                                 [&](const NamePattern& p) { return p.covers(names); });
      if (!held) continue;
      for (const Actions& one : group.actions) all.push_back(&one);
    }
    return together_hold(all, actions);
  });
}

bool Permissions::has_application(std::string_view application, const std::string& privilege,
                                  const std::vector<std::string>& actions,
                                  const NamePattern& resource) const {
  return std::all_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
    return std::any_of(
        layer.applications.begin(), layer.applications.end(), [&](const ApplicationGroup& group) {
          if (!group.application.matches(application)) return false;
          const bool there = std::any_of(group.resources.begin(), group.resources.end(),
                                         [&](const NamePattern& r) { return r.covers(resource); });
          if (!there) return false;
          if (std::find(group.names.begin(), group.names.end(), privilege) != group.names.end())
            return true;
          // A name that nothing is known of is no pattern of actions, and held by "*" alone.
          const std::vector<std::string> wanted =
              actions.empty() ? std::vector<std::string>{privilege} : actions;
          return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& action) {
            return std::any_of(
                group.actions.begin(), group.actions.end(),
                [&](const std::string& pattern) { return wildcard_match(pattern, action); });
          });
        });
  });
}

}  // namespace security
}  // namespace stratalog::index
