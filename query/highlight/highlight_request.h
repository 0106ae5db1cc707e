// `highlight` of a search. Elasticsearch doc page "Highlighting".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/dsl/clause.h"
#include "query/json_tree.h"

namespace stratalog::query {

// Settings of one field; what it leaves open comes from the request's own settings, then the
// defaults.
struct HighlightOptions {
  std::vector<std::string> pre_tags = {"<em>"};
  std::vector<std::string> post_tags = {"</em>"};
  int64_t fragment_size = 100;
  int64_t number_of_fragments = 5;  // 0: the whole field
  int64_t no_match_size = 0;
  bool require_field_match = true;
  bool order_by_score = false;
  bool word_boundaries = false;  // boundary_scanner: word
  std::optional<int64_t> max_analyzed_offset;
  ClausePtr query;  // highlight_query; nullptr: the search's
};

struct HighlightField {
  std::string pattern;
  HighlightOptions options;
};

struct HighlightRequest {
  std::vector<HighlightField> fields;
  bool html = false;  // encoder: html
};

Result<HighlightRequest> parse_highlight(const Node& value, ParseContext& context);

}  // namespace stratalog::query
