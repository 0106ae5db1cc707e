// Roles as clients write them and as they are kept. Elasticsearch doc page "Defining roles".
//
// Errors  parse_exception in Elasticsearch's words; unknown privileges as privileges.h says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/result.h"

namespace stratalog::index::security {

struct IndicesPrivileges {
  std::vector<std::string> names;
  std::vector<std::string> privileges;
  std::optional<std::vector<std::string>> granted_fields;  // none: all
  std::vector<std::string> denied_fields;
  std::string query;  // JSON; "": every document
  bool allow_restricted = false;
};

struct ApplicationPrivileges {
  std::string application;
  std::vector<std::string> privileges;
  std::vector<std::string> resources;
};

struct Role {
  std::string name;
  std::vector<std::string> cluster;
  std::vector<IndicesPrivileges> indices;
  std::vector<ApplicationPrivileges> applications;
  std::vector<std::string> run_as;
  std::vector<std::string> managed_applications;  // global.application.manage.applications
  json::Value metadata = json::Value::object();
};

// A role's body. `field_rules_allowed`: field_security and query may be there.
Result<Role> parse_role(std::string_view name, const json::Value& body);
// As GET _security/role shows it; and as it is kept (`transient` false).
void append_role(json::Writer& out, const Role& role, bool transient);
void append_indices(json::Writer& out, const IndicesPrivileges& group);
void append_application(json::Writer& out, const ApplicationPrivileges& application);

// A name that users, roles and mappings may have; otherwise what is wrong with it.
std::optional<std::string> invalid_name(std::string_view name, std::string_view kind);

// Elasticsearch 7.17's own, sorted by name.
const std::vector<Role>& built_in_roles();
const Role* built_in_role(std::string_view name);

}  // namespace stratalog::index::security
