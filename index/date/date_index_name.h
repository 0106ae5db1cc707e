// Date math in index names: <logstash-{now/d}>, <logstash-{now/d{yyyy.MM.dd|+03:00}}>.
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/api-conventions.html#api-date-math-index-names
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stratalog::index {

// The name that an expression stands for; a name without < > is given back as it is.
// Fails with parse_exception in Elasticsearch's words: "invalid dynamic name expression [...].
// ...".
Result<std::string> resolve_date_index_name(std::string_view expression, int64_t now_ms);

}  // namespace stratalog::index
