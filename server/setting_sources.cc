#include "server/setting_sources.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "server/keystore.h"

extern char** environ;

namespace stratalog::server {
namespace {

using Environment = std::map<std::string, std::string>;

constexpr uint32_t kDepthMax = 32;

// ${NAME} and ${NAME:default}, as Elasticsearch replaces them.
Result<std::string> substitute(const std::string& text, const Environment& environment) {
  std::string out;
  for (size_t at = 0;;) {
    const size_t start = text.find("${", at);
    const size_t end = start == std::string::npos ? start : text.find('}', start);
    if (end == std::string::npos) return out + text.substr(at);
    out += text.substr(at, start - at);
    const std::string inside = text.substr(start + 2, end - start - 2);
    const size_t colon = inside.find(':');
    const auto found = environment.find(inside.substr(0, colon));
    if (found != environment.end()) {
      out += found->second;
    } else if (colon != std::string::npos) {
      out += inside.substr(colon + 1);
    } else {
      return Error(error_types::kIllegalArgument, "Could not resolve placeholder '" + inside + "'");
    }
    at = end + 1;
  }
}

Error yaml_error(const YAML::Mark& mark, const std::string& what) {
  return Error(error_types::kSettings, "line " + std::to_string(mark.line + 1) + ", column " +
                                           std::to_string(mark.column + 1) + ": " + what);
}

Status flatten(const YAML::Node& node, const std::string& name, uint32_t depth,
               const Environment& environment, SettingMap& out) {
  if (depth > kDepthMax) return yaml_error(node.Mark(), "too deeply nested");
  if (node.IsMap()) {
    for (const auto& member : node) {
      if (!member.first.IsScalar())
        return yaml_error(member.first.Mark(), "a setting's name must be text");
      const std::string key = member.first.Scalar();
      RETURN_IF_ERROR(flatten(member.second, name.empty() ? key : name + "." + key, depth + 1,
                              environment, out));
    }
    return {};
  }
  if (name.empty()) return yaml_error(node.Mark(), "settings must be names with values");
  std::string value;
  if (node.IsSequence()) {
    for (const auto& item : node) {
      if (!item.IsScalar()) return yaml_error(item.Mark(), "a list holds plain values only");
      ASSIGN_OR_RETURN(const std::string text, substitute(item.Scalar(), environment));
      value += (value.empty() ? "" : ",") + text;
    }
  } else if (node.IsScalar()) {
    ASSIGN_OR_RETURN(value, substitute(node.Scalar(), environment));
  } else {
    return {};  // a name without a value sets nothing
  }
  if (!out.emplace(name, value).second)
    return yaml_error(node.Mark(), "[" + name + "] is set twice");
  return {};
}

bool is_setting_name(const std::string& name) {
  return name.find('.') != std::string::npos && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
                  c == '-';
         });
}

}  // namespace

std::map<std::string, std::string> process_environment() {
  Environment environment;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string entry = *at;
    const size_t equals = entry.find('=');
    if (equals != std::string::npos)
      environment[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return environment;
}

Result<std::string> read_settings_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return Error(error_types::kSettings, "cannot read [" + path + "]");
  return text.str();
}

Result<SettingMap> flatten_yaml(const std::string& text, const Environment& environment) {
  SettingMap values;
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return values;
    RETURN_IF_ERROR(flatten(root, "", 0, environment, values));
  } catch (const YAML::Exception& e) {
    return yaml_error(e.mark, e.msg);
  }
  return values;
}

SettingMap settings_of_environment(const Environment& environment) {
  static constexpr std::string_view kPrefix = "ES_SETTING_";
  SettingMap values;
  for (const auto& [name, value] : environment) {
    if (value.empty()) continue;
    if (is_setting_name(name)) values[name] = value;
    if (!name.starts_with(kPrefix)) continue;
    std::string setting;
    for (size_t i = kPrefix.size(); i < name.size(); ++i) {
      if (name[i] != '_') {
        setting.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(name[i]))));
      } else if (i + 1 < name.size() && name[i + 1] == '_') {
        setting.push_back('_');
        ++i;
      } else {
        setting.push_back('.');
      }
    }
    values[setting] = value;
  }
  return values;
}

Status read_secret_variable(const Environment& environment, const std::string& name,
                            std::string& secret) {
  const auto direct = environment.find(name);
  const auto file = environment.find(name + "_FILE");
  if (file == environment.end()) {
    if (direct != environment.end()) secret = direct->second;
    return {};
  }
  if (direct != environment.end())
    return Error(error_types::kSettings, name + " and " + name + "_FILE are both set");
  ASSIGN_OR_RETURN(secret, read_settings_file(file->second));
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty())
    return Error(error_types::kSettings, "[" + file->second + "] holds no password");
  return {};
}

Result<std::string> keystore_password(const Environment& environment) {
  std::string password;
  RETURN_IF_ERROR(read_secret_variable(environment, "KEYSTORE_PASSWORD", password));
  return password;
}

Result<SettingMap> read_keystore_settings(const std::string& config_folder,
                                          const Environment& environment) {
  // Names that a keystore holds, and the settings that they are here.
  static const std::map<std::string, std::string> kSecrets = {
      {"bootstrap.password", "bootstrap.password"},
      {"xpack.security.http.ssl.secure_key_passphrase", "xpack.security.http.ssl.key_passphrase"},
  };
  // Secrets of what is not built.
  static constexpr std::string_view kUnused[] = {"azure.client.", "gcs.client.", "s3.client.",
                                                 "xpack."};
  const std::string path = config_folder + "/elasticsearch.keystore";
  SettingMap values;
  if (!std::filesystem::exists(path)) return values;
  ASSIGN_OR_RETURN(const std::string password, keystore_password(environment));
  ASSIGN_OR_RETURN(const Keystore keystore, read_keystore(path, password));
  for (const auto& [name, value] : keystore.entries) {
    if (name == "keystore.seed") continue;
    const auto secret = kSecrets.find(name);
    const bool unused =
        std::any_of(std::begin(kUnused), std::end(kUnused),
                    [&](std::string_view known) { return name.starts_with(known); });
    if (secret == kSecrets.end() && !unused)
      return Error(error_types::kIllegalArgument,
                   "[" + path + "]: unknown secure setting [" + name + "]");
    values[secret == kSecrets.end() ? name : secret->second] = value;
  }
  return values;
}

}  // namespace stratalog::server
