#include "query/search.h"

#include <algorithm>

#include "base/clock.h"
#include "base/json_writer.h"
#include "index/fault.h"
#include "query/collect/run.h"
#include "query/exec/search_memory.h"
#include "query/fetch/fetch.h"
#include "query/shard_failure.h"

namespace stratalog::query {

// Where the last page of a scroll ended.
struct ScrollCursor {
  std::optional<Hit> last;
  uint64_t total = 0;
  std::optional<float> max_score;
  bool first = true;
};

namespace {

// The filters of the aliases by which an index was reached.
Result<std::vector<ClausePtr>> alias_filters(const index::IndexMetadata& metadata,
                                             const std::vector<std::string>& aliases) {
  std::vector<ClausePtr> out;
  for (const std::string& alias : aliases) {
    const auto it = metadata.aliases.find(alias);
    if (it == metadata.aliases.end()) continue;
    if (it->second.filter.is_null()) return std::vector<ClausePtr>();
    ASSIGN_OR_RETURN(const Node tree, parse_tree(it->second.filter));
    ParseContext context;
    ASSIGN_OR_RETURN(ClausePtr clause, parse_query(tree, context));
    out.push_back(std::move(clause));
  }
  return out;
}

// A whole number of the cluster's settings, transient before persistent.
uint32_t cluster_setting(const index::CatalogState& state, std::string_view name,
                         uint32_t fallback) {
  for (const json::Value* settings : {&state.transient_settings, &state.persistent_settings}) {
    const json::Value* value = settings->find(name);
    if (value == nullptr) continue;
    if (const auto number = value->to_int(); number && *number >= 0 && *number <= UINT32_MAX) {
      return static_cast<uint32_t>(*number);
    }
  }
  return fallback;
}

RequestContext request_context(const SearchRequest& search, const SearchOptions& options) {
  RequestContext request;
  request.now_ms = options.now_ms != 0 ? options.now_ms : wall_clock_ms();
  request.deadline_ns = options.deadline_ns;
  request.node_id = options.node_id;
  if (search.timeout_ms && *search.timeout_ms >= 0) {
    const int64_t now = steady_clock_ns();
    const int64_t most = (INT64_MAX - now) / 1'000'000;
    request.deadline_ns =
        std::min(request.deadline_ns, now + std::min(*search.timeout_ms, most) * 1'000'000);
  }
  return request;
}

Result<std::vector<PinnedIndex>> pin(index::Engine& engine,
                                     std::span<const index::ResolvedIndex> targets,
                                     std::span<const std::string> types,
                                     std::vector<ShardFailure>& failures) {
  std::vector<PinnedIndex> out;
  const auto of_other_types = [&](const index::Mapping& mapping) {
    return !types.empty() && !mapping.limits().accept_conflicts &&
           std::find(types.begin(), types.end(), mapping.shown_type()) == types.end();
  };
  for (const index::ResolvedIndex& target : targets) {
    Result<index::View> view = engine.view(*target.index);
    if (!view) {
      failures.push_back({target.index->name, std::move(view.error())});
      continue;
    }
    if (of_other_types(*target.index->mapping)) *view = index::View();
    out.push_back({target.index, target.via_aliases, std::move(*view)});
  }
  return out;
}

// What must hold for each index before anything is looked at.
Status check_index(const SearchRequest& search, const index::IndexMetadata& metadata) {
  const std::string setting = metadata.setting("max_result_window", std::to_string(kResultWindow));
  const uint64_t most = std::strtoull(setting.c_str(), nullptr, 10);
  const uint64_t wanted = uint64_t{search.from} + search.size;
  if (search.scroll_ms) {
    if (search.size > most) {
      return Error(error_types::kIllegalArgument,
                   "Batch size is too large, size must be less than or equal to: [" +
                       std::to_string(most) + "] but was [" + std::to_string(search.size) +
                       "]. Scroll batch sizes cost as much memory as result windows so they are "
                       "controlled by the " +
                       "[index.max_result_window] index level setting.");
    }
  } else if (wanted > most) {
    return Error(error_types::kIllegalArgument,
                 "Result window is too large, from + size must be less than or equal to: [" +
                     std::to_string(most) + "] but was [" + std::to_string(wanted) +
                     "]. See the scroll api for a more efficient way to request large data sets. "
                     "This limit can be set " +
                     "by changing the [index.max_result_window] index level setting.");
  }
  const auto search_error = [](std::string reason) {
    return Error({"search_exception", 500}, std::move(reason));
  };
  if (search.fetch.stored_none()) {
    if (search.fetch.source.asked && search.fetch.source.enabled) {
      return search_error("[stored_fields] cannot be disabled if [_source] is requested");
    }
    if (!search.fetch.fields.empty()) {
      return search_error("[stored_fields] cannot be disabled when using the [fields] option");
    }
    if (search.fetch.version)
      return search_error("[stored_fields] cannot be disabled if [version] is requested");
  }
  if (search.search_after) {
    if (search.sort.empty())
      return Error(error_types::kIllegalArgument, "Sort must contain at least one field.");
    if (search.from > 0)
      return search_error("`from` parameter must be set to 0 when `search_after` is used.");
    if (search.search_after->size() != search.sort.size()) {
      return Error(error_types::kIllegalArgument,
                   "search_after has " + std::to_string(search.search_after->size()) +
                       " value(s) but sort has " + std::to_string(search.sort.size()) + ".");
    }
  }
  return {};
}

Result<std::optional<std::vector<SortValue>>> after_values(const SearchRequest& search,
                                                           const QueryRun& run) {
  if (!search.search_after || run.keys().empty()) return std::optional<std::vector<SortValue>>();
  std::vector<SortValue> values;
  for (size_t i = 0; i < search.search_after->size(); ++i) {
    ASSIGN_OR_RETURN(SortValue value, run.keys()[0][i].parse_after((*search.search_after)[i]));
    values.push_back(std::move(value));
  }
  return std::optional(std::move(values));
}

uint32_t shard_count(std::span<const PinnedIndex> indices) {
  uint32_t count = 0;
  for (const PinnedIndex& index : indices) count += index.metadata->number_of_shards();
  return count;
}

// Shards that were passed over because no document of theirs can match, as Elasticsearch's
// can_match phase finds them ("Search shard routing"): it asks where the first sort key is a field,
// or of many shards, and leaves at least one to run.
constexpr uint32_t kPreFilterShards = 128;

uint32_t skipped_shards(const SearchRequest& search, QueryRun& run, uint32_t total) {
  if (search.query == nullptr) return 0;
  const bool by_field = !search.sort.empty() && search.sort[0].field != "_score";
  if (total <= (by_field ? 1 : kPreFilterShards)) return 0;
  uint32_t skipped = 0;
  for (const IndexRun& index : run.indices()) {
    if (index.excluded) skipped += index.context.metadata->number_of_shards();
  }
  return std::min(skipped, total - 1);
}

// One page over pinned indices. `cursor` (scrolls): where the last one ended, and where this one
// does.
Result<SearchResponse> run_page(index::Engine& engine, std::span<const PinnedIndex> indices,
                                std::vector<ShardFailure> failures, const SearchRequest& search,
                                const SearchOptions& options, ScrollCursor* cursor) {
  const int64_t start_ns = steady_clock_ns();
  RequestContext request = request_context(search, options);
  request.buckets_max = cluster_setting(*engine.state(), "search.max_buckets", kBucketsMax);
  if (search.global_statistics) {
    for (const PinnedIndex& index : indices) request.statistics.push_back(&index.view);
  }
  SearchResponse response;
  response.node_id = options.node_id;
  response.total_hits_as_int = search.total_hits_as_int;

  QueryRun run(request, search);
  std::vector<const PinnedIndex*> running;
  uint32_t shards_failed = 0;
  for (const PinnedIndex& index : indices) {
    Status status = check_index(search, *index.metadata);
    if (status) {
      Result<std::vector<ClausePtr>> filters = alias_filters(*index.metadata, index.via_aliases);
      status =
          filters ? run.add_index(index.metadata, index.view, *filters) : Status(filters.error());
    }
    if (status && search.size > 0 && (cursor == nullptr || cursor->first)) {
      status = check_fetch(search, run.indices().back());
      if (!status) run.forget_last_index();
    }
    if (status) {
      running.push_back(&index);
      continue;
    }
    failures.push_back({index.metadata->name, std::move(status.error())});
    shards_failed += index.metadata->number_of_shards();
  }
  response.shards_total = shard_count(indices);
  const auto fail_all = [&](std::string_view phase) {
    return all_shards_failed(failures, options.node_id, phase);
  };
  const auto fail_running = [&](const Error& error, std::string_view phase) {
    for (const PinnedIndex* index : running) failures.push_back({index->metadata->name, error});
    return fail_all(phase);
  };
  if (!failures.empty() && running.empty()) return fail_all("query");
  if (!failures.empty() && !search.allow_partial_results) {
    return all_shards_failed(failures, options.node_id, "query", true);
  }

  Result<std::optional<std::vector<SortValue>>> after = after_values(search, run);
  if (!after) return fail_running(after.error(), "query");
  const size_t size = search.size == 0 ? 0 : size_t{search.from} + search.size;
  const Status executed = within_memory([&]() -> Status {
    run.execute(size, std::move(*after), cursor != nullptr ? cursor->last : std::nullopt);
    return {};
  });
  if (!executed) return fail_running(executed.error(), "query");
  const int64_t queried_ns = steady_clock_ns();

  std::vector<Hit> hits = run.take_hits();
  if (run.sorted_by_score() && !hits.empty() && search.size > 0) {
    response.max_score = hits[0].score;
  } else if (search.track_scores && !hits.empty()) {
    response.max_score = run.max_score();
  }
  if (cursor != nullptr) {
    if (cursor->first) {
      cursor->total = run.total();
      cursor->max_score = response.max_score;
    }
    response.max_score = cursor->max_score;
    response.total = cursor->total;
  } else if (search.track_total_hits > 0) {
    response.total_exact = run.total() <= search.track_total_hits;
    response.total = std::min(run.total(), search.track_total_hits);
  }
  std::optional<Hit> last = hits.empty() ? std::nullopt : std::optional(hits.back());
  hits.erase(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(
                                              std::min<size_t>(search.from, hits.size())));
  uint32_t failed_index = 0;
  Status fetched =
      within_memory([&] { return fetch_hits(search, run, hits, response.hits, failed_index); });
  if (!fetched) {
    failures.push_back({running[failed_index]->metadata->name, std::move(fetched.error())});
    return fail_all("fetch");
  }
  response.hit_count = static_cast<uint32_t>(hits.size());
  // Not before the page is there: one that failed can be asked for again.
  if (cursor != nullptr && last) cursor->last = std::move(last);

  if (search.aggregations != nullptr) {
    std::vector<std::unique_ptr<IndexAggregation>> parts;
    for (IndexRun& index : run.indices()) parts.push_back(std::move(index.aggregation));
    Status reduced = within_memory([&] {
      return search.aggregations->finish(parts, request, search.typed_keys, response.aggregations);
    });
    if (!reduced) {
      // The reduce is no shard's failure: Elasticsearch answers with the cause and no failed
      // shards.
      Error out({"search_phase_execution_exception", reduced.error().type.status}, "");
      out.root_causes = {};
      out.fields.push_back({"phase", search.size > 0 ? "fetch" : "query", false});
      out.fields.push_back({"grouped", "true", true});
      out.fields.push_back({"failed_shards", "[]", true});
      return std::move(out).because(std::move(reduced.error()));
    }
  }

  const int64_t done_ns = steady_clock_ns();
  for (const PinnedIndex* index : running) {
    engine.record_search(*index->metadata, static_cast<uint64_t>(queried_ns - start_ns),
                         static_cast<uint64_t>(done_ns - queried_ns));
  }
  response.took_ms = (done_ns - start_ns) / 1'000'000;
  response.timed_out = request.timed_out;
  if (search.terminate_after > 0) response.terminated_early = run.terminated_early();
  response.shards_failed = shards_failed;
  response.shards_successful = response.shards_total - shards_failed;
  response.failures = std::move(failures);
  response.shards_skipped = skipped_shards(search, run, response.shards_total);
  response.segments_searched = request.segments_searched;
  response.segments_skipped = request.segments_skipped;
  return response;
}

// Everything below runs behind this: what a reader throws becomes an error.
template <typename Run>
auto guarded(const SearchOptions& options, Run&& run) -> decltype(run()) {
  try {
    const SearchMemory memory(options.memory);
    return run();
  } catch (const index::SegmentFault& fault) {
    return fault.error();
  }
}

// A scroll in document order reads rows as they lie: its views are pinned, so that order is stable,
// and each page goes on where the last ended.
bool physical_order(const SearchRequest& search) {
  if (search.sort.size() != 1) return false;
  return search.sort[0].field == "_doc" && !search.sort[0].descending && !search.track_scores;
}

Result<SearchResponse> scroll_page(index::Engine& engine, SearchContext& context,
                                   std::vector<ShardFailure> failures,
                                   const SearchOptions& options) {
  const std::lock_guard lock(context.running);
  ScrollCursor& cursor = *context.cursor;
  if (cursor.first) {
    ASSIGN_OR_RETURN(SearchResponse response, run_page(engine, context.indices, std::move(failures),
                                                       *context.request, options, &cursor));
    cursor.first = false;
    return response;
  }
  SearchRequest next = *context.request;
  next.aggregations = nullptr;
  next.track_total_hits = 0;
  return run_page(engine, context.indices, {}, next, options, &cursor);
}

Result<SearchResponse> start_scroll(index::Engine& engine, std::vector<PinnedIndex> indices,
                                    std::vector<ShardFailure> failures, const SearchRequest& search,
                                    const SearchOptions& options) {
  auto request = std::make_shared<SearchRequest>(search);
  request->track_total_hits = UINT64_MAX;  // a scroll's total is always exact
  if (physical_order(search)) request->sort[0].field = "_physical";
  options.contexts->set_limit(
      cluster_setting(*engine.state(), "search.max_open_scroll_context", kOpenContextsMax));
  auto context = std::make_shared<SearchContext>();
  context->owner = options.owner;
  context->indices = std::move(indices);
  context->request = request;
  context->cursor = std::make_shared<ScrollCursor>();
  ASSIGN_OR_RETURN(SearchResponse response,
                   scroll_page(engine, *context, std::move(failures), options));
  Result<std::string> id = options.contexts->open(context, *search.scroll_ms, options.now_ms);
  if (!id) {
    std::vector<ShardFailure> refused;
    for (const PinnedIndex& index : context->indices)
      refused.push_back({index.metadata->name, id.error()});
    return all_shards_failed(refused, options.node_id, "query");
  }
  response.scroll_id = std::move(*id);
  return response;
}

void append_shards(json::Writer& w, uint32_t total, uint32_t failed, uint32_t skipped,
                   const std::vector<ShardFailure>& failures, std::string_view node_id) {
  w.key("_shards").begin_object();
  w.field("total", total)
      .field("successful", total - failed)
      .field("skipped", skipped)
      .field("failed", failed);
  if (!failures.empty()) {
    w.key("failures").begin_array();
    for (const ShardFailure& failure : failures) {
      std::string text;
      append_failure(text, failure, node_id);
      w.raw(text);
    }
    w.end_array();
  }
  w.end_object();
}

// As the one shard that a scroll's page is asked from fails.
Error scroll_missing() {
  const Error cause(error_types::kSearchContextMissing, "No search context found for id [0]");
  std::string failure = "[{\"shard\":-1,\"index\":null,\"reason\":";
  json::Writer(failure)
      .begin_object()
      .field("type", cause.type.name)
      .field("reason", cause.reason)
      .end_object();
  failure += "}]";
  Error error =
      Error({"search_phase_execution_exception", 404}, "all shards failed").with("phase", "query");
  error.fields.push_back({"grouped", "true", true});
  error.fields.push_back({"failed_shards", std::move(failure), true});
  error.root_causes.push_back(cause);
  return std::move(error).because(cause);
}

}  // namespace

Result<SearchResponse> search(index::Engine& engine, std::span<const index::ResolvedIndex> targets,
                              const SearchRequest& search, const SearchOptions& options) {
  return guarded(options, [&]() -> Result<SearchResponse> {
    std::vector<ShardFailure> failures;
    std::vector<PinnedIndex> indices;
    if (search.pit_id) {
      if (options.contexts == nullptr)
        return Error(error_types::kSearchContextMissing, "No search context found");
      ASSIGN_OR_RETURN(const std::shared_ptr<SearchContext> context,
                       options.contexts->find(*search.pit_id, search.pit_keep_alive_ms,
                                              options.now_ms, options.owner));
      ASSIGN_OR_RETURN(SearchResponse response,
                       run_page(engine, context->indices, {}, search, options, nullptr));
      response.pit_id = *search.pit_id;
      return response;
    }
    ASSIGN_OR_RETURN(indices, pin(engine, targets, search.types, failures));
    if (search.scroll_ms && options.contexts != nullptr) {
      return start_scroll(engine, std::move(indices), std::move(failures), search, options);
    }
    return run_page(engine, indices, std::move(failures), search, options, nullptr);
  });
}

Result<SearchResponse> scroll(index::Engine& engine, std::string_view scroll_id,
                              std::optional<int64_t> keep_alive_ms, bool total_hits_as_int,
                              const SearchOptions& options) {
  return guarded(options, [&]() -> Result<SearchResponse> {
    ENSURE(options.contexts != nullptr);
    Result<std::shared_ptr<SearchContext>> context =
        options.contexts->find(scroll_id, keep_alive_ms, options.now_ms, options.owner);
    if (!context || (*context)->request == nullptr) {
      return scroll_missing();
    }
    ASSIGN_OR_RETURN(SearchResponse response, scroll_page(engine, **context, {}, options));
    response.scroll_id = scroll_id;
    response.total_hits_as_int = total_hits_as_int;
    return response;
  });
}

Result<std::string> open_point_in_time(index::Engine& engine,
                                       std::span<const index::ResolvedIndex> targets,
                                       int64_t keep_alive_ms, ContextStore& contexts,
                                       const std::string& owner) {
  std::vector<ShardFailure> failures;
  auto context = std::make_shared<SearchContext>();
  context->owner = owner;
  ASSIGN_OR_RETURN(context->indices, pin(engine, targets, {}, failures));
  if (!failures.empty()) return all_shards_failed(failures, "", "open_search_context");
  return contexts.open(std::move(context), keep_alive_ms, wall_clock_ms());
}

Result<CountResponse> count(index::Engine& engine, std::span<const index::ResolvedIndex> targets,
                            const SearchRequest& request, const SearchOptions& options) {
  SearchRequest counting = request;
  counting.size = 0;
  counting.from = 0;
  counting.track_total_hits = UINT64_MAX;
  ASSIGN_OR_RETURN(const SearchResponse found, search(engine, targets, counting, options));
  CountResponse response;
  response.count = found.total.value_or(0);
  response.terminated_early = found.terminated_early.value_or(false);
  response.shards_total = found.shards_total;
  response.shards_failed = found.shards_failed;
  response.failures = found.failures;
  response.node_id = options.node_id;
  return response;
}

void append_response(std::string& out, const SearchResponse& response) {
  out.reserve(out.size() + response.hits.size() + response.aggregations.size() + 512);
  json::Writer w(out);
  w.begin_object();
  if (!response.scroll_id.empty()) w.key("_scroll_id").string(response.scroll_id);
  if (!response.pit_id.empty()) w.key("pit_id").string(response.pit_id);
  w.field("took", response.took_ms).field("timed_out", response.timed_out);
  if (response.terminated_early) w.field("terminated_early", *response.terminated_early);
  append_shards(w, response.shards_total, response.shards_failed, response.shards_skipped,
                response.failures, response.node_id);
  w.key("hits").begin_object();
  if (response.total_hits_as_int) {
    if (response.total) {
      w.field("total", *response.total);
    } else {
      w.field("total", -1);
    }
  } else if (response.total) {
    w.key("total").begin_object().field("value", *response.total);
    w.field("relation", response.total_exact ? "eq" : "gte").end_object();
  }
  w.key("max_score");
  if (response.shards_total == 0) {
    w.raw("0.0");  // of no shard at all, as Elasticsearch has it
  } else if (response.max_score) {
    w.float_number(*response.max_score);
  } else {
    w.null();
  }
  w.key("hits").raw("[");
  out += response.hits;
  out += ']';
  w.end_object();
  if (!response.aggregations.empty() && response.shards_total > 0)
    w.key("aggregations").raw(response.aggregations);
  w.end_object();
}

void append_response(std::string& out, const CountResponse& response) {
  json::Writer w(out);
  w.begin_object().field("count", response.count);
  if (response.terminated_early) w.field("terminated_early", true);
  append_shards(w, response.shards_total, response.shards_failed, 0, response.failures,
                response.node_id);
  w.end_object();
}

}  // namespace stratalog::query
