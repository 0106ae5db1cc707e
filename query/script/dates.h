// java.time for scripts.
#pragma once

#include <string>

#include "base/json.h"
#include "query/script/objects.h"
#include "query/script/operations.h"

namespace stratalog::query::script {

Value date_time(Heap& heap, index::Instant instant, const index::TimeZone& zone = {});
// toString() of dates, instants, durations and zones.
std::string date_text(const Value& value);
// A ZonedDateTime as results show it: strict_date_time.
json::Value date_json(const Value& value);

}  // namespace stratalog::query::script
