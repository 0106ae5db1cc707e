// POST|PUT /_bulk, /{index}/_bulk, /{index}/{type}/_bulk.
#pragma once

namespace stratalog::api {
class Router;
void add_bulk_routes(Router& router);
}  // namespace stratalog::api
