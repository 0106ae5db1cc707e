// Elasticsearch's built-in date formats, in the notation of Pattern::of_notation:
//   {u4-10x}   a field, its digits at least and at most; {M2} exactly two. x: a plus when there are
//   more digits than the
//              least; n: a minus is allowed; a letter alone: 1 to 19 digits
//              u year, y year of the era, M month, d day, D day of year, Y week year, w week, e day
//              of week, H m s
//   {f1-9.}    a fraction of the second, with its point
//   {+HHmm}    an offset of this form, "Z" for none; {zone} an offset with colons or a zone's id
//   [ ]        may be absent; others stand for themselves
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/date/fields.h"

namespace stratalog::index {

struct NamedFormat {
  std::string name;
  std::string printer;
  std::vector<std::string> parsers;
  Resolving resolving = Resolving::kStrict;
};

// By name, snake_case or camelCase as Elasticsearch 7 takes both; null if there is none. The epoch
// formats are not here.
const NamedFormat* find_named_format(std::string_view name);
std::span<const NamedFormat> named_formats();

}  // namespace stratalog::index
