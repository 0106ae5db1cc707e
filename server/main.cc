// The command line: serve, version, reset-password, verify, keystore.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

#include "base/log.h"
#include "server/commands.h"
#include "server/keystore_command.h"
#include "server/program_names.h"
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

int keystore(const SettingSources& sources, const std::vector<std::string>& arguments) {
  const auto password = stratalog::server::keystore_password(sources.environment);
  if (!password) {
    std::cerr << password.error().reason << "\n";
    return 2;
  }
  stratalog::server::KeystoreCommand command;
  command.path = stratalog::server::config_folder(sources) + "/elasticsearch.keystore";
  command.password = *password;
  command.arguments = arguments;
  command.on_terminal = isatty(STDIN_FILENO) != 0;
  return stratalog::server::run_keystore_command(command, std::cin, std::cout, std::cerr);
}

// The password of `reset-password --interactive`, twice.
bool ask_password(std::string& password) {
  const bool typed = isatty(STDIN_FILENO) != 0;
  std::string again;
  std::cerr << "Enter password for [elastic]: " << std::flush;
  if (!stratalog::server::read_secret(std::cin, typed, password) || password.empty()) return false;
  std::cerr << "\nRe-enter password for [elastic]: " << std::flush;
  return stratalog::server::read_secret(std::cin, typed, again) && again == password;
}

int run_other(const std::vector<std::string>& arguments) {
  std::vector<char*> words;
  words.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  std::cerr << arguments[0] << ": " << std::strerror(errno) << "\n";
  return errno == ENOENT ? 127 : 126;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  std::string label;
  auto named = stratalog::server::command_line_of_program(argc > 0 ? argv[0] : "", arguments);
  if (!named) {
    std::cerr << "ERROR: " << named.error().reason << "\n";
    return 64;
  }
  if (named->has_value()) {
    if ((*named)->other_program) return run_other((*named)->arguments);
    arguments = (*named)->arguments;
    label = (*named)->label;
    if (arguments.empty()) return 0;
  }

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
  CLI::App* secrets = app.add_subcommand("keystore", "secret settings; `keystore -h` tells more");
  secrets->add_option("--config", sources.config_path, "the settings file that it is beside");
  secrets->prefix_command();
  secrets->set_help_flag();
  for (CLI::App* command : {serve, reset, verify}) add_common(command);
  bool interactive = false;
  reset->add_option("--password", password, "the new password; made up without it");
  reset->add_flag("--interactive", interactive, "ask for the new password");
  std::reverse(arguments.begin(), arguments.end());  // as this library wants them
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& e) {
    return app.exit(e);
  }

  if (version->parsed()) {
    std::cout << "stratalog 0.1.0, speaks Elasticsearch 7.17.3\n";
    return 0;
  }
  if (secrets->parsed()) return keystore(sources, secrets->remaining());
  if (interactive && !ask_password(password)) {
    std::cerr << "\nno password, or two different ones\n";
    return 65;
  }
  return with_settings(sources, [&](const ServerSettings& settings) {
    if (reset->parsed()) return stratalog::server::reset_password(settings, password, label);
    if (verify->parsed()) return stratalog::server::verify(settings);
    return stratalog::server::serve(settings);
  });
}
