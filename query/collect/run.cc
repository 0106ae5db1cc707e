#include "query/collect/run.h"

#include <algorithm>
#include <limits>

#include "query/exec/boolean.h"
#include "query/exec/constant.h"
#include "query/exec/field_plans.h"
#include "query/exec/search_memory.h"
#include "query/row_rules.h"

namespace stratalog::query {

using index::RowId;
using index::RowRange;

namespace {

// Words of a window whose rows are offered at once when they may be the last needed: kBatchRows
// rows.
constexpr size_t kSliceWords = kBatchRows / 64;

// Scores of a window's rows, in batches.
class Batches {
 public:
  void load(RowId begin, std::span<const uint64_t> bits) {
    rows_.clear();
    for_each_bit(bits, [&](size_t i) { rows_.push_back(begin + static_cast<RowId>(i)); });
  }
  std::vector<RowId>& rows() { return rows_; }
  std::vector<float>& scores() { return scores_; }
  // Rows and scores of a window; only those that reach `least`.
  void load_scored(SegmentQuery& query, RowId begin, RowId end, std::span<const uint64_t> bits,
                   float least) {
    rows_.clear();
    scores_.clear();
    window_.resize(kScoreRows);
    for (RowId from = begin; from < end; from += kScoreRows) {
      const RowId to = std::min(end, from + kScoreRows);
      const std::span<const uint64_t> part =
          bits.subspan((from - begin) / 64, words_for(to - from));
      query.score_window(from, to, part.data(), window_.data());
      for_each_bit(part, [&](size_t i) {
        if (window_[i] < least) return;
        rows_.push_back(from + static_cast<RowId>(i));
        scores_.push_back(window_[i]);
      });
    }
  }

 private:
  std::vector<RowId> rows_;
  std::vector<float> scores_;
  std::vector<float> window_;
};

// One segment's evaluation, a window at a time.
class Windows {
 public:
  Windows(SegmentQuery& query, const SegmentContext& segment) : query_(query), segment_(segment) {
    const RowRange bounds = query.bounds();
    first_ = bounds.begin / kWindowRows;
    last_ = (std::min(bounds.end, segment.row_count()) + kWindowRows - 1) / kWindowRows;
    bits_.resize(words_for(kWindowRows));
  }
  uint32_t first() const { return first_; }
  uint32_t last() const { return last_; }
  RowId begin() const { return begin_; }
  RowId end() const { return end_; }
  std::span<uint64_t> bits() { return std::span(bits_).first(words_for(end_ - begin_)); }

  // Rows of the window that match and are not deleted.
  std::span<uint64_t> evaluate(uint32_t window) {
    begin_ = window * kWindowRows;
    end_ = std::min(segment_.row_count(), begin_ + kWindowRows);
    query_.evaluate(begin_, end_, nullptr, bits_.data());
    const std::span<uint64_t> words = bits();
    if (segment_.deleted != nullptr) {
      const auto deleted = segment_.deleted->words().subspan(begin_ / 64, words.size());
      for (size_t w = 0; w < words.size(); ++w) words[w] &= ~deleted[w];
    }
    return words;
  }

 private:
  SegmentQuery& query_;
  const SegmentContext& segment_;
  uint32_t first_ = 0, last_ = 0;
  RowId begin_ = 0, end_ = 0;
  std::vector<uint64_t> bits_;
};

// Keeps the first `count` bits.
void keep_first(std::span<uint64_t> bits, uint64_t count) {
  for (uint64_t& word : bits) {
    const auto here = static_cast<uint64_t>(std::popcount(word));
    if (here <= count) {
      count -= here;
      continue;
    }
    uint64_t kept = 0;
    for (; count > 0; --count) {
      kept |= word & -word;
      word &= word - 1;
    }
    word = kept;
  }
}

}  // namespace

Status QueryRun::add_index(std::shared_ptr<const index::IndexMetadata> metadata, index::View view,
                           const std::vector<ClausePtr>& filters) {
  const auto ordinal = static_cast<uint32_t>(indices_.size());
  indices_.push_back({{request_, std::move(metadata), std::move(view), ordinal},
                      nullptr,
                      nullptr,
                      nullptr,
                      {},
                      nullptr,
                      0,
                      false,
                      false,
                      nullptr});
  IndexRun& run = indices_.back();
  std::vector<IndexSortKey> keys;
  by_score_ =
      search_.sort.empty() || (search_.sort.size() == 1 && search_.sort[0].field == "_score");
  scores_ = search_.size > 0 && (by_score_ || search_.track_scores);
  for (const SortKey& key : search_.sort)
    scores_ = scores_ || (key.field == "_score" && search_.size > 0);

  const auto plan = [&]() -> Status {
    const IndexContext& context = run.context;
    if (search_.sort.empty()) {
      SortKey by_score;
      by_score.field = "_score";
      by_score.descending = true;
      ASSIGN_OR_RETURN(IndexSortKey key, IndexSortKey::make(by_score, context));
      keys.push_back(std::move(key));
    }
    for (const SortKey& key : search_.sort) {
      ASSIGN_OR_RETURN(IndexSortKey resolved, IndexSortKey::make(key, context));
      keys.push_back(std::move(resolved));
    }
    if (search_.aggregations != nullptr) {
      ASSIGN_OR_RETURN(run.aggregation, search_.aggregations->start(context));
    }
    const bool scores = scores_needed(run);
    const PlanContext top{context, 1, scores, &run.named};
    const auto planned = [&](const Clause& clause, const PlanContext& where) -> Result<PlanPtr> {
      Result<PlanPtr> made = make_plan(clause, where);
      if (!made) return wrap_query_error(context, std::move(made.error()));
      return made;
    };
    if (search_.query == nullptr) {
      run.query = all_plan(1);
    } else {
      ASSIGN_OR_RETURN(run.query, planned(*search_.query, top));
    }
    if (!filters.empty()) {
      BoolParts any, both;
      any.min_should = 1;
      for (const ClausePtr& filter : filters) {
        ASSIGN_OR_RETURN(PlanPtr one, planned(*filter, {context, 1, false, nullptr}));
        any.should.push_back(std::move(one));
      }
      both.must.push_back(run.query);
      both.filter.push_back(bool_plan(std::move(any), false));
      run.query = bool_plan(std::move(both), scores);
    }
    run.asked = run.query;
    RETURN_IF_ERROR(add_row_rules(run, scores));
    if (search_.post_filter != nullptr) {
      ASSIGN_OR_RETURN(run.post_filter, planned(*search_.post_filter, top.without_scores()));
    }
    return {};
  };
  Status status = plan();
  if (!status) {
    indices_.pop_back();
    return status;
  }
  keys_.push_back(std::move(keys));
  return {};
}

// What hides rows hides them from everything: hits, counts, aggregations.
Status QueryRun::add_row_rules(IndexRun& run, bool scores) {
  const index::AccessRules* access = run.context.metadata->access.get();
  if (access == nullptr || !access->rows_hidden()) return {};
  ASSIGN_OR_RETURN(const std::vector<ClausePtr> clauses, row_clauses(*run.context.metadata));
  const IndexContext* context = &run.context;
  if (access->whole_mapping != nullptr) {
    auto whole = std::make_shared<index::IndexMetadata>(*run.context.metadata);
    whole->mapping = access->whole_mapping;
    whole->access = nullptr;
    run.unrestricted = std::make_unique<IndexContext>(
        IndexContext{request_, std::move(whole), run.context.view, run.context.ordinal});
    context = run.unrestricted.get();
  }
  BoolParts both;
  both.must.push_back(run.query);
  for (const ClausePtr& clause : clauses) {
    ASSIGN_OR_RETURN(PlanPtr one, make_plan(*clause, {*context, 1, false, nullptr}));
    both.filter.push_back(std::move(one));
  }
  run.query = bool_plan(std::move(both), scores);
  return {};
}

void QueryRun::forget_last_index() {
  indices_.pop_back();
  keys_.pop_back();
}

bool QueryRun::terminated_early() const {
  return std::any_of(indices_.begin(), indices_.end(),
                     [](const IndexRun& run) { return run.terminated; });
}

void QueryRun::execute(size_t size, std::optional<std::vector<SortValue>> after,
                       std::optional<Hit> after_hit) {
  TopHits top(size, keys_);
  if (after) top.set_after(std::move(*after));
  if (after_hit) top.set_after_hit(std::move(*after_hit));
  std::vector<Task> tasks;
  for (IndexRun& run : indices_) {
    const uint64_t skipped_before = request_.segments_skipped;
    const size_t tasks_before = tasks.size();
    for (size_t i = 0; i < run.context.view.segments.size(); ++i) {
      const index::SegmentView& view = run.context.view.segments[i];
      if (view.segment->row_count() == 0) continue;
      const SegmentContext segment{run.context, *view.segment, nullptr, static_cast<uint32_t>(i)};
      // Before anything is read of it: hundreds of indices cost little.
      if (run.query->excludes(segment)) {
        ++request_.segments_skipped;
        continue;
      }
      Task task{&run, i, INT64_MIN};
      if (size > 0 && keys_[run.context.ordinal][0].knows_least()) {
        task.first = SegmentSortKey(keys_[run.context.ordinal][0], segment).least();
      }
      tasks.push_back(task);
    }
    run.excluded = tasks.size() == tasks_before && request_.segments_skipped > skipped_before;
  }
  // Segments with the best first keys first, so that the others meet a tight bound.
  std::stable_sort(tasks.begin(), tasks.end(),
                   [](const Task& a, const Task& b) { return a.first < b.first; });
  for (const Task& task : tasks) {
    if (request_.expired()) break;
    if (task.index->terminated) continue;
    const index::SegmentView& view = task.index->context.view.segments[task.segment];
    const SegmentContext segment{task.index->context, *view.segment,
                                 view.deleted_count > 0 ? view.deleted.get() : nullptr,
                                 static_cast<uint32_t>(task.segment)};
    run_segment(*task.index, segment, top);
  }
  hits_ = top.take();
}

void QueryRun::run_segment(IndexRun& index, const SegmentContext& segment, TopHits& top) {
  SegmentQueryPtr query = index.query->open(segment);
  if (query == nullptr) {
    ++request_.segments_skipped;
    return;
  }
  std::unique_ptr<RowFilter> post;
  if (index.post_filter != nullptr) post = std::make_unique<RowFilter>(*index.post_filter, segment);
  IndexAggregation* aggregation = index.aggregation.get();
  const bool with_scores = scores_needed(index);
  const bool bounded = search_.terminate_after > 0;
  // Rows as they come, nothing to look at but the query.
  const bool plain =
      post == nullptr && !search_.min_score && !bounded && segment.deleted == nullptr;

  SegmentTopHits best(top, segment);
  // Scores of all are wanted for the greatest one, even of rows that are no hits.
  bool hits = top.size() > 0 && (search_.track_scores || !best.hopeless());
  bool counting = search_.track_total_hits > 0 && count_wanted();
  if (counting && plain) {
    if (const auto count = query->count()) {
      total_ += *count;
      index.hits += *count;
      counting = false;
    }
  }
  if (!hits && !counting && aggregation == nullptr && !bounded) {
    if (search_.track_total_hits > 0 && !count_wanted()) total_exact_ = false;
    ++request_.segments_skipped;
    return;
  }
  ++request_.segments_searched;

  Windows windows(*query, segment);
  Batches batches;
  if (aggregation != nullptr) aggregation->begin_segment(segment);
  bool feed = aggregation != nullptr;
  if (feed && plain && !with_scores && query->all_in_bounds()) {
    aggregation->collect_interval(segment, query->bounds());
    feed = false;
  }
  // Hits in the order of rows end early: they get a pass of their own where others need all rows.
  const bool ordered =
      hits && !with_scores && !bounded && (best.rows_ascend() || best.rows_descend());
  const bool backwards = ordered && best.rows_descend();

  const auto with_post = [&](std::span<uint64_t> bits, std::vector<uint64_t>& scratch) {
    scratch.resize(bits.size());
    post->bits(windows.begin(), windows.end(), bits.data(), scratch.data());
    for (size_t w = 0; w < bits.size(); ++w) bits[w] &= scratch[w];
  };
  const auto give_hits = [&](std::span<const RowId> rows, std::span<const float> scores) {
    for (size_t at = 0; at < rows.size(); at += kBatchRows) {
      const size_t count = std::min<size_t>(kBatchRows, rows.size() - at);
      best.add(rows.subspan(at, count), scores.empty() ? scores : scores.subspan(at, count));
    }
  };
  std::vector<uint64_t> scratch;

  if (feed || counting || (hits && !ordered) || bounded) {
    const bool hits_here = hits && !ordered;
    for (uint32_t w = windows.first(); w < windows.last(); ++w) {
      if (request_.expired()) break;
      check_memory();
      std::span<uint64_t> bits = windows.evaluate(w);
      if (bounded) {
        uint64_t count = count_bits(bits);
        const uint64_t left = search_.terminate_after - index.hits;
        if (count >= left) {
          keep_first(bits, left);
          index.terminated = true;
        }
      }
      const bool rows_needed = hits_here || with_scores;
      bool listed = rows_needed;  // all rows that match are in the batches
      if (with_scores) {
        // Where only the best scores are wanted, the others need not even be listed.
        float least = search_.min_score.value_or(-std::numeric_limits<float>::infinity());
        if (by_score_ && !feed && post == nullptr && !search_.min_score && !search_.track_scores) {
          least = best.least_score();
          listed = false;
        }
        batches.load_scored(*query, windows.begin(), windows.end(), bits, least);
        if (feed) {
          for (size_t at = 0; at < batches.rows().size(); at += kBatchRows) {
            const size_t count = std::min<size_t>(kBatchRows, batches.rows().size() - at);
            aggregation->collect(segment, std::span(batches.rows()).subspan(at, count),
                                 std::span(batches.scores()).subspan(at, count));
          }
        }
        if (post != nullptr) {
          size_t kept = 0;
          for (size_t i = 0; i < batches.rows().size(); ++i) {
            if (!post->matches(batches.rows()[i])) continue;
            batches.rows()[kept] = batches.rows()[i];
            batches.scores()[kept++] = batches.scores()[i];
          }
          batches.rows().resize(kept);
          batches.scores().resize(kept);
        }
      } else {
        if (feed) aggregation->collect_bits(segment, windows.begin(), windows.end(), bits);
        if (post != nullptr) with_post(bits, scratch);
        if (rows_needed) batches.load(windows.begin(), bits);
      }
      const uint64_t count = listed ? batches.rows().size() : count_bits(bits);
      if (counting) {
        total_ += count;
        index.hits += count;
      } else if (bounded) {
        index.hits += count;
      }
      if (hits_here && scores_) {
        for (const float score : batches.scores())
          max_score_ = std::max(max_score_.value_or(score), score);
      }
      if (hits_here) {
        give_hits(batches.rows(), with_scores ? std::span<const float>(batches.scores())
                                              : std::span<const float>());
      }
      if (index.terminated) break;
      if (counting && !count_wanted()) {
        counting = false;
        total_exact_ = false;
        if (!feed && !hits_here && !bounded) break;
      }
    }
  }
  if (ordered) {
    const RowRange useful = best.useful_rows();
    const uint32_t first = std::max(windows.first(), useful.begin / kWindowRows);
    const uint32_t last = std::min(windows.last(), (useful.end + kWindowRows - 1) / kWindowRows);
    for (uint32_t i = 0; first + i < last && !best.done(); ++i) {
      if (request_.expired()) break;
      check_memory();
      std::span<uint64_t> bits = windows.evaluate(backwards ? last - 1 - i : first + i);
      if (post != nullptr) with_post(bits, scratch);
      // A slice at a time: mostly the first one is enough.
      const size_t slices = (bits.size() + kSliceWords - 1) / kSliceWords;
      for (size_t s = 0; s < slices && !best.done(); ++s) {
        const size_t slice = (backwards ? slices - 1 - s : s) * kSliceWords;
        const RowId slice_begin = windows.begin() + static_cast<RowId>(slice * 64);
        if (slice_begin + kBatchRows <= useful.begin || slice_begin >= useful.end) continue;
        batches.load(slice_begin, bits.subspan(slice, std::min(kSliceWords, bits.size() - slice)));
        best.add(batches.rows(), {});
      }
    }
  }
  if (aggregation != nullptr) aggregation->end_segment(segment);
  if (top.size() > 0) best.finish();
}

}  // namespace stratalog::query
