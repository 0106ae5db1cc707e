#include "index/security/name_pattern.h"

#include <re2/re2.h>

#include <algorithm>

namespace stratalog::index::security {

namespace {

constexpr size_t kPatternBytesMax = 1000;

// Backtracks to the last star only: linear but for many stars, which are bounded by the length.
bool matches_wildcard(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0, star = std::string_view::npos, mark = 0;
  while (n < name.size()) {
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = n;
    } else if (escaped && pattern[p + 1] == name[n]) {
      p += 2;
      ++n;
    } else if (p < pattern.size() && !escaped && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// The place behind the parenthesis that closes the first character's.
size_t end_of_group(std::string_view text) {
  int depth = 0;
  bool in_class = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

Result<NamePattern> NamePattern::parse(std::string_view text) {
  NamePattern out;
  out.text_ = text;
  const auto refused = [&] {
    return Error(error_types::kIllegalArgument, "invalid pattern [" + std::string(text) +
                                                    "]: it is not a regular expression, or "
                                                    "has what is not supported");
  };
  if (text.size() > kPatternBytesMax) {
    return Error(error_types::kIllegalArgument,
                 "a pattern is longer than [" + std::to_string(kPatternBytesMax) + "] bytes");
  }
  if (!text.starts_with('/')) return out;
  if (text.size() < 2 || !text.ends_with('/')) return refused();
  std::string_view inner = text.substr(1, text.size() - 2);
  if (inner.starts_with("~(") && end_of_group(inner.substr(1)) == inner.size() - 1) {
    out.negated_ = true;
    inner.remove_prefix(1);
  }
  if (inner.find_first_of("~&@#<>\"^$") != std::string_view::npos) return refused();
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_max_mem(1 << 20);
  auto expression =
      std::make_shared<re2::RE2>(re2::StringPiece(inner.data(), inner.size()), options);
  if (!expression->ok()) return refused();
  out.expression_ = std::move(expression);
  return out;
}

bool NamePattern::matches(std::string_view name) const {
  if (expression_ == nullptr) return matches_wildcard(text_, name);
  return re2::RE2::FullMatch(re2::StringPiece(name.data(), name.size()), *expression_) != negated_;
}

bool NamePattern::covers(const NamePattern& other) const {
  if (text_ == other.text_ || everything()) return true;
  if (other.expression_ != nullptr) return false;
  const bool plain = other.text_.find_first_of("*?\\") == std::string::npos;
  // A star of theirs taken as a character is matched by a star of ours alone.
  if (plain) return matches(other.text_);
  return expression_ == nullptr && text_.find_first_of("?\\") == std::string::npos &&
         matches_wildcard(text_, other.text_);
}

Result<NamePatterns> parse_patterns(const std::vector<std::string>& texts) {
  NamePatterns out;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(NamePattern pattern, NamePattern::parse(text));
    out.push_back(std::move(pattern));
  }
  return out;
}

bool matches_any(const NamePatterns& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const NamePattern& pattern) { return pattern.matches(name); });
}

}  // namespace stratalog::index::security
