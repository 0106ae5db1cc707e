// _search, _count, _msearch, scroll, point in time, _field_caps.
#pragma once

namespace stratalog::api {
class Router;
void add_search_routes(Router& router);
}  // namespace stratalog::api
