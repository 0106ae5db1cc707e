// The query phase of a search: the segments of all indices in a good order, windows of rows, and
// who gets them: the count, the aggregations, the best hits.
//
// Calls   construct, add_index*, prepare, execute; then the results.
// Errors  execute lets index::SegmentFault pass.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "query/collect/top_hits.h"
#include "query/exec/aggregation.h"
#include "query/search_request.h"

namespace stratalog::query {

// One index as the query phase sees it.
struct IndexRun {
  IndexContext context;
  PlanPtr query;
  PlanPtr asked;        // the same without the rules about rows: what is highlighted
  PlanPtr post_filter;  // nullptr: none
  std::vector<PlanContext::Named> named;
  std::unique_ptr<IndexAggregation> aggregation;  // nullptr: none
  uint64_t hits = 0;                              // of it, as counted
  bool terminated = false;                        // by terminate_after
  bool excluded = false;                          // no segment was looked at: Plan::excludes
  // What rules about rows are planned under, where fields are hidden.
  std::unique_ptr<IndexContext> unrestricted;
};

class QueryRun {
 public:
  QueryRun(RequestContext& request, const SearchRequest& search)
      : request_(request), search_(search) {}

  // Plans the request on an index whose alias filters are `filters` (any of them; empty: none).
  // What it fails with is the shard's failure; the index then takes no part.
  Status add_index(std::shared_ptr<const index::IndexMetadata> metadata, index::View view,
                   const std::vector<ClausePtr>& filters);
  // Takes the index that was added last out again.
  void forget_last_index();
  // `size` best hits; 0: none are wanted.
  void execute(size_t size, std::optional<std::vector<SortValue>> after,
               std::optional<Hit> after_hit);

  std::deque<IndexRun>& indices() { return indices_; }
  const std::vector<std::vector<IndexSortKey>>& keys() const { return keys_; }
  std::vector<Hit> take_hits() { return std::move(hits_); }
  // Of all indices; a lower bound if !total_exact().
  uint64_t total() const { return total_; }
  bool total_exact() const { return total_exact_; }
  bool terminated_early() const;
  bool sorted_by_score() const { return by_score_; }
  bool scores_wanted() const { return scores_; }
  // The greatest of all that matched, where scores were made.
  std::optional<float> max_score() const { return max_score_; }

 private:
  struct Task {
    IndexRun* index = nullptr;
    size_t segment = 0;
    int64_t first = 0;  // least of its first key
  };
  Status add_row_rules(IndexRun& run, bool scores);
  void run_segment(IndexRun& index, const SegmentContext& segment, TopHits& top);
  bool count_wanted() const {
    return search_.track_total_hits == UINT64_MAX || total_ <= search_.track_total_hits;
  }
  bool scores_needed(const IndexRun& index) const {
    return scores_ || search_.min_score.has_value() ||
           (index.aggregation != nullptr && index.aggregation->needs_scores());
  }

  RequestContext& request_;
  const SearchRequest& search_;
  std::deque<IndexRun> indices_;
  std::vector<std::vector<IndexSortKey>> keys_;
  std::vector<Hit> hits_;
  uint64_t total_ = 0;
  bool total_exact_ = true;
  bool by_score_ = false;
  bool scores_ = false;  // hits' scores are asked for
  std::optional<float> max_score_;
};

}  // namespace stratalog::query
