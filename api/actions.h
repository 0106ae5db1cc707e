// What each endpoint does in Elasticsearch's words: the names of the actions by which privileges
// are asked.
//
// Threads any; constant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/http.h"

namespace stratalog::api {

struct EndpointActions {
  enum class Scope : uint8_t {
    kSuperusers,  // for those alone who may do everything
    kUnknown,     // not in the table: for those alone who may do everything
    kEveryone,    // whoever is authenticated; the handler asks further
    kCluster,     // by cluster privileges; the whole catalog is seen
    kIndices,     // by index privileges, of the names that the request gives
  };
  Scope scope = Scope::kUnknown;
  // All must be granted: cluster actions, and index actions on some index at least.
  std::vector<std::string> required;
  // kIndices: what is asked of each index, the last of `required` unless it says otherwise.
  std::string on_indices;
};

// `pattern` as Router::Route has it.
EndpointActions actions_of(Method method, std::string_view pattern);

}  // namespace stratalog::api
