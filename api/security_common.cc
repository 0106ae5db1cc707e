#include "api/security_common.h"

#include <algorithm>

#include "api/families.h"

namespace stratalog::api {

using index::security::Principal;

Result<json::Value> required_body(const Request& request, std::string_view what) {
  if (request.body.empty()) return Error(error_types::kElasticsearchParse, std::string(what));
  return read_body(request);
}

Error invalid(std::string_view problem) {
  return Error({"validation_exception", 400},
               "Validation Failed: 1: " + std::string(problem) + ";");
}

Error parse_failed(std::string reason) {
  return Error(error_types::kElasticsearchParse, std::move(reason));
}

void append_user(json::Writer& out, const Principal& principal) {
  out.field("username", principal.name).key("roles").begin_array();
  if (principal.way == Principal::Way::kRealm || principal.way == Principal::Way::kToken) {
    for (const std::string& role : principal.roles) out.string(role);
  }
  out.end_array().key("full_name");
  principal.full_name ? out.string(*principal.full_name) : out.null();
  out.key("email");
  principal.email ? out.string(*principal.email) : out.null();
  if (principal.way == Principal::Way::kServiceToken) {
    out.key("token").begin_object().field("name", principal.token_name);
    out.field("type", "_service_account_index").end_object();
  }
  out.field("metadata", principal.metadata).field("enabled", true);
  const Principal& authenticated = principal.run_by ? *principal.run_by : principal;
  for (const auto& [key, realm] : {std::pair("authentication_realm", &authenticated.realm),
                                   std::pair("lookup_realm", &principal.realm)}) {
    out.key(key).begin_object().field("name", realm->name).field("type", realm->type);
    out.end_object();
  }
  const Principal::Way way = authenticated.way;
  out.field("authentication_type", way == Principal::Way::kRealm    ? "realm"
                                   : way == Principal::Way::kApiKey ? "api_key"
                                                                    : "token");
}

Result<Response> caches_are_clear(const Request&, Context& context) {
  Response response;
  json::Writer out(response.body);
  out.begin_object().key("_nodes").begin_object();
  out.field("total", 1).field("successful", 1).field("failed", 0).end_object();
  out.field("cluster_name", context.node.cluster_name).key("nodes").begin_object();
  out.key(context.node.node_id).begin_object().field("name", context.node.node_name);
  out.end_object().end_object().end_object();
  return response;
}

bool listed(const std::vector<std::string>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return pattern == "_all" || matches_pattern(pattern, name);
  });
}

std::vector<std::string> text_list(const json::Value& value) {
  std::vector<std::string> out;
  if (!value.is_array()) {
    out.push_back(value.to_text());
    return out;
  }
  for (const json::Value& element : value.as_array()) out.push_back(element.to_text());
  return out;
}

json::Value to_json(const std::vector<std::string>& texts) {
  json::Value out = json::Value::array();
  for (const std::string& text : texts) out.push_back(text);
  return out;
}

json::Value role_descriptors(const std::vector<index::security::Role>& roles) {
  json::Value out = json::Value::object();
  for (const index::security::Role& role : roles) {
    std::string text;
    json::Writer writer(text);
    index::security::append_role(writer, role, false);
    if (auto tree = json::parse(text)) out.set(role.name, std::move(*tree));
  }
  return out;
}

void add_security_routes(Router& router) {
  add_security_user_routes(router);
  add_security_role_routes(router);
  add_security_privilege_routes(router);
  add_security_key_routes(router);
  add_security_token_routes(router);
}

}  // namespace stratalog::api
