#include "server/program_names.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace stratalog::server {
namespace {

using Arguments = std::vector<std::string>;
using Translation = Result<std::optional<CommandLine>>;

constexpr std::string_view kOwnCommands[] = {"serve", "verify", "version", "reset-password",
                                             "keystore"};

Error refuse(const std::string& what) { return Error(error_types::kIllegalArgument, what); }

bool is_one_of(const std::string& text, std::initializer_list<std::string_view> options) {
  return std::find(options.begin(), options.end(), text) != options.end();
}

// What those that have no counterpart are told.
const std::map<std::string, std::string_view>& refused_programs() {
  static const std::map<std::string, std::string_view> kRefused = {
      {"elasticsearch-certgen",
       "certificates: give files by xpack.security.http.ssl.*, or none, "
       "and the first start makes them in the data folder"},
      {"elasticsearch-certutil",
       "certificates: give files by xpack.security.http.ssl.*, or none, "
       "and the first start makes them in the data folder"},
      {"elasticsearch-create-enrollment-token", "there is one node, and Kibana logs in by name"},
      {"elasticsearch-croneval", "there is no Watcher"},
      {"elasticsearch-geoip", "there is no geoip processor"},
      {"elasticsearch-migrate", "there are no realms to migrate from"},
      {"elasticsearch-node", "there is one node; `stratalog verify` checks its data"},
      {"elasticsearch-reconfigure-node", "there is one node"},
      {"elasticsearch-saml-metadata", "there is no SAML"},
      {"elasticsearch-service-tokens",
       "service tokens are made over HTTP, if at all: "
       "POST /_security/service/..."},
      {"elasticsearch-setup-passwords",
       "ELASTIC_PASSWORD gives the password of elastic, and "
       "`stratalog reset-password` another one"},
      {"elasticsearch-shard", "`stratalog verify` checks the data"},
      {"elasticsearch-sql-cli", "there is no SQL"},
      {"elasticsearch-syskeygen", "there is no Watcher"},
      {"elasticsearch-users", "there is no file of users"},
  };
  return kRefused;
}

Translation serve(const Arguments& arguments) {
  CommandLine out{.arguments = {"serve"}};
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "-E" && i + 1 < arguments.size()) {
      out.arguments.insert(out.arguments.end(), {"-E", arguments[++i]});
    } else if (argument.starts_with("-E") && argument.size() > 2) {
      out.arguments.insert(out.arguments.end(), {"-E", argument.substr(2)});
    } else if (is_one_of(argument, {"-V", "--version"})) {
      return std::optional(CommandLine{.arguments = {"version"}});
    } else if (is_one_of(argument, {"-h", "--help"})) {
      return std::optional(CommandLine{.arguments = {"serve", "--help"}});
    } else if (!is_one_of(argument, {"-q", "--quiet", "-s", "--silent", "-v", "--verbose"})) {
      return refuse("elasticsearch: [" + argument +
                    "] is not supported; it runs in the foreground, and takes -E name=value");
    }
  }
  return std::optional(std::move(out));
}

Translation reset_password(const Arguments& arguments) {
  CommandLine out{.arguments = {"reset-password"},
                  .label = "Password for the [elastic] user successfully reset.\nNew value: "};
  std::string user;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (is_one_of(argument, {"-u", "--username"}) && i + 1 < arguments.size()) {
      user = arguments[++i];
    } else if (argument.starts_with("--username=")) {
      user = argument.substr(argument.find('=') + 1);
    } else if (is_one_of(argument, {"-s", "--silent"})) {
      out.label.clear();
    } else if (is_one_of(argument, {"-i", "--interactive"})) {
      out.arguments.emplace_back("--interactive");
    } else if (is_one_of(argument, {"-h", "--help"})) {
      return std::optional(CommandLine{.arguments = {"reset-password", "--help"}});
    } else if (!is_one_of(argument, {"-a", "--auto", "-b", "--batch", "-v", "--verbose"})) {
      return refuse("elasticsearch-reset-password: [" + argument + "] is not supported");
    }
  }
  if (user != "elastic") {
    return refuse(
        "elasticsearch-reset-password: " +
        (user.empty() ? "-u is missing" : "there is no user [" + user + "] to reset here") +
        "; it resets the user elastic, while the server is stopped");
  }
  return std::optional(std::move(out));
}

// No plugins: a list of them is empty, and what installs some can't.
Translation plugin(const Arguments& arguments) {
  if (!arguments.empty() && arguments[0] == "list") {
    return std::optional(CommandLine());
  }
  return refuse("elasticsearch-plugin: there are no plugins");
}

Translation entrypoint(const Arguments& arguments) {
  if (arguments.empty() || arguments[0].starts_with('-')) return serve(arguments);
  const Arguments rest(arguments.begin() + 1, arguments.end());
  if (arguments[0] == "eswrapper") return serve(rest);
  if (std::find(std::begin(kOwnCommands), std::end(kOwnCommands), arguments[0]) !=
      std::end(kOwnCommands)) {
    return std::optional(CommandLine{.arguments = arguments});
  }
  auto named = command_line_of_program(arguments[0], rest);
  if (!named || named->has_value()) return named;
  return std::optional(CommandLine{.arguments = arguments, .other_program = true});
}

}  // namespace

Result<std::optional<CommandLine>> command_line_of_program(const std::string& program,
                                                           const Arguments& arguments) {
  const std::string name = program.substr(program.rfind('/') + 1);
  if (name == "docker-entrypoint.sh") return entrypoint(arguments);
  if (name == "elasticsearch") return serve(arguments);
  if (name == "elasticsearch-reset-password") return reset_password(arguments);
  if (name == "elasticsearch-plugin") return plugin(arguments);
  if (name == "elasticsearch-keystore") {
    CommandLine out{.arguments = {"keystore"}};
    out.arguments.insert(out.arguments.end(), arguments.begin(), arguments.end());
    return std::optional(std::move(out));
  }
  const auto refused = refused_programs().find(name);
  if (refused == refused_programs().end()) return std::optional<CommandLine>();
  return refuse(name + " is not part of Stratalog: " + std::string(refused->second));
}

}  // namespace stratalog::server
