// Rules for the names of aliases and templates; those of indices are in index/resolve.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stratalog::index {

// invalid_alias_name_exception in Elasticsearch's words.
Status validate_alias_name(std::string_view name);

// Every objection to a template's name and its index patterns, in Elasticsearch's order and words.
std::vector<std::string> template_name_problems(std::string_view name,
                                                const std::vector<std::string>& patterns);

// "Validation Failed: 1: a;2: b;"
std::string validation_failed(const std::vector<std::string>& problems);

// Of mapping types; "" and "_doc" are fine. Elasticsearch's MapperService.validateTypeName.
Status validate_type_name(std::string_view type);

}  // namespace stratalog::index
