// GET|POST /_mget, /{index}/_mget, /{index}/{type}/_mget.
#pragma once

namespace stratalog::api {
class Router;
void add_mget_routes(Router& router);
}  // namespace stratalog::api
