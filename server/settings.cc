#include "server/settings.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>
#include <thread>

#include "base/edit_distance.h"
#include "base/units.h"
#include "server/memory_limit.h"
#include "server/setting_sources.h"

namespace stratalog::server {
namespace {

using Apply =
    std::function<Status(ServerSettings&, const std::string& name, const std::string& value)>;

Error bad_value(const std::string& name, const std::string& value, const std::string& expected) {
  return Error(error_types::kIllegalArgument,
               "Failed to parse value [" + value + "] for setting [" + name + "]: " + expected);
}

std::vector<std::string> split_list(const std::string& value) {
  std::vector<std::string> items;
  for (size_t at = 0; at <= value.size();) {
    const size_t comma = std::min(value.find(',', at), value.size());
    std::string item = value.substr(at, comma - at);
    item.erase(0, item.find_first_not_of(" \t"));
    item.erase(item.find_last_not_of(" \t") + 1);
    if (!item.empty()) items.push_back(std::move(item));
    at = comma + 1;
  }
  return items;
}

Result<uint64_t> parse_number(const std::string& name, const std::string& value, uint64_t least,
                              uint64_t most) {
  uint64_t number = 0;
  const auto [at, code] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (code == std::errc() && at == value.data() + value.size() && number >= least &&
      number <= most) {
    return number;
  }
  return bad_value(
      name, value,
      "must be a number from " + std::to_string(least) + " to " + std::to_string(most));
}

Apply text(std::string ServerSettings::* member) {
  return [member](ServerSettings& s, const std::string&, const std::string& value) -> Status {
    s.*member = value;
    return {};
  };
}

Apply list(std::vector<std::string> ServerSettings::* member) {
  return [member](ServerSettings& s, const std::string&, const std::string& value) -> Status {
    s.*member = split_list(value);
    return {};
  };
}

template <typename Place>
Apply boolean(Place place) {
  return [place](ServerSettings& s, const std::string& name, const std::string& value) -> Status {
    if (value != "true" && value != "false") {
      return Error(error_types::kIllegalArgument, "Failed to parse value [" + value +
                                                      "] for setting [" + name +
                                                      "] as only [true] or [false] are allowed.");
    }
    place(s) = value == "true";
    return {};
  };
}

template <typename Place>
Apply bytes(Place place, int64_t least) {
  return [place, least](ServerSettings& s, const std::string& name,
                        const std::string& value) -> Status {
    ASSIGN_OR_RETURN(const int64_t size, parse_byte_size(value, name));
    if (size < least) return bad_value(name, value, "must be >= [" + std::to_string(least) + "b]");
    place(s) = static_cast<std::remove_reference_t<decltype(place(s))>>(size);
    return {};
  };
}

template <typename Place>
Apply milliseconds(Place place) {
  return [place](ServerSettings& s, const std::string& name, const std::string& value) -> Status {
    ASSIGN_OR_RETURN(const TimeValue time, parse_time_value(value, name));
    if (time.millis() < 0 || time.millis() > UINT32_MAX)
      return bad_value(name, value, "out of range");
    place(s) = static_cast<uint32_t>(time.millis());
    return {};
  };
}

template <typename Place>
Apply number(Place place, uint64_t least, uint64_t most) {
  return [=](ServerSettings& s, const std::string& name, const std::string& value) -> Status {
    ASSIGN_OR_RETURN(const uint64_t n, parse_number(name, value, least, most));
    place(s) = static_cast<std::remove_reference_t<decltype(place(s))>>(n);
    return {};
  };
}

Status apply_port(ServerSettings& s, const std::string& name, const std::string& value) {
  const size_t dash = value.find('-');
  ASSIGN_OR_RETURN(const uint64_t first, parse_number(name, value.substr(0, dash), 0, 65535));
  uint64_t last = first;
  if (dash != std::string::npos) {
    ASSIGN_OR_RETURN(last, parse_number(name, value.substr(dash + 1), first, 65535));
  }
  s.port_first = static_cast<uint16_t>(first);
  s.port_last = static_cast<uint16_t>(last);
  return {};
}

Status apply_memory_limit(ServerSettings& s, const std::string& name, const std::string& value) {
  if (value.ends_with('%')) {
    ASSIGN_OR_RETURN(const uint64_t percent,
                     parse_number(name, value.substr(0, value.size() - 1), 1, 100));
    s.memory_limit_bytes = available_memory_bytes() / 100 * percent;
    return {};
  }
  ASSIGN_OR_RETURN(const int64_t size, parse_byte_size(value, name));
  if (size < (64 << 20)) return bad_value(name, value, "must be at least [64mb]");
  s.memory_limit_bytes = static_cast<uint64_t>(size);
  return {};
}

Status apply_bulk_retries_memory(ServerSettings& s, const std::string& name,
                                 const std::string& value) {
  ASSIGN_OR_RETURN(const int64_t size, parse_byte_size(value, name));
  if (size < 0) return bad_value(name, value, "must be >= [0b]");
  s.bulk_retries_bytes = static_cast<uint64_t>(size);
  return {};
}

Status apply_log_level(ServerSettings& s, const std::string& name, const std::string& value) {
  std::string lower = value;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "trace" || lower == "debug") {
    s.log_level = log::Level::kDebug;
  } else if (lower == "info") {
    s.log_level = log::Level::kInfo;
  } else if (lower == "warn") {
    s.log_level = log::Level::kWarn;
  } else if (lower == "error" || lower == "fatal") {
    s.log_level = log::Level::kError;
  } else {
    return bad_value(name, value, "must be one of [trace, debug, info, warn, error]");
  }
  return {};
}

Status apply_client_authentication(ServerSettings& s, const std::string& name,
                                   const std::string& value) {
  if (value != "none" && value != "optional" && value != "required") {
    return bad_value(name, value, "must be one of [none, optional, required]");
  }
  s.ssl_client_required = value == "required";
  return {};
}

// Which of several decides is only known when all are.
Status by_rank(ServerSettings&, const std::string&, const std::string&) { return {}; }

void apply_hosts(ServerSettings& settings, const SettingMap& values) {
  const auto first_of = [&](std::initializer_list<const char*> names,
                            std::vector<std::string>& hosts) {
    for (const char* name : names) {
      const auto at = values.find(name);
      if (at == values.end()) continue;
      if (auto given = split_list(at->second); !given.empty()) {
        hosts = std::move(given);
        return;
      }
    }
  };
  first_of({"http.bind_host", "http.host", "network.bind_host", "network.host"},
           settings.bind_hosts);
  first_of({"http.publish_host", "http.host", "network.publish_host", "network.host"},
           settings.publish_hosts);
}

// What has an effect here. Beside each name what it does to ServerSettings.
const std::map<std::string, Apply>& known_settings() {
  using S = ServerSettings;
  static const std::map<std::string, Apply> kKnown = {
      {"cluster.name", text(&S::cluster_name)},
      {"node.name", text(&S::node_name)},
      {"path.data", text(&S::path_data)},
      {"path.logs", text(&S::path_logs)},
      {"network.host", by_rank},
      {"network.bind_host", by_rank},
      {"network.publish_host", by_rank},
      {"http.host", by_rank},
      {"http.bind_host", by_rank},
      {"http.publish_host", by_rank},
      {"http.port", apply_port},
      {"http.max_content_length", bytes([](S& s) -> auto& { return s.http.content_bytes_max; }, 1)},
      {"http.max_initial_line_length",
       bytes([](S& s) -> auto& { return s.http.head.line_bytes_max; }, 64)},
      {"http.max_header_size",
       bytes([](S& s) -> auto& { return s.http.head.header_bytes_max; }, 64)},
      {"http.max_connections",
       number([](S& s) -> auto& { return s.http.connections_max; }, 1, 1'000'000)},
      {"http.compression", boolean([](S& s) -> auto& { return s.http.compression; })},
      {"http.io_threads", number([](S& s) -> auto& { return s.http.io_threads; }, 1, 64)},
      {"http.read_timeout.header",
       milliseconds([](S& s) -> auto& { return s.http.header_timeout_ms; })},
      {"http.read_timeout.body",
       milliseconds([](S& s) -> auto& { return s.http.body_timeout_ms; })},
      {"http.read_timeout.body_rate",
       bytes([](S& s) -> auto& { return s.http.body_bytes_per_second_min; }, 0)},
      {"http.read_timeout.idle",
       milliseconds([](S& s) -> auto& { return s.http.idle_timeout_ms; })},
      {"http.shutdown_grace", milliseconds([](S& s) -> auto& { return s.shutdown_grace_ms; })},
      {"thread_pool.search.size",
       number([](S& s) -> auto& { return s.http.search_threads; }, 1, 256)},
      {"thread_pool.search.queue_size",
       number([](S& s) -> auto& { return s.http.search_queue_max; }, 1, 1'000'000)},
      {"thread_pool.write.size",
       number([](S& s) -> auto& { return s.http.write_threads; }, 1, 256)},
      {"thread_pool.write.queue_size",
       number([](S& s) -> auto& { return s.http.write_queue_max; }, 1, 1'000'000)},
      {"thread_pool.management.size",
       number([](S& s) -> auto& { return s.http.management_threads; }, 1, 256)},
      {"xpack.security.enabled", boolean([](S& s) -> auto& { return s.security_enabled; })},
      {"xpack.security.audit.enabled", boolean([](S& s) -> auto& { return s.audit_enabled; })},
      {"xpack.security.http.ssl.enabled", boolean([](S& s) -> auto& { return s.ssl_enabled; })},
      {"xpack.security.http.ssl.key", text(&S::ssl_key)},
      {"xpack.security.http.ssl.certificate", text(&S::ssl_certificate)},
      {"xpack.security.http.ssl.key_passphrase", text(&S::ssl_key_passphrase)},
      {"xpack.security.http.ssl.certificate_authorities", list(&S::ssl_certificate_authorities)},
      {"xpack.security.http.ssl.client_authentication", apply_client_authentication},
      {"bootstrap.password", text(&S::elastic_password)},
      {"memory.limit", apply_memory_limit},
      {"bulk.retries.window", milliseconds([](S& s) -> auto& { return s.bulk_retries_window_ms; })},
      {"bulk.retries.memory", apply_bulk_retries_memory},
      {"logger.level", apply_log_level},
      {"log.json", boolean([](S& s) -> auto& { return s.log_json; })},
  };
  return kKnown;
}

// Elasticsearch's settings that mean nothing on a single node without a Java heap, or that are not
// built. A name ending in a dot stands for all below it.
constexpr std::string_view kWithoutEffect[] = {
    "action.",
    "azure.client.",
    "bootstrap.",
    "cluster.",
    "discovery.",
    "gateway.",
    "gcs.client.",
    "http.cors.",
    "http.detailed_errors.enabled",
    "http.max_chunk_size",
    "http.max_warning_header_count",
    "http.max_warning_header_size",
    "http.netty.",
    "http.pipelining.",
    "http.publish_port",
    "http.reset_cookies",
    "http.tcp.",
    "http.type",
    "indices.",
    "ingest.",
    "logger.",
    "monitor.",
    "network.breaker.",
    "network.tcp.",
    "node.attr.",
    "node.data",
    "node.ingest",
    "node.master",
    "node.max_local_storage_nodes",
    "node.ml",
    "node.remote_cluster_client",
    "node.roles",
    "node.store.",
    "node.transform",
    "node.voting_only",
    "path.repo",
    "processors",
    "reindex.",
    "repositories.",
    "resource.",
    "rest.",
    "s3.client.",
    "script.",
    "search.",
    "thread_pool.",
    "transport.",
    "xpack.",
};

bool is_without_effect(const std::string& name) {
  return std::any_of(std::begin(kWithoutEffect), std::end(kWithoutEffect),
                     [&name](std::string_view known) {
                       return known.ends_with('.') ? name.starts_with(known) : name == known;
                     });
}

Error unknown_setting(const std::string& name) {
  std::vector<std::pair<float, std::string>> alike;
  for (const auto& [known, apply] : known_settings()) {
    const float similarity = name_similarity(name, known);
    if (similarity > 0.7F) alike.emplace_back(-similarity, known);
  }
  std::sort(alike.begin(), alike.end());
  std::string message = "unknown setting [" + name + "]";
  if (alike.size() == 1) {
    message += " did you mean [" + alike[0].second + "]?";
  } else if (!alike.empty()) {
    message += " did you mean any of [";
    for (size_t i = 0; i < std::min<size_t>(alike.size(), 3); ++i) {
      message += (i > 0 ? ", " : "") + alike[i].second;
    }
    message += "]?";
  } else {
    message += " please check the documentation for the settings that there are";
  }
  return Error(error_types::kIllegalArgument, message);
}

// A typing error of a name that has an effect must not pass as one of a large family that has none.
bool is_near_known(const std::string& name) {
  for (const auto& [known, apply] : known_settings()) {
    if (name_similarity(name, known) > 0.9F) return true;
  }
  return false;
}

std::string under_config(const ServerSettings& s, const std::string& path) {
  if (path.empty() || path.front() == '/') return path;
  return s.path_config + "/" + path;
}

// Elasticsearch's charts start three by default. Several stores behind one service would each
// hold a part of the logs, and nobody would be told: of those that are to form one cluster the
// first serves, and the others stop.
Status check_is_first_master(const std::string& node_name, const std::string& masters) {
  const std::vector<std::string> names = split_list(masters);
  if (names.size() < 2 || names.front() == node_name) return {};
  if (std::find(names.begin(), names.end(), node_name) == names.end()) return {};
  return Error(error_types::kIllegalArgument,
               "[cluster.initial_master_nodes] names " + std::to_string(names.size()) +
                   " nodes, and Stratalog is one: [" + names.front() + "] serves, [" + node_name +
                   "] does not start. With a chart, set replicas to 1");
}

std::string value_of(const std::map<std::string, std::string>& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? std::string() : found->second;
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof(name) - 1) == 0 && name[0] != '\0' ? name : "stratalog";
}

}  // namespace

Result<ServerSettings> interpret_settings(const SettingMap& values) {
  ServerSettings settings;
  const uint32_t cpus = std::max(1U, std::thread::hardware_concurrency());
  settings.http.io_threads = cpus > 3 ? 2 : 1;
  settings.http.search_threads = std::max(2U, cpus);
  settings.http.write_threads = std::max(2U, cpus);
  for (const auto& [name, value] : values) {
    const auto known = known_settings().find(name);
    if (known != known_settings().end()) {
      RETURN_IF_ERROR(known->second(settings, name, value));
    } else if (is_without_effect(name) && !is_near_known(name)) {
      settings.without_effect.push_back(name);
    } else {
      return unknown_setting(name);
    }
  }
  // As in Elasticsearch, where TLS is part of security; here it can be had without.
  if (!settings.security_enabled && !values.contains("xpack.security.http.ssl.enabled"))
    settings.ssl_enabled = false;
  if (const auto config = values.find("path.config"); config != values.end()) {
    settings.path_config = config->second;
  }
  if (settings.node_name.empty()) settings.node_name = host_name();
  apply_hosts(settings, values);
  RETURN_IF_ERROR(
      check_is_first_master(settings.node_name, value_of(values, "cluster.initial_master_nodes")));
  if (settings.memory_limit_bytes == 0) settings.memory_limit_bytes = default_memory_limit_bytes();
  // A sixth for bodies, which need as much again while they are worked on. One that could never fit
  // is too long, whatever is set.
  settings.http.body_bytes_in_flight_max = settings.memory_limit_bytes / 6;
  settings.http.content_bytes_max =
      std::min(settings.http.content_bytes_max, settings.http.body_bytes_in_flight_max);
  if (settings.ssl_key.empty() != settings.ssl_certificate.empty()) {
    return Error(
        error_types::kSettings,
        "[xpack.security.http.ssl.key] and [xpack.security.http.ssl.certificate] belong together");
  }
  return settings;
}

std::string config_folder(const SettingSources& sources) {
  if (!sources.config_path.empty()) {
    if (std::filesystem::is_directory(sources.config_path)) return sources.config_path;
    const std::string parent = std::filesystem::path(sources.config_path).parent_path().string();
    return parent.empty() ? "." : parent;
  }
  std::string given = value_of(sources.environment, "ES_PATH_CONF");
  const std::string home = value_of(sources.environment, "ES_HOME");
  if (!given.empty()) return given;
  return home.empty() ? "config" : home + "/config";
}

Result<ServerSettings> load_settings(const SettingSources& sources) {
  const std::string folder = config_folder(sources);
  std::string path = sources.config_path;
  const bool is_folder = std::filesystem::is_directory(path);
  if (is_folder) path.clear();
  for (const char* name : {"stratalog.yml", "elasticsearch.yml"}) {
    const std::string found = folder + "/" + name;
    if (path.empty() && std::filesystem::exists(found)) path = found;
  }
  if (is_folder && path.empty()) {
    return Error(error_types::kIllegalArgument,
                 folder + " holds neither stratalog.yml nor elasticsearch.yml");
  }
  ASSIGN_OR_RETURN(SettingMap values, read_keystore_settings(folder, sources.environment));
  if (!path.empty()) {
    ASSIGN_OR_RETURN(const std::string text_of_file, read_settings_file(path));
    auto from_file = flatten_yaml(text_of_file, sources.environment);
    if (!from_file) return Error(from_file.error().type, path + ": " + from_file.error().reason);
    for (auto& [name, value] : *from_file) values[name] = std::move(value);
  }
  for (const auto& [name, value] : settings_of_environment(sources.environment))
    values[name] = value;
  for (const std::string& override_text : sources.overrides) {
    const size_t equals = override_text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return Error(error_types::kIllegalArgument,
                   "-E takes key=value, not [" + override_text + "]");
    }
    values[override_text.substr(0, equals)] = override_text.substr(equals + 1);
  }

  ASSIGN_OR_RETURN(ServerSettings settings, interpret_settings(values));
  settings.path_config = folder;
  const std::string home = value_of(sources.environment, "ES_HOME");
  if (!home.empty() && !settings.path_data.starts_with('/'))
    settings.path_data = home + "/" + settings.path_data;
  settings.ssl_key = under_config(settings, settings.ssl_key);
  settings.ssl_certificate = under_config(settings, settings.ssl_certificate);
  for (std::string& authority : settings.ssl_certificate_authorities) {
    authority = under_config(settings, authority);
  }
  RETURN_IF_ERROR(
      read_secret_variable(sources.environment, "ELASTIC_PASSWORD", settings.elastic_password));
  for (const char* name : {"ES_JAVA_OPTS", "ES_HEAP_SIZE", "CLI_JAVA_OPTS"}) {
    if (sources.environment.contains(name)) settings.without_effect.emplace_back(name);
  }
  return settings;
}

}  // namespace stratalog::server
