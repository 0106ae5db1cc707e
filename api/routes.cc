// The list of all endpoint families.
#include "api/bulk.h"
#include "api/documents.h"
#include "api/info.h"
#include "api/mget.h"
#include "api/router.h"
#include "api/search.h"

namespace stratalog::api {

void add_all_routes(Router& router) {
  add_info_routes(router);
  add_bulk_routes(router);
  add_document_routes(router);
  add_mget_routes(router);
  add_search_routes(router);
}

}  // namespace stratalog::api
