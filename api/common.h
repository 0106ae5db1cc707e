// What several endpoint families share: reading common parameters, the shard header of writes,
// small answers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "api/http.h"
#include "api/router.h"
#include "base/json_writer.h"
#include "index/engine.h"
#include "index/resolve.h"

namespace stratalog::api {

// Runs a handler's body that gives a Result<Response>: errors become answers.
inline Response answer(Result<Response> result) {
  return result ? std::move(*result) : error_response(result.error());
}

// ignore_unavailable, allow_no_indices, expand_wildcards, ignore_throttled over an endpoint's
// defaults.
Result<index::IndicesOptions> read_indices_options(const QueryParams& params,
                                                   index::IndicesOptions defaults = {});
// Their names, for Route::params.
std::vector<std::string> with_indices_params(std::vector<std::string> others = {});

// refresh: "" and "true", "false", "wait_for".
Result<index::RefreshPolicy> read_refresh(const QueryParams& params);

// The indices that a path's {index} names, resolved now. Without {index}: all.
Result<std::vector<index::ResolvedIndex>> resolve_path(const Request& request, Context& context,
                                                       const index::IndicesOptions& options);

// action_request_validation_exception "Validation Failed: 1: …;".
Error validation_error(std::string_view problem);

// Refreshes the index of a get, by its name or an alias; nothing if there is none.
Status refresh_one(Context& context, std::string_view name);

Response acknowledged();

// "Validation Failed: 1: …;2: …;".
Error validation_error(const std::vector<std::string>& problems);

// The type of typed paths; "" without.
const std::string& type_of(const Request& request);

// Adds a deprecation warning, as Elasticsearch's HeaderWarning writes it.
void add_warning(Response& response, std::string_view text);
// A handler whose answers carry the warning where the path names a type.
Handler deprecate_type(Handler handler, std::string_view text);

}  // namespace stratalog::api
