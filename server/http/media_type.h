// Which bodies are taken: JSON and newline-delimited JSON, under each name that Elasticsearch 7.17
// knows for them.
#pragma once

#include "api/http.h"
#include "base/result.h"

namespace stratalog::server {

// Empty when the body may be handed to the endpoint. Otherwise the answer: 406 for what is not
// supported (also for a body without any Content-Type), 400 content_type_header_exception for a
// malformed or repeated header, which Elasticsearch refuses even without a body.
std::optional<api::Response> refuse_media_type(const api::Request& request, bool has_body);

}  // namespace stratalog::server
