// The list of all endpoint families.
#include "api/bulk.h"
#include "api/documents.h"
#include "api/families.h"
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
  add_index_routes(router);
  add_mapping_routes(router);
  add_settings_routes(router);
  add_alias_routes(router);
  add_template_routes(router);
  add_cluster_routes(router);
  add_cat_routes(router);
  add_analyze_routes(router);
  add_license_routes(router);
  add_script_routes(router);
  add_by_query_routes(router);
  add_task_routes(router);
}

}  // namespace stratalog::api
