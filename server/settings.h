// The node's settings: command line (-E) over environment over file (stratalog.yml,
// elasticsearch.yml) over keystore over defaults.
//
// Names are Elasticsearch's where it has them. Those of its settings that make no sense here are
// taken and named once in the log; unknown names stop the start with a suggestion.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "server/http_server.h"

namespace stratalog::server {

struct ServerSettings {
  std::string cluster_name = "elasticsearch";
  std::string node_name;  // default: the host's name
  std::string path_data = "data";
  std::string path_config = "config";  // relative paths of certificates begin here

  // As written: the first that is set of http.bind_host, http.host, network.bind_host and
  // network.host.
  std::vector<std::string> bind_hosts = {"_local_"};
  std::vector<std::string> publish_hosts = {"_local_"};  // the same with publish_host
  uint16_t port_first = 9200;
  uint16_t port_last = 9200;  // http.port: 9200-9300 takes the first that is free
  HttpServerOptions http;

  bool security_enabled = true;
  bool audit_enabled = false;
  std::string path_logs;  // of the audit log; "": the folder logs beside the data
  std::string audit_path() const { return path_logs.empty() ? path_data + "/logs" : path_logs; }
  bool ssl_enabled = true;
  std::string ssl_key;  // "": our own, made at the first start
  std::string ssl_certificate;
  std::string ssl_key_passphrase;
  std::vector<std::string> ssl_certificate_authorities;
  bool ssl_client_required = false;
  std::string elastic_password;  // ELASTIC_PASSWORD, ELASTIC_PASSWORD_FILE, bootstrap.password

  uint64_t memory_limit_bytes = 0;  // 0: by default_memory_limit()
  uint32_t bulk_retries_window_ms = 3'600'000;
  std::optional<uint64_t> bulk_retries_bytes;  // none: a share of the memory limit
  uint32_t shutdown_grace_ms = 30'000;
  log::Level log_level = log::Level::kInfo;
  bool log_json = false;  // also on a terminal

  std::vector<std::string> without_effect;  // names that were taken and do nothing
};

using SettingMap = std::map<std::string, std::string>;

// Where settings come from. Lists are joined by commas.
struct SettingSources {
  std::string config_path;                         // "": looked for in config_folder()
  std::vector<std::string> overrides;              // "key=value"
  std::map<std::string, std::string> environment;  // all of it
};

std::map<std::string, std::string> process_environment();

// Where the settings file and elasticsearch.keystore are: beside config_path, or ES_PATH_CONF, or
// config in ES_HOME or, without that, in the working folder.
std::string config_folder(const SettingSources& sources);

// The password of a keystore that has one: KEYSTORE_PASSWORD, or the file that
// KEYSTORE_PASSWORD_FILE names.
Result<std::string> keystore_password(const std::map<std::string, std::string>& environment);

// Errors  settings_exception and illegal_argument_exception that name the setting and, for files,
// line and column.
Result<ServerSettings> load_settings(const SettingSources& sources);

// The parts, for tests.
Result<SettingMap> flatten_yaml(const std::string& text,
                                const std::map<std::string, std::string>& environment);
Result<ServerSettings> interpret_settings(const SettingMap& values);

}  // namespace stratalog::server
