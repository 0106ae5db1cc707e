// Application privileges, and whether one has privileges. Elasticsearch doc pages "Create or update
// application privileges", "Has privileges", "Get builtin privileges".
#include <algorithm>
#include <map>

#include "api/families.h"
#include "api/security_common.h"
#include "api/source_params.h"

namespace stratalog::api {

namespace {

using index::security::Actions;
using index::security::Kind;
using index::security::NamePattern;
using index::security::Principal;
using index::security::SecurityService;

constexpr std::string_view kGet = "cluster:admin/xpack/security/privilege/get";
constexpr std::string_view kPut = "cluster:admin/xpack/security/privilege/put";
constexpr std::string_view kDelete = "cluster:admin/xpack/security/privilege/delete";
constexpr std::string_view kHasPrivileges = "cluster:admin/xpack/security/user/has_privileges";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Elasticsearch's ApplicationPrivilege.validateApplicationName without wildcards.
std::optional<std::string> wrong_application(std::string_view name) {
  const size_t dash = name.find_first_of("-_");
  const std::string_view head = name.substr(0, dash);
  const bool fine =
      !head.empty() && head[0] >= 'a' && head[0] <= 'z' &&
      std::all_of(head.begin(), head.end(), [](char c) { return is_letter(c) || is_digit(c); });
  if (!fine) {
    return "An application name prefix must match the pattern ^[a-z][A-Za-z0-9]*$ (found '" +
           std::string(head) + "')";
  }
  if (head.size() < 3) {
    return "An application name prefix must be at least 3 characters long (found '" +
           std::string(head) + "')";
  }
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view tail = name.substr(dash + 1);
  if (tail.find_first_of("\\/*?\"<>| ,") != std::string_view::npos) {
    return "An application name suffix may not contain any of the characters '\\/*?\"<>|,' (found "
           "'" +
           std::string(tail) + "')";
  }
  return std::nullopt;
}

std::optional<std::string> wrong_privilege(std::string_view name) {
  const bool fine = !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
                    });
  if (fine) return std::nullopt;
  return "Application privilege names must match the pattern ^[a-z][a-zA-Z0-9_.-]*$ (found '" +
         std::string(name) + "')";
}

// By a cluster privilege, or by a global one over every application that is named.
Status may_manage(const Request& request, std::string_view action,
                  const std::vector<std::string>& applications) {
  const auto& permissions = *request.principal->permissions;
  const bool all = !applications.empty() &&
                   std::all_of(applications.begin(), applications.end(),
                               [&](const auto& a) { return permissions.manages_application(a); });
  return all ? Status() : may(request, action);
}

Result<Response> get(const Request& request, Context& context) {
  const std::vector<std::string> applications = split_list(request.path_param("application"));
  const std::vector<std::string> names = split_list(request.path_param("privilege"));
  RETURN_IF_ERROR(may_manage(request, kGet, applications));
  std::map<std::string, std::string> shown;  // members by application
  for (const auto& [key, record] : context.security->store().list(Kind::kPrivilege)) {
    const size_t slash = key.find('/');
    const std::string application = key.substr(0, slash), name = key.substr(slash + 1);
    if (!applications.empty() && !listed(applications, application)) continue;
    if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) continue;
    std::string& members = shown[application];
    if (!members.empty()) members += ',';
    json::append_escaped(members, name);
    members += ':';
    json::append(members, *record);
  }
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  for (const auto& [application, members] : shown) out.key(application).raw("{" + members + "}");
  out.end_object();
  response.status = shown.empty() && !names.empty() ? 404 : 200;
  return response;
}

Result<Response> put(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const json::Value body, required_body(request, "request body is required"));
  std::vector<index::security::SecurityStore::Change> changes;
  std::vector<std::string> applications, problems;
  auto& store = context.security->store();
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  for (const json::Member& application : body.as_object()) {
    applications.push_back(application.key);
    if (const auto wrong = wrong_application(application.key)) problems.push_back(*wrong);
    if (!application.value.is_object())
      return parse_failed("expected object but found another value for [" + application.key + "]");
    out.key(application.key).begin_object();
    for (const json::Member& privilege : application.value.as_object()) {
      if (const auto wrong = wrong_privilege(privilege.key)) problems.push_back(*wrong);
      json::Value record = json::Value::object(
          {{"application", application.key}, {"name", privilege.key}, {"actions", nullptr}});
      json::Value metadata = json::Value::object();
      if (!privilege.value.is_object()) {
        return parse_failed("expected object but found another value for [" + privilege.key + "]");
      }
      for (const json::Member& member : privilege.value.as_object()) {
        if (member.key == "actions") {
          record.set("actions", to_json(text_list(member.value)));
        } else if (member.key == "metadata" && member.value.is_object()) {
          metadata = member.value;
        } else if ((member.key == "application" || member.key == "name") &&
                   member.value.is_string()) {
          const bool app = member.key == "application";
          const std::string& expected = app ? application.key : privilege.key;
          if (member.value.as_string() != expected) {
            return Error(error_types::kIllegalArgument,
                         std::string(app ? "application" : "privilege") + " name [" +
                             member.value.as_string() + "] does not match the path [" + expected +
                             "]");
          }
        } else {
          return Error(error_types::kXContentParse,
                       "[application_privilege] unknown field [" + member.key + "]");
        }
      }
      if (record.find("actions")->empty())
        problems.emplace_back("Application privileges must have at least one action");
      for (const std::string& action : index::security::strings_of(record.find("actions"))) {
        if (action.find_first_of("/*:") == std::string::npos)
          problems.push_back("action [" + action + "] must contain one of [ '/' , '*' , ':' ]");
      }
      for (const json::Member& member : metadata.as_object()) {
        if (member.key.starts_with('_'))
          problems.emplace_back("metadata keys may not start with [_]");
      }
      record.set("metadata", std::move(metadata));
      const std::string key = application.key + "/" + privilege.key;
      const bool created = store.get(Kind::kPrivilege, key) == nullptr;
      out.key(privilege.key).begin_object().field("created", created).end_object();
      changes.push_back({Kind::kPrivilege, key, std::move(record)});
    }
    out.end_object();
  }
  out.end_object();
  if (changes.empty()) problems.emplace_back("At least one application privilege must be provided");
  if (!problems.empty()) return validation_error(problems);
  RETURN_IF_ERROR(may_manage(request, kPut, applications));
  RETURN_IF_ERROR(store.change(changes));
  return response;
}

Result<Response> remove(const Request& request, Context& context) {
  const std::string& application = request.path_param("application");
  RETURN_IF_ERROR(may_manage(request, kDelete, {application}));
  auto& store = context.security->store();
  std::vector<index::security::SecurityStore::Change> changes;
  Response response;
  json::Writer out(response.body);
  out.begin_object().key(application).begin_object();
  for (const std::string& name : split_list(request.path_param("privilege"))) {
    const std::string key = application + "/" + name;
    const bool found = store.get(Kind::kPrivilege, key) != nullptr;
    if (found) changes.push_back({Kind::kPrivilege, key, std::nullopt});
    out.key(name).begin_object().field("found", found).end_object();
  }
  out.end_object().end_object();
  if (!changes.empty()) RETURN_IF_ERROR(store.change(changes));
  response.status = changes.empty() ? 404 : 200;
  return response;
}

Result<Response> builtin(const Request&, Context&) {
  Response response;
  json::Writer out(response.body);
  out.begin_object().key("cluster").begin_array();
  for (const auto& privilege : index::security::cluster_privileges()) out.string(privilege.name);
  out.end_array().key("index").begin_array();
  for (const auto& privilege : index::security::index_privileges()) out.string(privilege.name);
  out.end_array().end_object();
  return response;
}

// One part of a question about privileges: what was asked, and what of it is had.
class Answers {
 public:
  explicit Answers(const Principal& who, const SecurityService& security)
      : who_(who), security_(security) {}

  Status cluster(const json::Value& names, json::Writer& out) {
    for (const std::string& name : sorted(names)) {
      ASSIGN_OR_RETURN(const auto actions, index::security::resolve_cluster(std::span(&name, 1)));
      note(out, name, who_.permissions->has_cluster_named(name, actions[0]));
    }
    return {};
  }

  Status indices(const json::Value& groups, json::Writer& out) {
    std::map<std::string, std::map<std::string, bool>> answers;
    for (const json::Value& group : groups.is_array() ? groups.as_array() : json::Array{}) {
      const json::Value* restricted = group.find("allow_restricted_indices");
      for (const char* key : {"names", "privileges"}) {
        if (group.find(key) == nullptr) return missing(key);
      }
      for (const std::string& name : text_list(*group.find("names"))) {
        ASSIGN_OR_RETURN(const NamePattern pattern, NamePattern::parse(name));
        for (const std::string& privilege : text_list(*group.find("privileges"))) {
          ASSIGN_OR_RETURN(const auto actions,
                           index::security::resolve_index(std::span(&privilege, 1)));
          answers[name][privilege] = who_.permissions->has_index(
              pattern, restricted != nullptr && restricted->to_bool().value_or(false), actions[0]);
        }
      }
    }
    write(answers, out);
    return {};
  }

  Status applications(const json::Value& groups, json::Writer& out) {
    std::map<std::string, std::map<std::string, std::map<std::string, bool>>> answers;
    for (const json::Value& group : groups.is_array() ? groups.as_array() : json::Array{}) {
      for (const char* key : {"application", "resources", "privileges"}) {
        if (group.find(key) == nullptr) return missing(key);
      }
      const std::string application = group.find("application")->to_text();
      for (const std::string& resource : text_list(*group.find("resources"))) {
        ASSIGN_OR_RETURN(const NamePattern pattern, NamePattern::parse(resource));
        for (const std::string& privilege : text_list(*group.find("privileges"))) {
          const bool named = privilege.find_first_of("/*:") == std::string::npos;
          const std::vector<std::string> actions =
              named ? security_.actions(application, privilege) : std::vector<std::string>();
          answers[application][resource][privilege] =
              who_.permissions->has_application(application, privilege, actions, pattern);
        }
      }
    }
    for (const auto& [application, resources] : answers) {
      out.key(application).begin_object();
      write(resources, out);
      out.end_object();
    }
    return {};
  }

  bool all() const { return all_; }

 private:
  static std::vector<std::string> sorted(const json::Value& names) {
    std::vector<std::string> out = text_list(names);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }
  static Error missing(const char* field) {
    return parse_failed(std::string("failed to parse privileges check. missing required [") +
                        field + "] field");
  }
  void note(json::Writer& out, const std::string& name, bool has) {
    all_ = all_ && has;
    out.field(name, has);
  }
  void write(const std::map<std::string, std::map<std::string, bool>>& answers, json::Writer& out) {
    for (const auto& [name, privileges] : answers) {
      out.key(name).begin_object();
      for (const auto& [privilege, has] : privileges) note(out, privilege, has);
      out.end_object();
    }
  }

  const Principal& who_;
  const SecurityService& security_;
  bool all_ = true;
};

Result<Response> has_privileges(const Request& request, Context& context) {
  const Principal& who = *request.principal;
  const std::string name = request.has_path_param("name") ? request.path_param("name") : who.name;
  if (name != who.name) {
    RETURN_IF_ERROR(may(request, kHasPrivileges));
    return Error(error_types::kIllegalArgument,
                 "users may only check the privileges of their own account");
  }
  ASSIGN_OR_RETURN(const json::Value body,
                   required_body(request, "request body or source parameter is required"));
  const std::string head = "failed to parse privileges check [" + name + "/has_privileges]. ";
  Answers answers(who, *context.security);
  std::string cluster, indices, applications;
  json::Writer cluster_out(cluster), indices_out(indices), applications_out(applications);
  cluster_out.begin_object();
  indices_out.begin_object();
  applications_out.begin_object();
  for (const json::Member& member : body.as_object()) {
    if (member.key == "cluster") {
      RETURN_IF_ERROR(answers.cluster(member.value, cluster_out));
    } else if (member.key == "index" || member.key == "indices") {
      RETURN_IF_ERROR(answers.indices(member.value, indices_out));
    } else if (member.key == "application" || member.key == "applications") {
      RETURN_IF_ERROR(answers.applications(member.value, applications_out));
    } else {
      return parse_failed(head + "unexpected field [" + member.key + "]");
    }
  }
  if (body.empty()) {
    return parse_failed(head + "All privilege fields [cluster,index,applications] are missing");
  }
  cluster_out.end_object();
  indices_out.end_object();
  applications_out.end_object();
  Response response;
  json::Writer out(response.body);
  out.begin_object().field("username", name).field("has_all_requested", answers.all());
  out.key("cluster").raw(cluster).key("index").raw(indices).key("application").raw(applications);
  out.end_object();
  return response;
}

}  // namespace

void add_security_privilege_routes(Router& router) {
  const std::vector<std::string> refresh{"refresh"};
  add_routes(router, {Method::kGet, Method::kPost},
             {"/_security/user/_has_privileges", "/_security/user/{name}/_has_privileges"},
             has_privileges, {});
  add_routes(router, {Method::kGet}, {"/_security/privilege/_builtin"}, builtin, {});
  add_routes(router, {Method::kGet},
             {"/_security/privilege", "/_security/privilege/{application}",
              "/_security/privilege/{application}/{privilege}"},
             get, {});
  add_routes(router, {Method::kPut, Method::kPost}, {"/_security/privilege"}, put, refresh);
  add_routes(router, {Method::kDelete}, {"/_security/privilege/{application}/{privilege}"}, remove,
             refresh);
  add_routes(router, {Method::kPost}, {"/_security/privilege/{application}/_clear_cache"},
             caches_are_clear, {});
}

}  // namespace stratalog::api
