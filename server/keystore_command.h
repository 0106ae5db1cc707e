// `stratalog keystore`, which does what Elasticsearch's elasticsearch-keystore does:
//
//   create | list | show NAME | add [-x] [-f] NAME... | add-file [-f] (NAME FILE)...
//   remove NAME... | has-passwd | upgrade
//
// Not built: setting a password on the file (create -p, passwd). One that has a password is read.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace stratalog::server {

struct KeystoreCommand {
  std::string path;                    // of elasticsearch.keystore
  std::string password;                // of a file that has one
  std::vector<std::string> arguments;  // after `keystore`
  bool on_terminal = false;            // then `add` asks, without showing what is typed
};

// Gives the exit code, which is Elasticsearch's: 0, 1 (no password), 64 (usage), 65 (data),
// 74 (input and output), 78 (configuration).
int run_keystore_command(const KeystoreCommand& command, std::istream& in, std::ostream& out,
                         std::ostream& err);

// A line of `in`; typed, it is not shown. False at the end.
bool read_secret(std::istream& in, bool on_terminal, std::string& line);

}  // namespace stratalog::server
