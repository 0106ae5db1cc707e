// Elasticsearch's date math: "now-1d/d", "2024-01-01||+1M/d", or a plain date.
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/common-options.html#date-math
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "index/date/date_format.h"

namespace stratalog::index {

struct DateMathOptions {
  int64_t now_ms = 0;
  bool round_up = false;  // "/d" goes to the last millisecond of the unit, and open parts to their
                          // greatest value
  TimeZone zone;          // of dates without one and of rounding
};

// Fails with parse_exception in Elasticsearch's words: "failed to parse date field [x] with format
// [y]: [...]", "unit [x] not supported for date math [+1x]", "truncated date math [...]", "operator
// not supported for date math [...]".
Result<Instant> parse_date_math(std::string_view text, const DateFormat& format,
                                const DateMathOptions& options);

// Whether the text asks for the clock: such a clause can't be kept between requests.
inline bool uses_now(std::string_view text) { return text.starts_with("now"); }

// The part behind the anchor: "+1M/d". `anchor` is moved.
Result<int64_t> apply_date_math(std::string_view math, int64_t anchor_ms, bool round_up,
                                const TimeZone& zone);

}  // namespace stratalog::index
