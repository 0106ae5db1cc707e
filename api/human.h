// `?human`: figures beside themselves as people read them. Elasticsearch doc page "API conventions".
#pragma once

#include "api/http.h"
#include "base/json.h"

namespace stratalog::api {

// The answer of an endpoint of figures: where the request asks for it, each `x_in_bytes` and
// `x_in_millis` gets an `x` before it ("12.4mb", "1.5m"), and so do the few of other names.
Response with_readable(const Request& request, Response response);

// The same for one index's settings: "creation_date_string", "version.created_string". `flat` as
// settings_json gives them.
void add_readable_settings(json::Value& settings, bool flat);
bool wants_readable(const Request& request);

}  // namespace stratalog::api
