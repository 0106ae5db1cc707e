// The answer of one document write, alone or in a bulk.
#pragma once

#include <string_view>

#include "api/context.h"
#include "api/http.h"
#include "base/json_writer.h"
#include "index/engine.h"

namespace stratalog::api {

// _index … _primary_term, members of the open object.
void append_write_result(json::Writer& out, const index::WriteResult& result, std::string_view type,
                         const Context& context);
int write_status(const index::WriteResult& result);
// The object under "error" of a bulk item: without root_cause.
void append_item_error(json::Writer& out, const Error& error);

}  // namespace stratalog::api
