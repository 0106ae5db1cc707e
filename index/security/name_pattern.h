// Patterns over names of indices, resources and users as roles have them: "*" any run, "?" any
// character, "\" the next one as it is, or /a regular expression/ in Lucene's syntax.
//
// Threads any.
// Errors  illegal_argument_exception for an expression that is none, or that has parts of Lucene's
//         syntax (~ inside, &, @, #, <>) which are not supported; ~(...) around all of it is.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace stratalog::index::security {

class NamePattern {
 public:
  static Result<NamePattern> parse(std::string_view text);
  bool matches(std::string_view name) const;
  // Whether every name that `other` matches is matched here. May say no where it is so.
  bool covers(const NamePattern& other) const;
  bool everything() const { return text_ == "*"; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::shared_ptr<const re2::RE2> expression_;  // null: text_ is a wildcard
  bool negated_ = false;
};

using NamePatterns = std::vector<NamePattern>;
Result<NamePatterns> parse_patterns(const std::vector<std::string>& texts);
bool matches_any(const NamePatterns& patterns, std::string_view name);

}  // namespace stratalog::index::security
