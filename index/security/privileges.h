// The named privileges of Elasticsearch 7.17 as patterns over its action names
// (cluster:monitor/main, indices:data/read/search, ...). Doc page "Security privileges".
//
// Shape   a pattern's "*" stands for any run of characters; nothing else is special.
// Threads any; the tables are constant.
// Errors  names that are neither a privilege nor a pattern over actions are refused in
//         Elasticsearch's words.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stratalog::index::security {

// Some actions: those that match one of `patterns` and none of `excluded`.
struct Actions {
  std::vector<std::string> patterns;
  std::vector<std::string> excluded;

  bool contains(std::string_view action) const;
  // Every action of `other` is here, as far as the patterns can tell one by one: "no" may be wrong
  // where only several patterns together hold another, "yes" never is.
  bool contains_all(const Actions& other) const;
};

struct Privilege {
  std::string name;
  Actions actions;
};

// Sorted by name. `none` is among them.
std::span<const Privilege> cluster_privileges();
std::span<const Privilege> index_privileges();

bool is_cluster_action(std::string_view action);
bool is_index_action(std::string_view action);

// What names of privileges and patterns of actions stand for together.
Result<std::vector<Actions>> resolve_cluster(std::span<const std::string> names);
Result<std::vector<Actions>> resolve_index(std::span<const std::string> names);

// The names of the privileges that grant an action, those that grant least first, joined by commas;
// "" where none does.
std::string granting_privileges(std::string_view action);

// manage_own_api_key grants these only about the asker's own keys.
inline constexpr std::string_view kManageOwnApiKey = "manage_own_api_key";
inline constexpr std::string_view kApiKeyCreate = "cluster:admin/xpack/security/api_key/create";
inline constexpr std::string_view kApiKeyGet = "cluster:admin/xpack/security/api_key/get";
inline constexpr std::string_view kApiKeyInvalidate =
    "cluster:admin/xpack/security/api_key/invalidate";

}  // namespace stratalog::index::security
