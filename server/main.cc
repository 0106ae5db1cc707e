// The command line: serve, version, reset-password, verify.
#include <CLI/CLI.hpp>
#include <iostream>

#include "base/log.h"
#include "server/commands.h"
#include "server/settings.h"

// Read by jemalloc at its first allocation (its manual, "TUNING"): what was freed goes back to the
// system within a quarter of a second rather than ten, so that the peak of a seal or a merge does
// not stay, and there are as many arenas on a large machine as on a small one.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:4,dirty_decay_ms:250,muzzy_decay_ms:0";
}

namespace {

using stratalog::server::ServerSettings;
using stratalog::server::SettingSources;

int with_settings(const SettingSources& sources,
                  const std::function<int(const ServerSettings&)>& run) {
  const auto settings = stratalog::server::load_settings(sources);
  if (!settings) {
    std::cerr << settings.error().reason << "\n";
    return 2;
  }
  namespace log = stratalog::log;
  const bool pretty = !settings->log_json && isatty(STDERR_FILENO) != 0;
  log::configure(settings->log_level, pretty ? log::Format::kPretty : log::Format::kJson,
                 settings->cluster_name, settings->node_name);
  return run(*settings);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Stratalog: a log search server that speaks the Elasticsearch 7.17 REST API"};
  app.require_subcommand(1);
  SettingSources sources;
  sources.environment = stratalog::server::process_environment();
  std::string password;

  const auto add_common = [&](CLI::App* command) {
    command->add_option("-E", sources.overrides, "a setting: name=value")->take_all();
    command->add_option("--config", sources.config_path,
                        "settings file, stratalog.yml or elasticsearch.yml");
  };
  CLI::App* serve = app.add_subcommand("serve", "run the server");
  CLI::App* reset =
      app.add_subcommand("reset-password", "give the user elastic a new password (server stopped)");
  CLI::App* verify =
      app.add_subcommand("verify", "walk every checksum of the data folder (server stopped)");
  CLI::App* version = app.add_subcommand("version", "print the version");
  for (CLI::App* command : {serve, reset, verify}) add_common(command);
  reset->add_option("--password", password, "the new password; made up without it");
  CLI11_PARSE(app, argc, argv);

  if (version->parsed()) {
    std::cout << "stratalog 0.1.0, speaks Elasticsearch 7.17.3\n";
    return 0;
  }
  return with_settings(sources, [&](const ServerSettings& settings) {
    if (reset->parsed()) return stratalog::server::reset_password(settings, password);
    if (verify->parsed()) return stratalog::server::verify(settings);
    return stratalog::server::serve(settings);
  });
}
