// filter_path: a pass that lets through what its patterns name.
//
// Patterns are split at dots ("\." is a dot in a name); a segment is a name with "*" in it, or "**"
// for any number of names. Arrays are transparent. A pattern that starts with "-" excludes.
// Containers in which nothing is left vanish, as Jackson's FilteringGeneratorDelegate does it; the
// root object stays.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/json_events.h"
#include "base/result.h"

namespace stratalog::api {

struct FilterPath {
  std::vector<std::string> segments;
  static FilterPath parse(std::string_view pattern);
};

struct FilterPaths {
  std::vector<FilterPath> includes;
  std::vector<FilterPath> excludes;
  bool empty() const { return includes.empty() && excludes.empty(); }

  // Of the URL parameter: a comma list. Fails for a lone "-".
  static Result<FilterPaths> parse(std::string_view text);
};

// `paths` and `next` must outlive it.
class PathFilter : public JsonSink {
 public:
  PathFilter(const std::vector<FilterPath>& paths, bool inclusive, JsonSink& next);
  void begin(bool object) override;
  void end(bool object) override;
  void key(std::string_view token) override;
  void scalar(std::string_view token) override;

 private:
  // The rest of a pattern, to be matched below the current place.
  struct Cursor {
    const FilterPath* path;
    size_t segment;
  };
  struct Rule {
    enum Kind { kNone, kAll, kPaths } kind = kNone;
    std::vector<Cursor> cursors;  // of kPaths
  };
  struct Frame {
    bool object;
    bool started;
    Rule rule;        // for what is in it
    std::string key;  // the member being read
  };

  Rule rule_below(const Rule& rule, std::string_view name) const;
  void start_frames();

  bool inclusive_;
  JsonSink& next_;
  std::vector<Frame> frames_;
  Rule item_;  // for the next value
};

}  // namespace stratalog::api
