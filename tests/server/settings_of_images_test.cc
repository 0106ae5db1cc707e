#include "server/settings.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>

#include "server/keystore.h"

namespace stratalog::server {
namespace {

class Home {
 public:
  const std::filesystem::path folder;
  SettingSources sources;

  Home()
      : folder(std::filesystem::temp_directory_path() /
               ("settings-" + std::to_string(std::random_device()()))) {
    std::filesystem::create_directories(folder / "config");
    sources.environment["ES_HOME"] = folder;
  }
  ~Home() { std::filesystem::remove_all(folder); }
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << text;
    return folder / name;
  }
  void secret(const std::string& name, const std::string& value) const {
    const std::string path = folder / "config/elasticsearch.keystore";
    auto keystore = std::filesystem::exists(path) ? read_keystore(path, "") : new_keystore();
    REQUIRE(keystore);
    keystore->entries[name] = value;
    REQUIRE(write_keystore(path, *keystore));
  }
  ServerSettings load() const {
    auto settings = load_settings(sources);
    INFO((settings ? std::string() : settings.error().reason));
    REQUIRE(settings);
    return *settings;
  }
  std::string refusal() const {
    const auto settings = load_settings(sources);
    REQUIRE(!settings);
    return settings.error().reason;
  }
};

TEST_CASE("settings: files and data are looked for in ES_HOME, files in ES_PATH_CONF") {
  Home home;
  home.write("config/elasticsearch.yml", "cluster.name: of home\n");
  ServerSettings settings = home.load();
  CHECK(settings.cluster_name == "of home");
  CHECK(settings.path_data == home.folder / "data");
  CHECK(settings.path_config == home.folder / "config");

  const std::string other =
      home.write("other/elasticsearch.yml",
                 "cluster.name: of other\npath.data: /elsewhere\n"
                 "xpack.security.http.ssl: {key: a.key, certificate: /a.crt}");
  home.sources.environment["ES_PATH_CONF"] = home.folder / "other";
  settings = home.load();
  CHECK(settings.cluster_name == "of other");
  CHECK(settings.path_data == "/elsewhere");
  CHECK(settings.ssl_key == home.folder / "other/a.key");
  CHECK(settings.ssl_certificate == "/a.crt");

  home.sources.environment["ES_PATH_CONF"] = "";
  CHECK(home.load().cluster_name == "of home");
  home.sources.config_path = other;
  settings = home.load();
  CHECK(settings.cluster_name == "of other");
  CHECK(settings.path_config == home.folder / "other");

  home.sources.environment.clear();
  home.sources.config_path.clear();
  CHECK(config_folder(home.sources) == "config");
  CHECK(home.load().path_data == "data");
}

TEST_CASE("settings: command line over environment over file over keystore") {
  Home home;
  home.secret("bootstrap.password", "of the keystore");
  CHECK(home.load().elastic_password == "of the keystore");
  home.write("config/elasticsearch.yml", "bootstrap.password: of the file\nhttp.port: 1\n");
  CHECK(home.load().elastic_password == "of the file");
  home.sources.environment["ELASTIC_PASSWORD"] = "of the environment";
  home.sources.environment["http.port"] = "2";
  CHECK(home.load().elastic_password == "of the environment");
  CHECK(home.load().port_first == 2);
  home.sources.overrides = {"http.port=3"};
  CHECK(home.load().port_first == 3);
}

TEST_CASE("settings: empty variables set nothing, as in Elasticsearch's image") {
  Home home;
  home.sources.environment["http.port"] = "";
  home.sources.environment["ES_SETTING_CLUSTER_NAME"] = "";
  CHECK(home.load().port_first == 9200);
  CHECK(home.load().cluster_name == "elasticsearch");
}

TEST_CASE("settings: secrets of a keystore have an effect, or are named, or refused") {
  Home home;
  home.secret("xpack.security.http.ssl.secure_key_passphrase", "of the key");
  home.secret("s3.client.default.access_key", "unused");
  const ServerSettings settings = home.load();
  CHECK(settings.ssl_key_passphrase == "of the key");
  CHECK(settings.without_effect == std::vector<std::string>{"s3.client.default.access_key"});
  home.secret("bootstrap.pasword", "misspelt");
  CHECK(home.refusal().find("unknown secure setting [bootstrap.pasword]") != std::string::npos);
}

TEST_CASE("settings: a keystore with a password is read by KEYSTORE_PASSWORD") {
  Home home;
  std::filesystem::copy_file(TEST_DATA "/keystore/with_password.keystore",
                             home.folder / "config/elasticsearch.keystore");
  CHECK(home.refusal().find("KEYSTORE_PASSWORD") != std::string::npos);
  home.sources.environment["KEYSTORE_PASSWORD"] = "of the tests";
  CHECK(home.load().elastic_password == "a password, once");
  home.sources.environment.erase("KEYSTORE_PASSWORD");
  home.sources.environment["KEYSTORE_PASSWORD_FILE"] = home.write("secret", "of the tests\n");
  CHECK(home.load().elastic_password == "a password, once");
  home.sources.environment["KEYSTORE_PASSWORD"] = "of the tests";
  CHECK(home.refusal().find("are both set") != std::string::npos);
}

TEST_CASE("settings: of several nodes that are to form a cluster the first starts") {
  const auto reason = [](const std::string& name, const std::string& masters) {
    const auto settings =
        interpret_settings({{"node.name", name}, {"cluster.initial_master_nodes", masters}});
    return settings ? std::string() : settings.error().reason;
  };
  CHECK(reason("es-0", "es-0,").empty());
  CHECK(reason("es-0", "es-0,es-1,es-2,").empty());
  CHECK(reason("another", "es-0,es-1").empty());
  CHECK(reason("es-1", "es-1").empty());
  const std::string refused = reason("es-2", "es-0,es-1,es-2,");
  CHECK(refused.find("[es-0] serves, [es-2] does not start") != std::string::npos);
}

TEST_CASE("settings: security turned off turns TLS off unless that is asked for") {
  const auto with_tls = [](const SettingMap& values) {
    const auto settings = interpret_settings(values);
    REQUIRE(settings);
    return settings->ssl_enabled;
  };
  CHECK(with_tls({}));
  CHECK(with_tls({{"xpack.security.enabled", "true"}}));
  CHECK(!with_tls({{"xpack.security.enabled", "false"}}));
  CHECK(
      with_tls({{"xpack.security.enabled", "false"}, {"xpack.security.http.ssl.enabled", "true"}}));
  CHECK(!with_tls({{"xpack.security.http.ssl.enabled", "false"}}));
}

TEST_CASE("settings: the environment of Elastic's charts is taken") {
  Home home;
  const std::map<std::string, std::string> chart = {
      {"node.name", "elasticsearch-master-0"},
      {"cluster.initial_master_nodes", "elasticsearch-master-0,"},
      {"node.roles",
       "master,data,data_content,data_hot,ingest,ml,remote_cluster_client,transform,"},
      {"node.master", "true"},
      {"discovery.seed_hosts", "elasticsearch-master-headless"},
      {"cluster.name", "elasticsearch"},
      {"cluster.deprecation_indexing.enabled", "false"},
      {"network.host", "0.0.0.0"},
      {"ES_JAVA_OPTS", "-Xmx1g"},
      {"ELASTICSEARCH_MASTER_SERVICE_HOST", "10.0.0.1"},
      {"xpack.security.enabled", "true"},
      {"xpack.security.transport.ssl.enabled", "true"},
      {"xpack.security.transport.ssl.verification_mode", "certificate"},
      {"xpack.security.http.ssl.key", "/usr/share/elasticsearch/config/certs/tls.key"},
      {"xpack.security.http.ssl.certificate", "/usr/share/elasticsearch/config/certs/tls.crt"},
  };
  home.sources.environment.insert(chart.begin(), chart.end());
  const ServerSettings settings = home.load();
  CHECK(settings.node_name == "elasticsearch-master-0");
  CHECK(settings.bind_hosts == std::vector<std::string>{"0.0.0.0"});
  CHECK(settings.ssl_key == "/usr/share/elasticsearch/config/certs/tls.key");
  CHECK(settings.security_enabled);
}

}  // namespace
}  // namespace stratalog::server
