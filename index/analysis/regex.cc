#include <re2/re2.h>

#include "index/analysis/split_tokenizers.h"

namespace stratalog::index {

namespace {
constexpr int kGroupsMax = 16;
constexpr int64_t kProgramBytesMax = 8 << 20;
}  // namespace

class Regex::Impl {
 public:
  Impl(const std::string& pattern, const re2::RE2::Options& options) : re(pattern, options) {}
  re2::RE2 re;
};

Result<Regex> Regex::compile(std::string_view pattern, std::string_view flags) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kProgramBytesMax);
  std::string prefix;
  std::string text(pattern);
  while (!flags.empty()) {
    const size_t end = flags.find('|');
    const std::string_view flag = flags.substr(0, end);
    flags = end == flags.npos ? std::string_view() : flags.substr(end + 1);
    if (flag == "CASE_INSENSITIVE") {
      options.set_case_sensitive(false);
    } else if (flag == "MULTILINE") {
      prefix += "(?m)";
    } else if (flag == "DOTALL") {
      options.set_dot_nl(true);
    } else if (flag == "LITERAL") {
      text = re2::RE2::QuoteMeta(text);
    } else if (flag != "UNICODE_CASE" && flag != "UNICODE_CHAR_CLASS" &&
               flag != "UNICODE_CHARACTER_CLASS" && !flag.empty()) {
      return Error(error_types::kIllegalArgument, "Unknown regex flag [" + std::string(flag) + "]");
    }
  }
  Regex regex;
  auto impl = std::make_shared<const Impl>(prefix + text, options);
  if (!impl->re.ok()) {
    return Error(error_types::kIllegalArgument,
                 "invalid regular expression [" + std::string(pattern) + "]: " + impl->re.error());
  }
  regex.impl_ = std::move(impl);
  return regex;
}

int Regex::group_count() const { return impl_->re.NumberOfCapturingGroups(); }

bool Regex::find(std::string_view text, size_t at, int group, Span& all, Span& of_group,
                 bool& matched) const {
  re2::StringPiece groups[kGroupsMax];
  const re2::StringPiece input(text.data(), text.size());
  if (group >= kGroupsMax ||
      !impl_->re.Match(input, at, text.size(), re2::RE2::UNANCHORED, groups, group + 1))
    return false;
  const auto span = [&](const re2::StringPiece& piece) {
    const auto start = static_cast<size_t>(piece.data() - text.data());
    return Span{start, start + piece.size()};
  };
  all = span(groups[0]);
  matched = groups[group].data() != nullptr;
  if (matched) of_group = span(groups[group]);
  return true;
}

void Regex::append_replacement(std::string_view text, size_t at, std::string_view replacement,
                               std::string& out) const {
  re2::StringPiece groups[kGroupsMax];
  const int count = std::min(group_count() + 1, kGroupsMax);
  if (!impl_->re.Match({text.data(), text.size()}, at, text.size(), re2::RE2::UNANCHORED, groups,
                       count))
    return;
  for (size_t i = 0; i < replacement.size(); ++i) {
    const char c = replacement[i];
    const bool more = i + 1 < replacement.size();
    if (c == '\\' && more) {
      out.push_back(replacement[++i]);
    } else if (c == '$' && more && replacement[i + 1] >= '0' && replacement[i + 1] <= '9') {
      const int group = replacement[++i] - '0';
      if (group < count) out.append(groups[group].data(), groups[group].size());
    } else if (c == '$' && more && replacement[i + 1] == '{') {
      const size_t end = replacement.find('}', i);
      if (end == replacement.npos) return;
      const auto& names = impl_->re.NamedCapturingGroups();
      const auto named = names.find(std::string(replacement.substr(i + 2, end - i - 2)));
      if (named != names.end() && named->second < count) {
        out.append(groups[named->second].data(), groups[named->second].size());
      }
      i = end;
    } else {
      out.push_back(c);
    }
  }
}

}  // namespace stratalog::index
