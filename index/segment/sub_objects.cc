#include "index/segment/sub_objects.h"

#include <array>

namespace stratalog::index {
namespace {

constexpr std::array<bool, 256> table_of(std::string_view chars) {
  std::array<bool, 256> table{};
  for (const char c : chars) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr auto kSpace = table_of(" \t\r\n");
constexpr auto kStructural = table_of("\"{}[]");
constexpr auto kScalarEnd = table_of(",}]");

bool is(const std::array<bool, 256>& table, char c) { return table[static_cast<unsigned char>(c)]; }

}  // namespace

SubObjectScanner::SubObjectScanner(std::string_view json) : json_(json.substr(0, UINT32_MAX)) {
  skip_space();
  broken_ = at_ >= json_.size() || json_[at_] != '{';
  ++at_;
}

void SubObjectScanner::skip_space() {
  while (at_ < json_.size() && is(kSpace, json_[at_])) ++at_;
}

// From the opening quote to behind the closing one.
bool SubObjectScanner::skip_string() {
  for (++at_;;) {
    const size_t quote = json_.find('"', at_);
    if (quote == std::string_view::npos) return false;
    size_t backslashes = 0;
    while (quote - backslashes > at_ && json_[quote - backslashes - 1] == '\\') ++backslashes;
    at_ = quote + 1;
    if (backslashes % 2 == 0) return true;
  }
}

// From an opening bracket to behind the one that closes it.
bool SubObjectScanner::skip_nested() {
  size_t depth = 0;
  while (at_ < json_.size()) {
    const char c = json_[at_];
    if (!is(kStructural, c)) {
      ++at_;
    } else if (c == '"') {
      if (!skip_string()) return false;
    } else {
      ++at_;
      if (c == '{' || c == '[')
        ++depth;
      else if (--depth == 0)
        return true;
    }
  }
  return false;
}

bool SubObjectScanner::next() {
  while (!broken_) {
    skip_space();
    if (at_ < json_.size() && json_[at_] == ',') {
      ++at_;
      skip_space();
    }
    broken_ = true;  // unless a whole member follows
    if (at_ >= json_.size() || json_[at_] != '"' || !skip_string()) break;
    skip_space();
    if (at_ >= json_.size() || json_[at_] != ':') break;
    ++at_;
    skip_space();
    if (at_ >= json_.size()) break;
    const char c = json_[at_];
    if (c == '{') {
      broken_ = false;
      begin_ = at_;
      return true;
    }
    if (c == '"') {
      if (!skip_string()) break;
    } else if (c == '[') {
      if (!skip_nested()) break;
    } else {
      while (at_ < json_.size() && !is(kScalarEnd, json_[at_])) ++at_;
    }
    broken_ = false;
  }
  return false;
}

bool SubObjectScanner::find_end(uint32_t& end) {
  at_ = begin_;
  if (!skip_nested()) {
    broken_ = true;
    return false;
  }
  end = static_cast<uint32_t>(at_);
  return true;
}

}  // namespace stratalog::index
