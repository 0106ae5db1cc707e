// Which terms get buckets: `include` and `exclude` of a terms aggregation, as regular expressions,
// lists or partitions.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "query/json_tree.h"

namespace stratalog::query {

class IncludeExclude {
 public:
  Status read_include(const Node& value);
  Status read_exclude(const Node& value);

  bool empty() const { return !include_ && !exclude_ && partitions_ == 0; }
  bool accepts(std::string_view term) const;
  // Of numbers: lists only.
  bool accepts_number(double value) const;
  Status check_numbers() const;  // refuses regular expressions and partitions

 private:
  struct Regex;
  struct Filter {
    std::shared_ptr<const Regex> regex;
    std::set<std::string, std::less<>> terms;
    std::set<double> numbers;
    bool matches(std::string_view term) const;
  };
  static Result<Filter> read(const Node& value);

  std::optional<Filter> include_;
  std::optional<Filter> exclude_;
  uint32_t partition_ = 0;
  uint32_t partitions_ = 0;
};

}  // namespace stratalog::query
