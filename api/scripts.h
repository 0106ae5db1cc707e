// Scripts of requests: what _update and its kin do with them.
#pragma once

#include "base/result.h"
#include "index/partition/update_body.h"

namespace stratalog::api {

// Checks the form of an update's script and makes it ready to run; nothing without one. Fails with
// x_content_parse_exception as UpdateRequest's parser.
Status prepare_script(index::UpdateBody& body);

}  // namespace stratalog::api
