// The names of Elasticsearch's programs under which the binary can be linked, as in the container
// image: what the command line of such a program means here.
//
//   docker-entrypoint.sh   the image's entrypoint: the server, or the command that it is given
//   elasticsearch          serve
//   elasticsearch-...      the command that does the same, or a refusal that says what to do
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace stratalog::server {

struct CommandLine {
  // Of stratalog, or a program and its arguments; empty: there is nothing to do.
  std::vector<std::string> arguments;
  bool other_program = false;
  // Written before what the command prints, as the program of that name does.
  std::string label = {};
};

// `program` is argv[0], `arguments` the rest. None: the name is no other than our own.
// Errors  illegal_argument_exception: the program, or an option of it, has no counterpart.
Result<std::optional<CommandLine>> command_line_of_program(
    const std::string& program, const std::vector<std::string>& arguments);

}  // namespace stratalog::server
