// `_source` with includes and excludes: Elasticsearch's XContentMapValues.filter. What stays is
// copied byte for byte.
#pragma once

#include <string>

#include "index/mapping/mapping.h"
#include "query/fetch/fetch_request.h"
#include "query/fetch/path_patterns.h"
#include "query/fetch/source_tree.h"

namespace stratalog::query {

// What a mapping lets through of what was sent: `_source` with includes and excludes there.
// Documents are kept whole; what is not let through is shown to nobody.
SourceFilter mapped_source_filter(const index::Mapping& mapping);

class SourceFiltering {
 public:
  explicit SourceFiltering(const SourceFilter& filter);
  void append(std::string& out, const SourceTree& tree) const;
  // The same of a source's bytes; what is no JSON object stays as it is.
  std::string filtered(std::string_view source) const;

 private:
  struct State {
    PathPatterns::State include;
    PathPatterns::State exclude;
    bool include_all = false;
  };
  bool object(std::string& out, const SourceTree& tree, const SourceTree::Node& node,
              const State& state) const;
  bool array(std::string& out, const SourceTree& tree, const SourceTree::Node& node,
             const State& state) const;
  bool accepts(const State& state) const {
    return state.include_all || include_.accepts(state.include);
  }
  State down(const State& state) const;

  PathPatterns include_;
  PathPatterns exclude_;
};

}  // namespace stratalog::query
