// What a principal may do: its roles, compiled. Elasticsearch's Role and LimitedRole: a request is
// granted if every layer grants it (an API key has its own layer and its maker's).
//
// Threads any; immutable once made.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/access_rules.h"
#include "index/security/name_pattern.h"
#include "index/security/privileges.h"
#include "index/security/role.h"

namespace stratalog::index::security {

// Names of Elasticsearch's own indices that only roles with allow_restricted_indices reach.
bool is_restricted(std::string_view index);

// Actions that a named application privilege stands for; none: it is not known.
class ApplicationCatalog {
 public:
  virtual ~ApplicationCatalog() = default;
  // Patterns of actions of the privilege `name` of all stored applications that `application` (may
  // end with "*") matches.
  virtual std::vector<std::string> actions(std::string_view application,
                                           std::string_view name) const = 0;
};

class Permissions {
 public:
  struct IndexGroup {
    NamePatterns names;
    std::vector<Actions> actions;
    bool writes = false;  // create, create_doc, index or write: may extend mappings, as in 7.x
    bool allow_restricted = false;
    bool every_field = true;
    FieldGrant fields;
    json::Value query;  // null: every row

    bool allows(std::string_view action) const;
    bool names_index(std::string_view index) const;
  };
  struct ApplicationGroup {
    NamePattern application;
    std::vector<std::string> names;  // of privileges, patterns of actions among them
    std::vector<std::string> actions;
    NamePatterns resources;
  };
  struct Layer {
    std::vector<Actions> cluster;
    std::vector<IndexGroup> indices;
    std::vector<ApplicationGroup> applications;
    NamePatterns run_as;
    NamePatterns managed_applications;
    bool own_api_keys = false;
    bool everything = false;  // superuser
  };

  // Roles that can't be compiled (an unknown privilege of a later version) grant nothing.
  static Layer compile(std::span<const Role> roles, const ApplicationCatalog& applications);
  explicit Permissions(std::vector<Layer> layers) : layers_(std::move(layers)) {}

  // Every action on everything, and every row and field.
  bool everything() const;

  bool cluster(std::string_view action) const;
  // Also where only what concerns the asker's own API keys is granted.
  bool own_api_keys(std::string_view action) const;
  bool manages_application(std::string_view application) const;
  // On some index at least.
  bool any_index(std::string_view action) const;
  // On the index or alias of that name, whether it is there or not.
  bool index(std::string_view action, std::string_view name) const;
  // What may be seen of an index whose name or aliases (those that count) are `names`; row_queries
  // and fields empty: all.
  AccessRules access(std::string_view action, std::span<const std::string> names) const;
  bool run_as(std::string_view user) const;

  // For _has_privileges.
  bool has_cluster(const Actions& actions) const;
  bool has_cluster_named(std::string_view privilege, const Actions& actions) const;
  bool has_index(const NamePattern& names, bool restricted, const Actions& actions) const;
  bool has_application(std::string_view application, const std::string& privilege,
                       const std::vector<std::string>& actions, const NamePattern& resource) const;

 private:
  std::vector<Layer> layers_;
};

}  // namespace stratalog::index::security
