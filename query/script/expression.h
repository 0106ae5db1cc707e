// Lucene's `expression` language: one arithmetic expression over parameters and fields, as a tree
// of the same runtime. Its numbers are doubles; comparisons and logic give 1 or 0.
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/modules-scripting-expression.html
//
// Errors  CompileFault.
#pragma once

#include <string_view>

#include "query/script/parser.h"
#include "query/script/script.h"

namespace stratalog::query::script {

ParsedScript parse_expression(std::string_view source, Context context);

}  // namespace stratalog::query::script
