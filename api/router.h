// From method and path to a handler. Declares each endpoint's parameters, so that an unknown one is
// refused with Elasticsearch's own words, and applies what every endpoint has in common:
// error_trace, filter_path, format, human, pretty.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/actions.h"
#include "api/context.h"
#include "api/http.h"

namespace stratalog::api {

using Handler = std::function<Response(const Request&, Context&)>;

// What a request costs before it is parsed: admission control decides by it (server/admission.h).
// kTask: what may take minutes (by-query operations) or wait for it (_tasks).
enum class Lane : uint8_t { kManagement, kSearch, kWrite, kTask };

class Router {
 public:
  struct Route {
    Method method;
    std::string pattern;  // "/{index}/_doc/{id}"; literal segments win over {names}
    Handler handler;
    std::vector<std::string> params;  // query parameters besides the common ones
    Lane lane = Lane::kManagement;
    EndpointActions actions = {};  // filled by add()
  };
  Router();
  ~Router();

  void add(Route route);

  // The lane of a request, without running it.
  Lane lane(const Request& request) const;

  // Every endpoint, for tests.
  void visit(const std::function<void(const Route&)>& visit) const;

  // Never fails: unknown paths, methods, parameters and thrown exceptions become answers. Fills
  // request.params and path_params. HEAD runs the GET handler when there is no own one; the server
  // drops the body.
  Response dispatch(Request& request, Context& context) const;

 private:
  struct Tree;
  std::unique_ptr<Tree> tree_;
};

// Brings an answer that was made before dispatch (401, 429) into the form that the request asks
// for, as far as its parameters can be read.
void shape_response(Request& request, Response& response);

// Adds every endpoint. One function a family, each in its own file (api/bulk.cc, api/search.cc,
// ...).
void add_all_routes(Router& router);

}  // namespace stratalog::api
