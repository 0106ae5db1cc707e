#include "index/security/principal.h"

namespace stratalog::index::security {

namespace {

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

}  // namespace

std::string Principal::owner() const {
  return std::to_string(static_cast<int>(way)) + "\n" + realm.type + "\n" + realm.name + "\n" +
         name + "\n" + key_id;
}

Error denied(const Principal& principal, std::string_view action,
             const std::vector<std::string>& indices) {
  const Principal& authenticated = principal.run_by ? *principal.run_by : principal;
  std::string user = "user [" + authenticated.name + "]";
  if (principal.run_by) user += " run as [" + principal.name + "]";
  if (authenticated.is_api_key()) user = "API key id [" + authenticated.key_id + "] of " + user;
  if (principal.run_by || principal.way == Principal::Way::kRealm ||
      principal.way == Principal::Way::kToken) {
    user += " with roles [" + join(principal.roles) + "]";
  }
  std::string reason = "action [" + std::string(action) + "] is unauthorized for " + user;
  if (!indices.empty()) reason += " on indices [" + join(indices) + "]";
  const std::string granting = granting_privileges(action);
  if (!granting.empty()) {
    reason += std::string(", this action is granted by the ") +
              (is_cluster_action(action) ? "cluster" : "index") + " privileges [" + granting + "]";
  }
  return Error(error_types::kForbidden, std::move(reason));
}

}  // namespace stratalog::index::security
