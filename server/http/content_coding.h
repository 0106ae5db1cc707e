// gzip and deflate, both ways, by libdeflate: whole bodies, the output bounded before it is made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_budget.h"
#include "base/result.h"
#include "server/body_buffer.h"

namespace stratalog::server {

enum class Coding { kIdentity, kGzip, kDeflate };

// Of a Content-Encoding. Fails for what we can't undo; the type is 415.
Result<Coding> parse_content_encoding(std::string_view value);

// The coding for an answer, from Accept-Encoding with its weights; identity when there is none to
// choose.
Coding choose_accepted(std::string_view accept_encoding);

// No stream of real logs comes near it; a bomb is 1000:1.
inline constexpr uint64_t kExpansionMax = 100;

// How long a body may be, and what says so, for the error.
struct BodyBound {
  uint64_t bytes_max;
  std::string_view name;
};

// Decodes into `out`, which is empty. At most `bound` and kExpansionMax times the input; the
// output's memory is charged to `reservation` first. Errors  content_too_long_exception (413)
// beyond a bound, es_rejected_execution_exception (429) when the budget is spent,
//         illegal_argument_exception for bytes that are not of this coding.
Status decode_body(Coding coding, std::string_view in, const BodyBound& bound,
                   Reservation& reservation, BodyBuffer& out);

std::string encode_body(Coding coding, std::string_view in);

}  // namespace stratalog::server
