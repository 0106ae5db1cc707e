#include "api/filter_path.h"

namespace stratalog::api {
namespace {

// "*" stands for any run of characters.
bool matches(std::string_view pattern, std::string_view name) {
  size_t p = 0;
  size_t n = 0;
  size_t star = std::string_view::npos;
  size_t star_name = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_name = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

FilterPath FilterPath::parse(std::string_view pattern) {
  FilterPath path;
  std::string segment;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size() && pattern[i + 1] == '.') {
      segment.push_back('.');
      ++i;
    } else if (pattern[i] == '.') {
      path.segments.push_back(std::move(segment));
      segment.clear();
    } else {
      segment.push_back(pattern[i]);
    }
  }
  path.segments.push_back(std::move(segment));
  return path;
}

Result<FilterPaths> FilterPaths::parse(std::string_view text) {
  FilterPaths paths;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    std::string_view pattern = trimmed(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    if (pattern.empty()) continue;
    const bool exclude = pattern.front() == '-';
    if (exclude) pattern.remove_prefix(1);
    if (pattern.empty())
      return Error(error_types::kIllegalArgument, "filters cannot be null or empty");
    (exclude ? paths.excludes : paths.includes).push_back(FilterPath::parse(pattern));
  }
  return paths;
}

PathFilter::PathFilter(const std::vector<FilterPath>& paths, bool inclusive, JsonSink& next)
    : inclusive_(inclusive), next_(next) {
  item_.kind = Rule::kPaths;
  for (const FilterPath& path : paths) item_.cursors.push_back({&path, 0});
}

PathFilter::Rule PathFilter::rule_below(const Rule& rule, std::string_view name) const {
  if (rule.kind != Rule::kPaths) return {rule.kind, {}};
  Rule below{Rule::kPaths, {}};
  for (const Cursor& cursor : rule.cursors) {
    const std::string& segment = cursor.path->segments[cursor.segment];
    if (!matches(segment, name)) continue;
    if (cursor.segment + 1 == cursor.path->segments.size()) {
      return {inclusive_ ? Rule::kAll : Rule::kNone, {}};
    }
    if (segment == "**") below.cursors.push_back(cursor);
    below.cursors.push_back({cursor.path, cursor.segment + 1});
  }
  if (below.cursors.empty()) below.kind = inclusive_ ? Rule::kNone : Rule::kAll;
  return below;
}

// Writes the openings that were held back until something in them is let through, and the key of
// what comes.
void PathFilter::start_frames() {
  for (size_t i = 0; i < frames_.size(); ++i) {
    if (frames_[i].started) continue;
    if (i > 0 && frames_[i - 1].object) next_.key(frames_[i - 1].key);
    next_.begin(frames_[i].object);
    frames_[i].started = true;
  }
  if (!frames_.empty() && frames_.back().object) next_.key(frames_.back().key);
}

void PathFilter::begin(bool object) {
  Rule rule = frames_.empty() || frames_.back().object ? std::move(item_) : frames_.back().rule;
  const bool start = rule.kind == Rule::kAll || (frames_.empty() && object);
  if (start) {
    start_frames();
    next_.begin(object);
  }
  frames_.push_back({object, start, std::move(rule), {}});
}

void PathFilter::end(bool object) {
  if (frames_.back().started) next_.end(object);
  frames_.pop_back();
}

void PathFilter::key(std::string_view token) {
  Frame& frame = frames_.back();
  frame.key = token;
  item_ = frame.rule.kind == Rule::kPaths ? rule_below(frame.rule, string_of_token(token))
                                          : Rule{frame.rule.kind, {}};
}

void PathFilter::scalar(std::string_view token) {
  const Rule& rule = frames_.empty() || frames_.back().object ? item_ : frames_.back().rule;
  if (rule.kind == Rule::kNone || (rule.kind == Rule::kPaths && inclusive_)) return;
  start_frames();
  next_.scalar(token);
}

}  // namespace stratalog::api
