// Open scrolls and points in time: what they pin, until when, how many. Elasticsearch doc pages
// "Scroll API", "Point in time API".
//
// Threads any.
// Life    a context pins its views. Expired ones go at the next call that looks for any.
// Errors  search_context_missing_exception, es_rejected_execution_exception past
// search.max_open_scroll_context.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/catalog.h"
#include "index/view.h"
#include "query/limits.h"

namespace stratalog::query {

struct SearchRequest;
struct ScrollCursor;  // query/search.cc: where the last page ended

// One index as of when the context was opened.
struct PinnedIndex {
  std::shared_ptr<const index::IndexMetadata> metadata;
  std::vector<std::string> via_aliases;
  index::View view;
};

struct SearchContext {
  std::string owner;  // who opened it and alone may use it; "": without security
  std::vector<PinnedIndex> indices;
  // Scrolls only.
  std::shared_ptr<const SearchRequest> request;
  std::shared_ptr<ScrollCursor> cursor;
  std::mutex running;  // one page at a time

  int64_t keep_alive_ms = 0;
  int64_t expires_ms = 0;
};

class ContextStore {
 public:
  // `now_ms` of all calls: wall_clock_ms().
  Result<std::string> open(std::shared_ptr<SearchContext> context, int64_t keep_alive_ms,
                           int64_t now_ms);
  // Finds a context and keeps it alive for `keep_alive_ms` more (none: as long as it was opened
  // for).
  // Another owner's is as good as none.
  Result<std::shared_ptr<SearchContext>> find(std::string_view id,
                                              std::optional<int64_t> keep_alive_ms, int64_t now_ms,
                                              std::string_view owner = {});
  bool close(std::string_view id, std::string_view owner = {});
  // Whether an id can be one of open()'s.
  static bool well_formed(std::string_view id);
  // Number closed.
  size_t close_all_scrolls();
  size_t size(int64_t now_ms);
  void expire(int64_t now_ms);
  void set_limit(uint32_t contexts) {
    const std::lock_guard lock(mutex_);
    limit_ = contexts;
  }  // search.max_open_scroll_context

 private:
  void expire_locked(int64_t now_ms);

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<SearchContext>, std::less<>> contexts_;
  uint32_t limit_ = kOpenContextsMax;
};

}  // namespace stratalog::query
