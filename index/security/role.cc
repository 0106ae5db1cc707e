#include "index/security/role.h"

#include <algorithm>

#include "index/security/name_pattern.h"
#include "index/security/privileges.h"

namespace stratalog::index::security {

namespace {

Error parse_error(std::string reason) {
  return Error(error_types::kElasticsearchParse, std::move(reason));
}

Result<std::vector<std::string>> read_strings(std::string_view role, const json::Member& member) {
  std::vector<std::string> out;
  if (member.value.is_string()) {
    out.push_back(member.value.as_string());
    return out;
  }
  const auto wrong = [&] {
    return parse_error("could not parse [" + member.key + "] field of role [" + std::string(role) +
                       "]. expected a string or an array of strings");
  };
  if (!member.value.is_array()) return wrong();
  for (const json::Value& element : member.value.as_array()) {
    if (!element.is_string()) return wrong();
    out.push_back(element.as_string());
  }
  return out;
}

Status read_field_security(std::string_view role, const json::Value& rules,
                           IndicesPrivileges& group) {
  if (rules.is_null()) return {};
  const std::string head =
      "failed to parse indices privileges for role [" + std::string(role) + "]. ";
  if (!rules.is_object())
    return parse_error(head + "expected field [field_security] to be an IndicesPrivileges object");
  for (const json::Member& member : rules.as_object()) {
    if (member.key == "grant") {
      ASSIGN_OR_RETURN(group.granted_fields, read_strings(role, member));
    } else if (member.key == "except") {
      ASSIGN_OR_RETURN(group.denied_fields, read_strings(role, member));
    } else {
      return parse_error(
          head +
          "\"field_security\" only accepts options [grant] and [except], but got: " + member.key);
    }
  }
  for (const std::string& denied : group.denied_fields) {
    if (!group.granted_fields) break;
    ASSIGN_OR_RETURN(const NamePattern hole, NamePattern::parse(denied));
    ASSIGN_OR_RETURN(const NamePatterns granted, parse_patterns(*group.granted_fields));
    const bool held = std::any_of(granted.begin(), granted.end(),
                                  [&](const NamePattern& g) { return g.covers(hole); });
    if (held) continue;
    const auto list = [](const std::vector<std::string>& names) {
      std::string out;
      for (const std::string& n : names) out += (out.empty() ? "" : ", ") + n;
      return "[" + out + "]";
    };
    return Error(error_types::kElasticsearchParse,
                 "Exceptions for field permissions must be a subset of the granted fields but " +
                     list(group.denied_fields) + " is not a subset of " +
                     list(*group.granted_fields));
  }
  return {};
}

Result<IndicesPrivileges> read_group(std::string_view role, const json::Value& body) {
  const std::string head =
      "failed to parse indices privileges for role [" + std::string(role) + "]. ";
  if (!body.is_object()) {
    return parse_error(head +
                       "expected field [indices] value to be an array of objects, but found an "
                       "array element of another type");
  }
  IndicesPrivileges group;
  for (const json::Member& member : body.as_object()) {
    if (member.key == "names" || member.key == "index" || member.key == "name") {
      ASSIGN_OR_RETURN(group.names, read_strings(role, member));
      if (group.names.empty()) return parse_error(head + "[names] cannot be an empty array");
    } else if (member.key == "privileges") {
      ASSIGN_OR_RETURN(group.privileges, read_strings(role, member));
    } else if (member.key == "query") {
      if (member.value.is_object()) {
        group.query = json::to_string(member.value);
      } else if (member.value.is_string()) {
        group.query = member.value.as_string();
      } else if (!member.value.is_null()) {
        return parse_error(head +
                           "expected field [query] to be null, a string, an array, or an "
                           "object");
      }
    } else if (member.key == "field_security") {
      RETURN_IF_ERROR(read_field_security(role, member.value, group));
    } else if (member.key == "allow_restricted_indices") {
      if (!member.value.is_bool())
        return parse_error(head + "expected field [allow_restricted_indices] to be a boolean");
      group.allow_restricted = member.value.as_bool();
    } else {
      return parse_error(head + "unexpected field [" + member.key + "]");
    }
  }
  if (group.names.empty()) return parse_error(head + "missing required [names] field");
  if (body.find("privileges") == nullptr)
    return parse_error(head + "missing required [privileges] field");
  ASSIGN_OR_RETURN(const NamePatterns checked, parse_patterns(group.names));
  return group;
}

Result<ApplicationPrivileges> read_application(std::string_view role, const json::Value& body) {
  ApplicationPrivileges out;
  const std::string head =
      "failed to parse application privileges for role [" + std::string(role) + "]. ";
  if (!body.is_object()) return parse_error(head + "expected an array of objects");
  for (const json::Member& member : body.as_object()) {
    if (member.key == "application") {
      out.application = member.value.to_text();
    } else if (member.key == "privileges") {
      ASSIGN_OR_RETURN(out.privileges, read_strings(role, member));
    } else if (member.key == "resources") {
      ASSIGN_OR_RETURN(out.resources, read_strings(role, member));
    } else {
      return parse_error(head + "unexpected field [" + member.key + "]");
    }
  }
  for (const auto& [name, missing] : {std::pair("application", out.application.empty()),
                                      std::pair("privileges", out.privileges.empty()),
                                      std::pair("resources", out.resources.empty())}) {
    if (missing) return parse_error(head + "missing required [" + name + "] field");
  }
  return out;
}

Status read_global(std::string_view role, const json::Value& body, Role& out) {
  const std::string head = "failed to parse global privileges for role [" + std::string(role) +
                           "]. only [application.manage.applications] is known";
  if (!body.is_object() || body.size() > 1) return parse_error(head);
  const json::Value* manage = body.find_path("application.manage");
  if (body.empty()) return {};
  if (manage == nullptr || !manage->is_object() || manage->size() != 1 ||
      manage->as_object()[0].key != "applications") {
    return parse_error(head);
  }
  ASSIGN_OR_RETURN(out.managed_applications, read_strings(role, manage->as_object()[0]));
  return {};
}

void append_strings(json::Writer& out, std::string_view key, const std::vector<std::string>& list) {
  out.key(key).begin_array();
  for (const std::string& text : list) out.string(text);
  out.end_array();
}

}  // namespace

Result<Role> parse_role(std::string_view name, const json::Value& body) {
  const std::string head = "failed to parse role [" + std::string(name) + "]. ";
  if (!body.is_object()) return parse_error(head + "expected an object but found something else");
  Role role;
  role.name = name;
  for (const json::Member& member : body.as_object()) {
    const std::string& key = member.key;
    if (key == "cluster") {
      ASSIGN_OR_RETURN(role.cluster, read_strings(name, member));
    } else if (key == "run_as") {
      ASSIGN_OR_RETURN(role.run_as, read_strings(name, member));
    } else if (key == "indices" || key == "index") {
      if (!member.value.is_array()) {
        return parse_error("failed to parse indices privileges for role [" + std::string(name) +
                           "]. expected field [" + key +
                           "] value to be an array, but found "
                           "something else");
      }
      for (const json::Value& element : member.value.as_array()) {
        ASSIGN_OR_RETURN(IndicesPrivileges group, read_group(name, element));
        role.indices.push_back(std::move(group));
      }
    } else if (key == "applications") {
      if (!member.value.is_array())
        return parse_error(head + "expected field [applications] value to be an array");
      for (const json::Value& element : member.value.as_array()) {
        ASSIGN_OR_RETURN(ApplicationPrivileges application, read_application(name, element));
        role.applications.push_back(std::move(application));
      }
    } else if (key == "global") {
      RETURN_IF_ERROR(read_global(name, member.value, role));
    } else if (key == "metadata") {
      if (!member.value.is_object()) {
        return parse_error(
            "expected field [metadata] to be of type object, but found something "
            "else");
      }
      role.metadata = member.value;
    } else if (key != "transient_metadata") {
      return parse_error(head + "unexpected field [" + key + "]");
    }
  }
  return role;
}

void append_indices(json::Writer& out, const IndicesPrivileges& group) {
  out.begin_object();
  append_strings(out, "names", group.names);
  append_strings(out, "privileges", group.privileges);
  if (group.granted_fields || !group.denied_fields.empty()) {
    out.key("field_security").begin_object();
    if (group.granted_fields) append_strings(out, "grant", *group.granted_fields);
    if (!group.denied_fields.empty()) append_strings(out, "except", group.denied_fields);
    out.end_object();
  }
  if (!group.query.empty()) out.field("query", group.query);
  out.field("allow_restricted_indices", group.allow_restricted).end_object();
}

void append_application(json::Writer& out, const ApplicationPrivileges& application) {
  out.begin_object().field("application", application.application);
  append_strings(out, "privileges", application.privileges);
  append_strings(out, "resources", application.resources);
  out.end_object();
}

void append_role(json::Writer& out, const Role& role, bool transient) {
  out.begin_object();
  append_strings(out, "cluster", role.cluster);
  if (!role.managed_applications.empty()) {
    out.key("global").begin_object().key("application").begin_object().key("manage");
    out.begin_object();
    append_strings(out, "applications", role.managed_applications);
    out.end_object().end_object().end_object();
  }
  out.key("indices").begin_array();
  for (const IndicesPrivileges& group : role.indices) append_indices(out, group);
  out.end_array().key("applications").begin_array();
  for (const ApplicationPrivileges& application : role.applications)
    append_application(out, application);
  out.end_array();
  append_strings(out, "run_as", role.run_as);
  out.field("metadata", role.metadata);
  if (transient) {
    out.key("transient_metadata").begin_object();
    if (role.name != "superuser") out.field("enabled", true);
    out.end_object();
  }
  out.end_object();
}

std::optional<std::string> invalid_name(std::string_view name, std::string_view kind) {
  constexpr size_t kNameMax = 1024;
  const bool printable =
      std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
  const bool trimmed = !name.empty() && name.front() != ' ' && name.back() != ' ';
  if (printable && trimmed && name.size() <= kNameMax) return std::nullopt;
  return std::string(kind) +
         " names must be at least 1 and no more than 1024 characters. They can contain "
         "alphanumeric characters (a-z, A-Z, 0-9), spaces, punctuation, and printable symbols in "
         "the Basic Latin (ASCII) block. Leading or trailing whitespace is not allowed.";
}

}  // namespace stratalog::index::security
