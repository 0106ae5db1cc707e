// One document: index, create, update, delete, get, exists, source; the typed paths of 7.x too.
#pragma once

namespace stratalog::api {
class Router;
void add_document_routes(Router& router);
}  // namespace stratalog::api
