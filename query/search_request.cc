#include "query/search_request.h"

#include <algorithm>
#include <charconv>

#include "base/units.h"
#include "query/dsl/parse_helpers.h"
#include "query/dsl/url_query.h"
#include "query/sort_request.h"

namespace stratalog::query {
namespace {

std::string unknown_key(const NodeMember& member) {
  return std::string("Unknown key for a ") + member.value.token_name() + " in [" + member.key +
         "].";
}

Result<int64_t> parse_count_param(const std::string& text, std::string_view name) {
  int64_t v = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (ec == std::errc{} && end == text.data() + text.size() && !text.empty() && v >= INT32_MIN &&
      v <= INT32_MAX) {
    return v;
  }
  return Error(error_types::kIllegalArgument, "Failed to parse int parameter [" +
                                                  std::string(name) + "] with value [" + text + "]")
      .because(Error(error_types::kNumberFormat,
                     text.empty() ? "empty String" : "For input string: \"" + text + "\""));
}

Result<bool> parse_bool_param(const std::string& text) {
  if (text.empty() || text == "true") return true;
  if (text == "false") return false;
  return Error(error_types::kIllegalArgument,
               "Failed to parse value [" + text + "] as only [true] or [false] are allowed.");
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) out.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

// -1 stands for the default, as Elasticsearch's builder takes it.
Status set_from(SearchRequest& search, int64_t v) {
  if (v < -1) return Error(error_types::kIllegalArgument, "[from] parameter cannot be negative");
  search.from = v < 0 ? 0 : static_cast<uint32_t>(std::min<int64_t>(v, INT32_MAX));
  return {};
}
Status set_size(SearchRequest& search, int64_t v) {
  if (v < -1) {
    return Error(error_types::kIllegalArgument,
                 "[size] parameter cannot be negative, found [" + std::to_string(v) + "]");
  }
  search.size = v < 0 ? 10 : static_cast<uint32_t>(std::min<int64_t>(v, INT32_MAX));
  return {};
}

Status set_track(SearchRequest& search, int64_t v) {
  if (v < -1) {
    return Error(
        error_types::kIllegalArgument,
        "[track_total_hits] parameter must be positive or equals to -1, got " + std::to_string(v));
  }
  search.track_total_hits = v == -1 ? 0 : v >= INT32_MAX ? UINT64_MAX : static_cast<uint64_t>(v);
  return {};
}

Status set_terminate_after(SearchRequest& search, int64_t v) {
  if (v < 0) return Error(error_types::kIllegalArgument, "terminateAfter must be > 0");
  search.terminate_after = static_cast<uint32_t>(v);
  return {};
}

Status set_timeout(SearchRequest& search, const std::string& text) {
  ASSIGN_OR_RETURN(const TimeValue value, parse_time_value(text, "timeout"));
  search.timeout_ms = value.millis();
  return {};
}

Status read_query_member(const NodeMember& member, ClausePtr& out) {
  if (!member.value.is_object()) return parsing_error(member.value.start(), unknown_key(member));
  ParseContext context;
  ASSIGN_OR_RETURN(out, parse_query(member.value, context));
  return {};
}

Status read_stored_fields(const NodeMember& member, FetchRequest& fetch) {
  fetch.stored_fields_asked = true;
  if (member.value.is_string()) {
    fetch.stored_fields = {member.value.text()};
    return {};
  }
  if (!member.value.is_array()) return parsing_error(member.value.start(), unknown_key(member));
  for (const Node& element : member.value.elements()) {
    ParseContext context;
    ASSIGN_OR_RETURN(std::string name, read_text(element, context));
    fetch.stored_fields.push_back(std::move(name));
  }
  const auto& names = fetch.stored_fields;
  if (names.size() > 1 && std::find(names.begin(), names.end(), "_none_") != names.end()) {
    return Error(error_types::kIllegalArgument, "cannot combine _none_ with other fields");
  }
  return {};
}

Status read_search_after(const NodeMember& member, SearchRequest& search) {
  if (!member.value.is_array()) return parsing_error(member.value.start(), unknown_key(member));
  if (member.value.elements().empty()) {
    return Error(error_types::kIllegalArgument, "Values must contains at least one value.");
  }
  search.search_after.emplace();
  for (const Node& element : member.value.elements()) {
    if (!element.is_scalar()) {
      return parsing_error(element.start(),
                           "Expected [VALUE_STRING] or [VALUE_NUMBER] or [VALUE_BOOLEAN] or "
                           "[VALUE_NULL] but found [" +
                               std::string(element.token_name()) + "] inside search_after.");
    }
    search.search_after->push_back(element.to_value());
  }
  return {};
}

Status read_point_in_time(const NodeMember& member, SearchRequest& search) {
  if (!member.value.is_object()) return parsing_error(member.value.start(), unknown_key(member));
  for (const NodeMember& inner : member.value.members()) {
    if (inner.key == "id" && inner.value.is_string()) {
      search.pit_id = inner.value.text();
    } else if (inner.key == "keep_alive" && inner.value.is_string()) {
      ASSIGN_OR_RETURN(const TimeValue value, parse_time_value(inner.value.text(), "keep_alive"));
      search.pit_keep_alive_ms = value.millis();
    } else {
      return Error(error_types::kXContentParse,
                   at_text(inner.at) + " [point_in_time] unknown field [" + inner.key + "]");
    }
  }
  if (!search.pit_id) return Error(error_types::kIllegalArgument, "Required [id]");
  return {};
}

// Members that hold nothing we would do: accepted only when empty, else refused by name.
Status read_empty_only(const NodeMember& member) {
  if (member.value.size() == 0 && !member.value.is_scalar()) return {};
  return parsing_error(member.value.start(), "[" + member.key + "] is not supported");
}

Result<bool> read_scalar(const NodeMember& member, SearchRequest& search) {
  ParseContext context;
  const std::string& key = member.key;
  const Node& value = member.value;
  if (key == "from" || key == "size" || key == "terminate_after") {
    ASSIGN_OR_RETURN(const int64_t v, read_int(value, context));
    if (key == "from") RETURN_IF_ERROR(set_from(search, v));
    if (key == "size") RETURN_IF_ERROR(set_size(search, v));
    if (key == "terminate_after") RETURN_IF_ERROR(set_terminate_after(search, v));
  } else if (key == "timeout") {
    RETURN_IF_ERROR(set_timeout(search, value.text()));
  } else if (key == "min_score") {
    ASSIGN_OR_RETURN(search.min_score, read_float(value, context));
  } else if (key == "version") {
    ASSIGN_OR_RETURN(search.fetch.version, read_bool(value, context));
  } else if (key == "seq_no_primary_term") {
    ASSIGN_OR_RETURN(search.fetch.seq_no_primary_term, read_bool(value, context));
  } else if (key == "track_scores") {
    ASSIGN_OR_RETURN(search.track_scores, read_bool(value, context));
  } else if (key == "track_total_hits") {
    if (const auto flag = value.to_bool()) {
      search.track_total_hits = *flag ? UINT64_MAX : 0;
    } else {
      ASSIGN_OR_RETURN(const int64_t v, read_int(value, context));
      RETURN_IF_ERROR(set_track(search, v));
    }
  } else if (key == "explain" || key == "profile") {
    ASSIGN_OR_RETURN(const bool on, read_bool(value, context));
    if (on) return parsing_error(value.start(), "[" + key + "] is not supported");
  } else {
    return false;
  }
  return true;
}

Status read_member(const NodeMember& member, SearchRequest& search) {
  const std::string& key = member.key;
  const Node& value = member.value;
  if (key == "_source") {
    ASSIGN_OR_RETURN(search.fetch.source, parse_source_filter(value));
    return {};
  }
  if (value.is_scalar() && !value.is_null()) {
    ASSIGN_OR_RETURN(const bool known, read_scalar(member, search));
    if (known) return {};
  }
  if (key == "stored_fields" && !value.is_object()) return read_stored_fields(member, search.fetch);
  if (key == "sort") {
    ASSIGN_OR_RETURN(search.sort, parse_sort(value));
    return {};
  }
  if (key == "query") return read_query_member(member, search.query);
  if (key == "post_filter") return read_query_member(member, search.post_filter);
  if (value.is_object()) {
    if (key == "aggs" || key == "aggregations") {
      ParseContext context;
      ASSIGN_OR_RETURN(search.aggregations, parse_aggregations(value, context));
      return {};
    }
    if (key == "highlight") {
      ParseContext context;
      ASSIGN_OR_RETURN(search.highlight, parse_highlight(value, context));
      return {};
    }
    if (key == "pit") return read_point_in_time(member, search);
    if (key == "rescore" && value.size() == 0)
      return parsing_error(value.end(), "missing rescore type");
    // Refused also when empty: Elasticsearch would suggest instead of searching, or fail.
    for (const char* name : {"suggest", "collapse", "slice"}) {
      if (key == name) return parsing_error(value.start(), "[" + key + "] is not supported");
    }
    for (const char* name : {"script_fields", "rescore", "ext", "runtime_mappings"}) {
      if (key == name) return read_empty_only(member);
    }
  }
  if (value.is_array()) {
    if (key == "fields") {
      ASSIGN_OR_RETURN(search.fetch.fields, parse_fields(value, key));
      return {};
    }
    if (key == "docvalue_fields") {
      ASSIGN_OR_RETURN(search.fetch.docvalue_fields, parse_fields(value, key));
      return {};
    }
    if (key == "search_after") return read_search_after(member, search);
    if (key == "stats") return {};  // groups of statistics: none are kept
    for (const char* name : {"indices_boost", "rescore"}) {
      if (key == name) return read_empty_only(member);
    }
  }
  return parsing_error(value.start(), unknown_key(member));
}

// Which copies to ask: there is one. What is no preference is refused.
Status check_preference(const std::string* text) {
  if (text == nullptr || !text->starts_with('_')) return {};
  const std::string_view kind = std::string_view(*text).substr(0, text->find(':'));
  if (kind == "_shards") {
    const size_t end = std::min(text->find('|'), text->size());
    for (const std::string& shard : split(text->substr(0, end).substr(std::min(end, size_t{8})))) {
      if (!json::Value(shard).to_int()) {
        return Error(error_types::kNumberFormat, "For input string: \"" + shard + "\"");
      }
    }
    return {};
  }
  for (const std::string_view known : {"_local", "_only_local", "_only_nodes", "_prefer_nodes"}) {
    if (kind == known) return {};
  }
  return Error(error_types::kIllegalArgument, "no Preference for [" + *text + "]");
}

// What the URL says wins over the body.
Status read_params(const ParamLookup& params, SearchRequest& search) {
  const auto text = [&](std::string_view name) { return params ? params(name) : nullptr; };
  if (const auto* v = text("from")) {
    ASSIGN_OR_RETURN(const int64_t n, parse_count_param(*v, "from"));
    RETURN_IF_ERROR(set_from(search, n));
  }
  if (const auto* v = text("size")) {
    ASSIGN_OR_RETURN(const int64_t n, parse_count_param(*v, "size"));
    RETURN_IF_ERROR(set_size(search, n));
  }
  if (const auto* v = text("terminate_after")) {
    ASSIGN_OR_RETURN(const int64_t n, parse_count_param(*v, "terminate_after"));
    RETURN_IF_ERROR(set_terminate_after(search, n));
  }
  if (const auto* v = text("timeout")) RETURN_IF_ERROR(set_timeout(search, *v));
  for (const auto& [name, flag] : std::initializer_list<std::pair<const char*, bool*>>{
           {"version", &search.fetch.version},
           {"seq_no_primary_term", &search.fetch.seq_no_primary_term},
           {"track_scores", &search.track_scores},
           {"typed_keys", &search.typed_keys},
           {"rest_total_hits_as_int", &search.total_hits_as_int},
           {"allow_partial_search_results", &search.allow_partial_results}}) {
    if (const auto* v = text(name)) {
      ASSIGN_OR_RETURN(*flag, parse_bool_param(*v));
    }
  }
  if (const auto* v = text("explain"); v != nullptr && *v != "false") {
    return Error(error_types::kIllegalArgument, "[explain] is not supported");
  }
  if (const auto* v = text("track_total_hits")) {
    if (*v == "true" || v->empty()) {
      search.track_total_hits = UINT64_MAX;
    } else if (*v == "false") {
      search.track_total_hits = 0;
    } else {
      ASSIGN_OR_RETURN(const int64_t n, parse_count_param(*v, "track_total_hits"));
      RETURN_IF_ERROR(set_track(search, n));
    }
  }
  if (const auto* v = text("sort")) {
    ASSIGN_OR_RETURN(search.sort, parse_sort_param(*v));
  }
  if (const auto* v = text("stored_fields")) {
    search.fetch.stored_fields = split(*v);
    search.fetch.stored_fields_asked = true;
  }
  if (const auto* v = text("docvalue_fields")) {
    search.fetch.docvalue_fields.clear();
    for (std::string& name : split(*v))
      search.fetch.docvalue_fields.push_back({std::move(name), {}, false});
  }
  SourceFilter& source = search.fetch.source;
  if (const auto* v = text("_source")) {
    source.asked = true;
    if (*v == "true" || *v == "false") {
      source.enabled = *v == "true";
    } else {
      source.includes = split(*v);
    }
  }
  for (const auto& [name, list] :
       std::initializer_list<std::pair<const char*, std::vector<std::string>*>>{
           {"_source_includes", &source.includes},
           {"_source_include", &source.includes},
           {"_source_excludes", &source.excludes},
           {"_source_exclude", &source.excludes}}) {
    if (const auto* v = text(name)) {
      source.asked = true;
      *list = split(*v);
    }
  }
  if (const auto* v = text("scroll")) {
    ASSIGN_OR_RETURN(const TimeValue value, parse_time_value(*v, "scroll"));
    search.scroll_ms = value.millis();
  }
  if (const auto* v = text("search_type")) {
    search.global_statistics = *v == "dfs_query_then_fetch";
    if (!search.global_statistics && *v != "query_then_fetch")
      return Error(error_types::kIllegalArgument, "No search type for [" + *v + "]");
  }
  for (const auto& [name, shown] : std::initializer_list<std::pair<const char*, const char*>>{
           {"max_concurrent_shard_requests", "maxConcurrentShardRequests"},
           {"pre_filter_shard_size", "preFilterShardSize"}}) {
    if (const auto* v = text(name)) {
      ASSIGN_OR_RETURN(const int64_t n, parse_count_param(*v, name));
      if (n < 1) return Error(error_types::kIllegalArgument, std::string(shown) + " must be >= 1");
    }
  }
  if (const auto* v = text("request_cache")) {
    ASSIGN_OR_RETURN(search.request_cache, parse_bool_param(*v));
  }
  RETURN_IF_ERROR(check_preference(text("preference")));
  if (const auto* v = text("batched_reduce_size")) {
    ASSIGN_OR_RETURN(const int64_t n, parse_count_param(*v, "batched_reduce_size"));
    if (n < 2) return Error(error_types::kIllegalArgument, "batchedReduceSize must be >= 2");
  }
  return {};
}

Status read_url_query(const ParamLookup& params, SearchRequest& search) {
  if (!params || params("q") == nullptr) return {};
  ASSIGN_OR_RETURN(search.query, parse_url_query(params));
  return {};
}

Status validate(SearchRequest& search) {
  if (search.total_hits_as_int) {
    // Clients of the old form count on exact totals.
    if (search.track_total_hits == kTrackTotalHitsDefault) {
      search.track_total_hits = UINT64_MAX;
    } else if (search.track_total_hits != UINT64_MAX && search.track_total_hits != 0) {
      return Error(error_types::kIllegalArgument,
                   "[rest_total_hits_as_int] cannot be used if the tracking of total hits is not "
                   "accurate, got " +
                       std::to_string(search.track_total_hits));
    }
  }
  std::string problems;
  uint32_t count = 0;
  const auto problem = [&](const char* text) {
    problems += std::to_string(++count) + ": " + text + ";";
  };
  if (search.scroll_ms) {
    if (search.track_total_hits == 0)
      problem("disabling [track_total_hits] is not allowed in a scroll context");
    if (search.from > 0) problem("using [from] is not allowed in a scroll context");
    if (search.size == 0) problem("[size] cannot be [0] in a scroll context");
    if (search.search_after) problem("`search_after` cannot be used in a scroll context.");
    if (search.pit_id) problem("using [point in time] is not allowed in a scroll context");
    if (search.request_cache) problem("[request_cache] cannot be used in a scroll context");
  }
  const bool by_shard = std::any_of(search.sort.begin(), search.sort.end(),
                                    [](const SortKey& key) { return key.field == "_shard_doc"; });
  if (by_shard && !search.pit_id)
    problem("[_shard_doc] sort field cannot be used without [point in time]");
  if (!problems.empty())
    return Error(error_types::kActionRequestValidation, "Validation Failed: " + problems);
  return {};
}

}  // namespace

const std::vector<std::string_view>& search_params() {
  static const std::vector<std::string_view> kParams = {"_source",
                                                        "_source_exclude",
                                                        "_source_excludes",
                                                        "_source_include",
                                                        "_source_includes",
                                                        "allow_partial_search_results",
                                                        "analyze_wildcard",
                                                        "analyzer",
                                                        "batched_reduce_size",
                                                        "ccs_minimize_roundtrips",
                                                        "default_operator",
                                                        "df",
                                                        "docvalue_fields",
                                                        "explain",
                                                        "from",
                                                        "lenient",
                                                        "max_concurrent_shard_requests",
                                                        "min_compatible_shard_node",
                                                        "pre_filter_shard_size",
                                                        "preference",
                                                        "q",
                                                        "request_cache",
                                                        "rest_total_hits_as_int",
                                                        "routing",
                                                        "scroll",
                                                        "search_type",
                                                        "seq_no_primary_term",
                                                        "size",
                                                        "sort",
                                                        "stats",
                                                        "stored_fields",
                                                        "terminate_after",
                                                        "timeout",
                                                        "track_scores",
                                                        "track_total_hits",
                                                        "typed_keys",
                                                        "version"};
  return kParams;
}

const std::vector<std::string_view>& count_params() {
  static const std::vector<std::string_view> kParams = {
      "analyze_wildcard", "analyzer",       "default_operator", "df",
      "lenient",          "min_score",      "preference",       "q",
      "routing",          "terminate_after"};
  return kParams;
}

Result<SearchRequest> parse_search(std::string_view body, const ParamLookup& params) {
  SearchRequest search;
  if (body.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    ASSIGN_OR_RETURN(const Node tree, parse_tree(body));
    if (!tree.is_object()) {
      return parsing_error(tree.start(), std::string("Expected [START_OBJECT] but found [") +
                                             tree.token_name() + "]");
    }
    for (const NodeMember& member : tree.members()) RETURN_IF_ERROR(read_member(member, search));
  }
  RETURN_IF_ERROR(read_url_query(params, search));
  RETURN_IF_ERROR(read_params(params, search));
  RETURN_IF_ERROR(validate(search));
  return search;
}

Result<SearchRequest> parse_count(std::string_view body, const ParamLookup& params) {
  SearchRequest search;
  search.size = 0;
  search.track_total_hits = UINT64_MAX;
  if (body.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    ASSIGN_OR_RETURN(const Node tree, parse_tree(body));
    if (!tree.is_object()) return parsing_error(tree.start(), "Failed to parse");
    for (const NodeMember& member : tree.members()) {
      if (member.key != "query")
        return parsing_error(member.at, "request does not support [" + member.key + "]");
      RETURN_IF_ERROR(read_query_member(member, search.query));
    }
  }
  RETURN_IF_ERROR(read_url_query(params, search));
  if (!params) return search;
  RETURN_IF_ERROR(check_preference(params("preference")));
  if (const std::string* v = params("min_score")) {
    float least = 0;
    const auto [end, ec] = std::from_chars(v->data(), v->data() + v->size(), least);
    if (ec != std::errc{} || end != v->data() + v->size()) {
      return Error(error_types::kIllegalArgument,
                   "Failed to parse float parameter [min_score] with value [" + *v + "]");
    }
    if (least != -1) search.min_score = least;
  }
  if (const std::string* v = params("terminate_after")) {
    ASSIGN_OR_RETURN(const int64_t n, parse_count_param(*v, "terminate_after"));
    RETURN_IF_ERROR(set_terminate_after(search, n));
  }
  return search;
}

}  // namespace stratalog::query
