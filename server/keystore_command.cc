#include "server/keystore_command.h"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "server/keystore.h"

namespace stratalog::server {
namespace {

constexpr int kUsage = 64;
constexpr int kData = 65;
constexpr int kInputOutput = 74;
constexpr int kConfig = 78;
constexpr size_t kNameBytesMax = 255;

constexpr std::string_view kHelp =
    "A tool for managing settings stored in the elasticsearch keystore\n\n"
    "create - Creates a new elasticsearch keystore\n"
    "list - List entries in the keystore\n"
    "show NAME - Show a value from the keystore\n"
    "add [-x] [-f] NAME... - Add string settings; -x: a line of standard input for each\n"
    "add-file [-f] (NAME FILE)... - Add files\n"
    "remove NAME... - Remove settings from the keystore\n"
    "has-passwd - Succeeds if the keystore is password-protected\n"
    "upgrade - Upgrade the keystore format\n";

// What stops a command: its exit code and what it says.
struct Failure {
  int code = 0;
  std::string reason;
};

class Run {
 public:
  Run(const KeystoreCommand& command, std::istream& in, std::ostream& out)
      : command_(command), in_(in), out_(out) {}

  Failure run() {
    if (Failure wrong = read_arguments(); wrong.code != 0) return wrong;
    if (name_.empty() && !help_) return {kUsage, std::string(kHelp) + "\nNo command was given"};
    if (help_) {
      out_ << kHelp;
      return {};
    }
    if (with_password_ || name_ == "passwd")
      return {kUsage,
              "a password on the keystore is not supported: its folder's rights protect it"};
    if (name_ == "create") return create();
    if (name_ == "list") return list();
    if (name_ == "show") return show();
    if (name_ == "add") return add();
    if (name_ == "add-file") return add_file();
    if (name_ == "remove") return remove();
    if (name_ == "has-passwd") return has_password();
    if (name_ == "upgrade") return open(false);  // there is one format
    return {kUsage, "Unknown command [" + name_ + "]"};
  }

 private:
  Failure read_arguments() {
    for (const std::string& argument : command_.arguments) {
      if (argument == "-h" || argument == "--help") {
        help_ = true;
      } else if (argument == "-f" || argument == "--force") {
        force_ = true;
      } else if (argument == "-x" || argument == "--stdin") {
        stdin_ = true;
      } else if (argument == "-p") {
        with_password_ = true;
      } else if (argument == "-s" || argument == "--silent" || argument == "-v" ||
                 argument == "--verbose") {
        silent_ = silent_ || argument == "-s" || argument == "--silent";
      } else if (argument.size() > 1 && argument.front() == '-') {
        return {kUsage, argument + " is not a recognized option"};
      } else if (name_.empty()) {
        name_ = argument;
      } else {
        operands_.push_back(argument);
      }
    }
    return {};
  }

  Failure open(bool may_create) {
    if (!std::filesystem::exists(command_.path)) {
      if (!may_create)
        return {kData, "Elasticsearch keystore not found at [" + command_.path +
                           "]. Use 'create' command to create one."};
      keystore_ = new_keystore();
      say("Created elasticsearch keystore in " + command_.path);
      return {};
    }
    auto read = read_keystore(command_.path, command_.password);
    if (!read) return {kData, read.error().reason};
    if (may_create && read->has_password) {
      return {kConfig, "[" + command_.path + "] has a password: it can be read but not changed"};
    }
    keystore_ = std::move(*read);
    return {};
  }

  Failure save() {
    if (Status written = write_keystore(command_.path, keystore_); !written)
      return {kInputOutput, written.error().reason};
    return {};
  }

  // Answered by a person; whoever else has not said so does not want it.
  bool agreed(const std::string& question) {
    if (force_) return true;
    out_ << question << " [y/N]" << std::flush;
    std::string answer;
    std::getline(in_, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
  }

  Failure create() {
    if (std::filesystem::exists(command_.path) &&
        !agreed("An elasticsearch keystore already exists. Overwrite?")) {
      say("Exiting without creating keystore.");
      return {};
    }
    keystore_ = new_keystore();
    Failure done = save();
    if (done.code == 0) say("Created elasticsearch keystore in " + command_.path);
    return done;
  }

  Failure list() {
    if (Failure wrong = open(false); wrong.code != 0) return wrong;
    for (const auto& [name, value] : keystore_.entries) out_ << name << "\n";
    return {};
  }

  Failure show() {
    if (operands_.size() != 1) return {kUsage, "Must provide a single setting name to show"};
    if (Failure wrong = open(false); wrong.code != 0) return wrong;
    const auto found = keystore_.entries.find(operands_[0]);
    if (found == keystore_.entries.end()) return missing(operands_[0]);
    out_ << found->second;
    return {};
  }

  Failure add() {
    if (operands_.empty()) return {kUsage, "the setting names can not be empty"};
    if (Failure wrong = open(true); wrong.code != 0) return wrong;
    // Values take the place of answers where they come by standard input.
    for (const std::string& name : operands_) {
      if (Failure wrong = may_set(name); wrong.code != 0) return wrong;
      if (keystore_.entries.contains(name) && !stdin_ &&
          !agreed("Setting " + name + " already exists. Overwrite?")) {
        say("Exiting without modifying keystore.");
        return {};
      }
      if (keystore_.entries.contains(name) && stdin_ && !force_) {
        return {kConfig, "Setting " + name + " already exists; -f overwrites it"};
      }
      const bool typed = command_.on_terminal && !stdin_;
      if (typed) out_ << "Enter value for " << name << ": " << std::flush;
      std::string value;
      if (!read_secret(in_, typed, value))
        return {kInputOutput, "no value for " + name + " on standard input"};
      keystore_.entries[name] = value;
    }
    return save();
  }

  Failure add_file() {
    if (operands_.empty()) return {kUsage, "Missing setting name"};
    if (operands_.size() % 2 != 0) return {kUsage, "settings and filenames must come in pairs"};
    if (Failure wrong = open(true); wrong.code != 0) return wrong;
    for (size_t i = 0; i < operands_.size(); i += 2) {
      const std::string& name = operands_[i];
      if (Failure wrong = may_set(name); wrong.code != 0) return wrong;
      if (keystore_.entries.contains(name) &&
          !agreed("Setting " + name + " already exists. Overwrite?")) {
        say("Exiting without modifying keystore.");
        return {};
      }
      if (!std::filesystem::is_regular_file(operands_[i + 1]))
        return {kInputOutput, "File [" + operands_[i + 1] + "] does not exist"};
      std::ifstream file(operands_[i + 1], std::ios::binary);
      std::stringstream text;
      text << file.rdbuf();
      keystore_.entries[name] = text.str();
    }
    return save();
  }

  Failure remove() {
    if (operands_.empty()) return {kUsage, "Must supply at least one setting to remove"};
    if (!std::filesystem::exists(command_.path)) return open(false);
    if (Failure wrong = open(true); wrong.code != 0) return wrong;
    for (const std::string& name : operands_) {
      if (keystore_.entries.erase(name) == 0) return missing(name);
    }
    return save();
  }

  Failure has_password() {
    if (!std::filesystem::exists(command_.path)) return {1, "Elasticsearch keystore not found"};
    if (Failure wrong = open(false); wrong.code != 0) return wrong;
    return keystore_.has_password ? Failure{} : Failure{1, "Keystore is not password-protected"};
  }

  static Failure missing(const std::string& name) {
    return {kConfig, "Setting [" + name + "] does not exist in the keystore."};
  }

  static Failure may_set(const std::string& name) {
    const bool good = !name.empty() && name.size() <= kNameBytesMax &&
                      std::all_of(name.begin(), name.end(), [](unsigned char c) {
                        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                               c == '-' || c == '.' || (c >= 'A' && c <= 'Z');
                      });
    if (good) return {};
    return {kUsage, "Setting name [" + name + "] does not match the allowed setting name pattern " +
                        "[[A-Za-z0-9_\\-.]+]"};
  }

  void say(const std::string& what) {
    if (!silent_) out_ << what << "\n";
  }

  const KeystoreCommand& command_;
  std::istream& in_;
  std::ostream& out_;
  std::string name_;
  std::vector<std::string> operands_;
  bool help_ = false, force_ = false, stdin_ = false, silent_ = false, with_password_ = false;
  Keystore keystore_;
};

}  // namespace

int run_keystore_command(const KeystoreCommand& command, std::istream& in, std::ostream& out,
                         std::ostream& err) {
  const Failure failure = Run(command, in, out).run();
  out << std::flush;
  if (failure.code != 0) err << "ERROR: " << failure.reason << "\n";
  return failure.code;
}

bool read_secret(std::istream& in, bool on_terminal, std::string& line) {
  termios shown{};
  const bool hide = on_terminal && ::tcgetattr(STDIN_FILENO, &shown) == 0;
  if (hide) {
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  const bool good = static_cast<bool>(std::getline(in, line));
  if (hide) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
  return good;
}

}  // namespace stratalog::server
