// The list of all endpoint families.
#include "api/info.h"
#include "api/router.h"

namespace stratalog::api {

void add_all_routes(Router& router) { add_info_routes(router); }

}  // namespace stratalog::api
