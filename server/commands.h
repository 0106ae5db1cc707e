// What the binary does: one function a command. Each logs or prints what is wrong and gives the
// process' exit code.
#pragma once

#include "server/settings.h"

namespace stratalog::server {

// Opens the data folder, recovers, listens, and returns after SIGTERM or SIGINT, when what was in
// flight is answered and everything is on disk.
int serve(const ServerSettings& settings);

// Gives `elastic` a new password, made up if `password` is empty, and prints it after `label`. The
// server must be stopped.
int reset_password(const ServerSettings& settings, const std::string& password,
                   const std::string& label = {});

// Walks every checksum of a data folder. The server must be stopped.
int verify(const ServerSettings& settings);

}  // namespace stratalog::server
