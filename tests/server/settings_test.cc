#include "server/settings.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace stratalog;
using namespace stratalog::server;

namespace {

using Texts = std::vector<std::string>;

class SettingsFixture {
 public:
  SettingsFixture()
      : folder(std::filesystem::temp_directory_path() /
               ("stratalog-settings-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder);
    sources.environment["ES_PATH_CONF"] = folder;
  }
  ~SettingsFixture() { std::filesystem::remove_all(folder); }

  void file(const std::string& name, std::string_view text) {
    std::ofstream(folder / name) << text;
  }
  ServerSettings load() {
    const auto settings = load_settings(sources);
    INFO((settings.ok() ? "" : settings.error().reason));
    REQUIRE(settings.ok());
    return *settings;
  }
  std::string refusal() {
    const auto settings = load_settings(sources);
    REQUIRE_FALSE(settings.ok());
    return settings.error().reason;
  }

  std::filesystem::path folder;
  SettingSources sources;
};

}  // namespace

TEST_CASE_METHOD(SettingsFixture, "settings: defaults") {
  const ServerSettings settings = load();
  CHECK(settings.cluster_name == "elasticsearch");
  CHECK_FALSE(settings.node_name.empty());
  CHECK(settings.bind_hosts == Texts{"_local_"});
  CHECK(settings.publish_hosts == Texts{"_local_"});
  CHECK(settings.port_first == 9200);
  CHECK(settings.security_enabled);
  CHECK(settings.ssl_enabled);
  CHECK(settings.memory_limit_bytes > 0);
  CHECK(settings.bulk_retries_window_ms == 3'600'000);
  CHECK_FALSE(settings.bulk_retries_bytes);
  CHECK(settings.without_effect.empty());
}

TEST_CASE_METHOD(SettingsFixture,
                 "settings: the command line wins over the environment over the file") {
  file("elasticsearch.yml", "cluster.name: of-file\nnode:\n  name: of-file\npath.data: of-file\n");
  sources.environment["cluster.name"] = "of-environment";
  sources.environment["node.name"] = "of-environment";
  sources.overrides = {"cluster.name=of-command=line"};
  const ServerSettings settings = load();
  CHECK(settings.cluster_name == "of-command=line");
  CHECK(settings.node_name == "of-environment");
  CHECK(settings.path_data == "of-file");
}

TEST_CASE_METHOD(SettingsFixture,
                 "settings: the file is ours, else Elasticsearch's, else the one that is named") {
  file("elasticsearch.yml", "cluster.name: theirs\n");
  CHECK(load().cluster_name == "theirs");
  file("stratalog.yml", "cluster.name: ours\n");
  CHECK(load().cluster_name == "ours");
  file("other.yml", "cluster.name: named\n");
  sources.config_path = folder / "other.yml";
  CHECK(load().cluster_name == "named");
  sources.config_path = folder;  // a folder: what is in it
  sources.environment["ES_PATH_CONF"] = "/nowhere";
  CHECK(load().cluster_name == "ours");
  CHECK(load().path_config == folder);
  std::filesystem::remove(folder / "stratalog.yml");
  std::filesystem::remove(folder / "elasticsearch.yml");
  CHECK(refusal().find("holds neither") != std::string::npos);
  sources.config_path = folder / "absent.yml";
  CHECK(refusal().find("absent.yml") != std::string::npos);
}

TEST_CASE_METHOD(SettingsFixture,
                 "settings: forms of names and values in files and the environment") {
  file("stratalog.yml", R"(
network:
  host: [ "_site_", "_local_" ]
http.port: 9300-9310
memory.limit: 128mb
xpack:
  security:
    enabled: false
    http.ssl.enabled: false
cluster.name: ${NAME:fallback}
node.name: ${WHO}
bulk.retries:
  window: 10m
  memory: 0b
)");
  sources.environment["WHO"] = "me";
  sources.environment["ES_SETTING_HTTP_MAX__CONTENT__LENGTH"] = "7mb";
  const ServerSettings settings = load();
  CHECK(settings.bind_hosts == Texts{"_site_", "_local_"});
  CHECK(settings.publish_hosts == Texts{"_site_", "_local_"});
  CHECK(settings.port_first == 9300);
  CHECK(settings.port_last == 9310);
  CHECK(settings.memory_limit_bytes == 128 << 20);
  CHECK_FALSE(settings.security_enabled);
  CHECK_FALSE(settings.ssl_enabled);
  CHECK(settings.cluster_name == "fallback");
  CHECK(settings.node_name == "me");
  CHECK(settings.http.content_bytes_max == 7 << 20);
  CHECK(settings.bulk_retries_window_ms == 600'000);
  CHECK(settings.bulk_retries_bytes == 0);
  sources.environment.erase("WHO");
  CHECK(refusal().find("Could not resolve placeholder 'WHO'") != std::string::npos);
}

TEST_CASE_METHOD(SettingsFixture, "settings: which host setting decides") {
  sources.overrides = {"network.host=0.0.0.0"};
  CHECK(load().bind_hosts == Texts{"0.0.0.0"});
  CHECK(load().publish_hosts == Texts{"0.0.0.0"});
  sources.overrides.emplace_back("network.bind_host=10.0.0.1");
  sources.overrides.emplace_back("network.publish_host=10.0.0.2");
  CHECK(load().bind_hosts == Texts{"10.0.0.1"});
  CHECK(load().publish_hosts == Texts{"10.0.0.2"});
  sources.overrides.emplace_back("http.host=10.0.0.3,10.0.0.4");
  CHECK(load().bind_hosts == Texts{"10.0.0.3", "10.0.0.4"});
  CHECK(load().publish_hosts == Texts{"10.0.0.3", "10.0.0.4"});
  sources.overrides.emplace_back("http.bind_host=10.0.0.5");
  sources.overrides.emplace_back("http.publish_host=10.0.0.6");
  CHECK(load().bind_hosts == Texts{"10.0.0.5"});
  CHECK(load().publish_hosts == Texts{"10.0.0.6"});
}

TEST_CASE_METHOD(SettingsFixture,
                 "settings: what means nothing here is named, what is unknown stops the start") {
  sources.environment = {{"discovery.seed_hosts", "a,b"},
                         {"node.roles", "master,data,"},
                         {"cluster.initial_master_nodes", "x-0,"},
                         {"ES_JAVA_OPTS", "-Xmx1g"},
                         {"PATH", "/bin"}};
  CHECK(load().without_effect == Texts{"cluster.initial_master_nodes", "discovery.seed_hosts",
                                       "node.roles", "ES_JAVA_OPTS"});
  const std::pair<const char*, const char*> refused[] = {
      {"clster.name=x", "unknown setting [clster.name] did you mean [cluster.name]?"},
      {"nonsense.setting=x", "unknown setting [nonsense.setting]"},
      {"http.port=none", "http.port"},
      {"http.port=70000", "http.port"},
      {"http.port=9300-9200", "http.port"},
      {"memory.limit=1mb", "memory.limit"},
      {"bulk.retries.memory=-1", "bulk.retries.memory"},
      {"bulk.retries.window=x", "bulk.retries.window"},
      {"xpack.security.enabled=maybe", "only [true] or [false] are allowed"},
      {"xpack.security.http.ssl.key=k.pem", "belong together"},
      {"=x", "-E takes key=value"},
      {"cluster.name", "-E takes key=value"},
  };
  for (const auto& [text, reason] : refused) {
    INFO(text);
    sources.overrides = {text};
    CHECK(refusal().find(reason) != std::string::npos);
  }
}

TEST_CASE_METHOD(SettingsFixture, "settings: a file that can't be read says where") {
  file("stratalog.yml", "cluster.name: a\ncluster.name: b\n");
  CHECK(refusal().find("stratalog.yml") != std::string::npos);
  file("stratalog.yml", "a: [\n");
  CHECK(refusal().find("line") != std::string::npos);
}

TEST_CASE_METHOD(SettingsFixture, "settings: the password from the environment or its file") {
  sources.environment = {{"ELASTIC_PASSWORD", "secret"}};
  CHECK(load().elastic_password == "secret");
  file("password", "from file\n");
  sources.environment["ELASTIC_PASSWORD_FILE"] = folder / "password";
  CHECK_FALSE(refusal().empty());
  sources.environment.erase("ELASTIC_PASSWORD");
  CHECK(load().elastic_password == "from file");
}
