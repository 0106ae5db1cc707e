#include "query/dsl/min_should_match.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace stratalog::query {
namespace {

Result<int64_t> read_whole(std::string_view text) {
  int64_t v = 0;
  const bool plus = text.starts_with('+') && text.size() > 1;
  const auto [end, ec] = std::from_chars(text.data() + plus, text.data() + text.size(), v);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) {
    return Error(error_types::kNumberFormat, "For input string: \"" + std::string(text) + "\"");
  }
  return v;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Result<int64_t> calculate(std::string_view spec, int64_t clauses) {
  spec = trim(spec);
  if (spec.find('<') != std::string_view::npos) {
    int64_t result = clauses;
    while (!spec.empty()) {
      const size_t space = spec.find(' ');
      const std::string_view part = spec.substr(0, space);
      spec = space == std::string_view::npos ? std::string_view() : trim(spec.substr(space));
      const size_t less = part.find('<');
      ASSIGN_OR_RETURN(const int64_t bound, read_whole(part.substr(0, less)));
      if (clauses <= bound) return result;
      ASSIGN_OR_RETURN(
          result, calculate(less == std::string_view::npos ? "" : part.substr(less + 1), clauses));
    }
    return result;
  }
  if (spec.ends_with('%')) {
    ASSIGN_OR_RETURN(const int64_t percent, read_whole(spec.substr(0, spec.size() - 1)));
    const auto share = static_cast<int64_t>(static_cast<float>(clauses * percent) * (1 / 100.0F));
    return std::max<int64_t>(0, share < 0 ? clauses + share : share);
  }
  ASSIGN_OR_RETURN(const int64_t count, read_whole(spec));
  return std::max<int64_t>(0, count < 0 ? clauses + count : count);
}

}  // namespace

Result<uint32_t> min_should_match(std::string_view spec, uint32_t clauses) {
  ASSIGN_OR_RETURN(const int64_t count, calculate(spec, clauses));
  return static_cast<uint32_t>(std::clamp<int64_t>(count, 0, UINT32_MAX));
}

}  // namespace stratalog::query
