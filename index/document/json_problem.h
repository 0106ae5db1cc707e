// Says what is wrong with a text that is not JSON, in the words of Elasticsearch's parser
// (Jackson): the slow second look after the fast one has failed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace stratalog::index {

// The cause inside mapper_parsing_exception "failed to parse".
Error describe_json_problem(std::string_view text);

Error duplicate_field(std::string_view text, std::string_view key, uint32_t key_end);

// "\n at [Source: (ByteArrayInputStream); line: 1, column: 5]" of a byte offset; columns count
// from 1.
std::string json_location(std::string_view text, size_t offset);
// "1:7"
std::string short_location(std::string_view text, size_t offset);

}  // namespace stratalog::index
