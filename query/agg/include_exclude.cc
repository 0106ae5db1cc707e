#include "query/agg/include_exclude.h"

#include <re2/re2.h>

#include "base/hash.h"
#include "query/limits.h"

namespace stratalog::query {

// Lucene's expressions match whole terms. What only its syntax has (~ & @ # < >) is refused rather
// than misread.
struct IncludeExclude::Regex {
  explicit Regex(const std::string& pattern) : re(pattern, options()) {}
  static re2::RE2::Options options() {
    re2::RE2::Options made;
    made.set_log_errors(false);
    made.set_dot_nl(true);
    made.set_max_mem(8 << 20);
    return made;
  }
  re2::RE2 re;
};

bool IncludeExclude::Filter::matches(std::string_view term) const {
  if (regex != nullptr)
    return re2::RE2::FullMatch(re2::StringPiece(term.data(), term.size()), regex->re);
  return terms.contains(term);
}

Result<IncludeExclude::Filter> IncludeExclude::read(const Node& value) {
  Filter filter;
  if (value.is_array()) {
    for (const Node& element : value.elements()) {
      filter.terms.insert(element.to_text());
      if (const auto number = element.to_double()) filter.numbers.insert(*number);
    }
    return filter;
  }
  const std::string& pattern = value.to_text();
  if (pattern.size() > kRegexBytesMax) {
    return Error(error_types::kIllegalArgument,
                 "The length of regex [" + std::to_string(pattern.size()) +
                     "] used in the request has exceeded the allowed maximum of [" +
                     std::to_string(kRegexBytesMax) +
                     "]. This maximum can be set by changing the [index.max_regex_length] index "
                     "level setting.");
  }
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (std::string_view("~&@#<>").find(pattern[i]) != std::string_view::npos) {
      return Error(error_types::kIllegalArgument, std::string("the operator [") + pattern[i] +
                                                      "] in the regex [" + pattern +
                                                      "] is not supported");
    }
  }
  auto regex = std::make_shared<Regex>(pattern);
  if (!regex->re.ok()) {
    return Error(error_types::kIllegalArgument,
                 "invalid regex [" + pattern + "]: " + regex->re.error());
  }
  filter.regex = std::move(regex);
  return filter;
}

Status IncludeExclude::read_include(const Node& value) {
  if (!value.is_object()) {
    ASSIGN_OR_RETURN(include_, read(value));
    return {};
  }
  for (const NodeMember& member : value.members()) {
    const auto number = member.value.to_int();
    if (member.key == "partition" && number && *number >= 0) {
      partition_ = static_cast<uint32_t>(*number);
    } else if (member.key == "num_partitions" && number && *number > 0) {
      partitions_ = static_cast<uint32_t>(*number);
    } else {
      return Error(error_types::kElasticsearchParse,
                   "Unknown parameter in Include/Exclude clause: " + member.key);
    }
  }
  if (partitions_ < 2) return Error(error_types::kIllegalArgument, "num_partitions must be >= 2");
  if (partition_ >= partitions_)
    return Error(error_types::kIllegalArgument, "partition must be less than num_partitions");
  return {};
}

Status IncludeExclude::read_exclude(const Node& value) {
  ASSIGN_OR_RETURN(exclude_, read(value));
  return {};
}

bool IncludeExclude::accepts(std::string_view term) const {
  if (partitions_ != 0) {
    constexpr uint32_t kPartitionSeed = 31;
    const int32_t hash = static_cast<int32_t>(murmur3_32(term, kPartitionSeed));
    const int32_t count = static_cast<int32_t>(partitions_);
    if (static_cast<uint32_t>(((hash % count) + count) % count) != partition_) return false;
  }
  if (include_ && !include_->matches(term)) return false;
  return !(exclude_ && exclude_->matches(term));
}

bool IncludeExclude::accepts_number(double value) const {
  if (include_ && !include_->numbers.contains(value)) return false;
  return !(exclude_ && exclude_->numbers.contains(value));
}

Status IncludeExclude::check_numbers() const {
  const bool regex =
      (include_ && include_->regex != nullptr) || (exclude_ && exclude_->regex != nullptr);
  if (!regex && partitions_ == 0) return {};
  return Error(error_types::kIllegalArgument,
               "Aggregation [terms] cannot support regular expression style include/exclude "
               "settings as they can only "
               "be applied to string fields. Use an array of numeric values for include/exclude "
               "clauses used to filter "
               "numeric fields");
}

}  // namespace stratalog::query
