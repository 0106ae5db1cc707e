// GET / : who answers, in the words of Elasticsearch 7.17.3's default distribution, by which
// clients know it.
#pragma once

namespace stratalog::api {

class Router;

void add_info_routes(Router& router);

}  // namespace stratalog::api
