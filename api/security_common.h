// What the families of _security share. Elasticsearch doc pages "Security APIs".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/admin_common.h"
#include "api/guard.h"
#include "index/security/service.h"

namespace stratalog::api {

// A body that must be there; `what` names the request in the error.
Result<json::Value> required_body(const Request& request, std::string_view what);

// validation_exception "Validation Failed: 1: …;": what the service refuses, not the request's form.
Error invalid(std::string_view problem);
Error parse_failed(std::string reason);

// Members "username" … "authentication_type" of who is asked about.
void append_user(json::Writer& out, const index::security::Principal& principal);

// {"_nodes":…,"cluster_name":…,"nodes":{…}}: caches here hold nothing stale, so there is nothing
// to clear, and that is said.
Result<Response> caches_are_clear(const Request& request, Context& context);

// "a,b": the names; wildcards as they are.
bool listed(const std::vector<std::string>& patterns, std::string_view name);

std::vector<std::string> text_list(const json::Value& value);
json::Value to_json(const std::vector<std::string>& texts);

// The roles of `principal` as API keys keep them: an object of role descriptors.
json::Value role_descriptors(const std::vector<index::security::Role>& roles);

}  // namespace stratalog::api
