#include "api/search.h"

#include <algorithm>

#include "api/common.h"
#include "api/guard.h"
#include "api/router.h"
#include "api/source_params.h"
#include "base/clock.h"
#include "base/units.h"
#include "query/contexts.h"
#include "query/exec/search_memory.h"
#include "query/field_caps.h"
#include "query/search.h"

namespace stratalog::api {

namespace {

query::ParamLookup lookup(const QueryParams& params) {
  return [&params](std::string_view name) { return params.find(name); };
}

// Whose scrolls and points in time a request may use.
std::string owner_of(const Request& request) {
  return request.principal == nullptr ? std::string() : request.principal->owner();
}

query::SearchOptions search_options(const Request& request, Context& context) {
  query::SearchOptions options;
  options.owner = owner_of(request);
  options.now_ms = wall_clock_ms();
  options.node_id = context.node.node_id;
  options.contexts = &context.contexts;
  options.memory = context.search_memory;
  return options;
}

Result<int64_t> keep_alive(const std::string& text, std::string_view name) {
  ASSIGN_OR_RETURN(const TimeValue time, parse_time_value(text, name));
  return time.millis();
}

// Some parameters are about `q` and unknown without it.
Status check_query_params(const Request& request) {
  if (request.params.has("q")) return {};
  for (const char* name : {"analyze_wildcard", "analyzer", "default_operator", "df", "lenient"}) {
    if (!request.params.has(name)) continue;
    return Error(error_types::kIllegalArgument,
                 "request [" + request.path + "] contains unrecognized parameter: [" + name + "]");
  }
  return {};
}

Result<Response> search(const Request& request, Context& context) {
  RETURN_IF_ERROR(check_query_params(request));
  ASSIGN_OR_RETURN(const index::IndicesOptions indices, read_indices_options(request.params));
  ASSIGN_OR_RETURN(query::SearchRequest parsed,
                   query::parse_search(request.body, lookup(request.params)));
  parsed.types = split_list(type_of(request));
  std::vector<index::ResolvedIndex> targets;
  if (parsed.pit_id && request.has_path_param("index")) {
    return validation_error(
        "[indices] cannot be used with point in time. Do not specify any index with point in "
        "time.");
  }
  if (!parsed.pit_id) {
    ASSIGN_OR_RETURN(targets, resolve_path(request, context, indices));
  }
  ASSIGN_OR_RETURN(
      const query::SearchResponse found,
      query::search(context.engine, targets, parsed, search_options(request, context)));
  Response response;
  query::append_response(response.body, found);
  return response;
}

Result<Response> count(const Request& request, Context& context) {
  RETURN_IF_ERROR(check_query_params(request));
  ASSIGN_OR_RETURN(const index::IndicesOptions indices, read_indices_options(request.params));
  ASSIGN_OR_RETURN(query::SearchRequest parsed,
                   query::parse_count(request.body, lookup(request.params)));
  parsed.types = split_list(type_of(request));
  ASSIGN_OR_RETURN(const auto targets, resolve_path(request, context, indices));
  ASSIGN_OR_RETURN(const query::CountResponse found,
                   query::count(context.engine, targets, parsed, search_options(request, context)));
  Response response;
  query::append_response(response.body, found);
  return response;
}

// What a header line of _msearch says, as URL parameters of a search, and the indices.
struct SearchHeader {
  std::string index;
  std::vector<std::string> types;
  QueryParams params;
};

Result<SearchHeader> read_header(std::string_view line, const Request& request) {
  SearchHeader header;
  header.index = request.path_param("index");
  header.types = split_list(type_of(request));
  for (const auto& [name, value] : request.params.all()) header.params.set(name, value);
  if (line.empty()) return header;
  ASSIGN_OR_RETURN(const json::Value tree, json::parse(line));
  if (!tree.is_object()) return header;
  const auto list = [](const json::Value& value) {
    if (!value.is_array()) return value.to_text();
    std::string joined;
    for (const json::Value& element : value.as_array())
      joined += (joined.empty() ? "" : ",") + element.to_text();
    return joined;
  };
  for (const json::Member& member : tree.as_object()) {
    const std::string& key = member.key;
    if (key == "index" || key == "indices") {
      if (!member.value.is_null()) header.index = list(member.value);
    } else if (key == "ignore_unavailable" || key == "allow_no_indices" ||
               key == "expand_wildcards" || key == "ignore_throttled" || key == "preference" ||
               key == "routing" || key == "search_type" || key == "request_cache" ||
               key == "allow_partial_search_results") {
      header.params.set(key, list(member.value));
    } else if (key == "ignoreUnavailable") {
      header.params.set("ignore_unavailable", list(member.value));
    } else if (key == "type" || key == "types") {
      header.types = split_list(list(member.value));
    } else if (key != "ccs_minimize_roundtrips") {
      return Error(error_types::kIllegalArgument,
                   "key [" + key + "] is not supported in the metadata section");
    }
  }
  return header;
}

Result<query::SearchResponse> search_one(const Request& request, const SearchHeader& header,
                                         std::string_view body, Context& context) {
  ASSIGN_OR_RETURN(const index::IndicesOptions indices, read_indices_options(header.params));
  ASSIGN_OR_RETURN(query::SearchRequest parsed, query::parse_search(body, lookup(header.params)));
  parsed.types = header.types;
  ASSIGN_OR_RETURN(const auto targets, resolve(context, header.index, indices));
  return query::search(context.engine, targets, parsed, search_options(request, context));
}

std::string head_of_answers(int64_t took_ms) {
  return "{\"took\":" + std::to_string(took_ms) + ",\"responses\":[";
}

Result<Response> msearch(const Request& request, Context& context) {
  const int64_t start_ns = steady_clock_ns();
  if (request.body.empty()) {
    return Error(error_types::kElasticsearchParse, "request body or source parameter is required");
  }
  if (!request.body.ends_with('\n')) {
    return Error(error_types::kIllegalArgument,
                 "The msearch request must be terminated by a newline [\n]");
  }
  struct Part {
    SearchHeader header;
    std::string_view body;
  };
  std::vector<Part> parts;
  std::string_view rest = request.body;
  const auto next = [&] {
    const size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  };
  while (!rest.empty()) {
    const std::string_view line = next();
    if (line.empty() && parts.empty() && rest.empty()) break;
    ASSIGN_OR_RETURN(SearchHeader header, read_header(line, request));
    if (rest.empty()) break;
    const std::string_view body = next();
    parts.push_back({std::move(header), body});
    // Malformed bodies fail the whole request, as they do before any search is run.
    if (auto parsed = query::parse_search(body, lookup(parts.back().header.params)); !parsed)
      return parsed.error();
  }
  if (parts.empty()) return validation_error("no requests added");
  const query::SearchMemory memory(context.search_memory);  // over all parts and their answers
  Response response;
  std::string& answers = response.body;
  // The time that it took stands first and is known last: room is left for it, so that the answers
  // need no second, longer string.
  const std::string longest_head = head_of_answers(INT64_MAX);
  answers = longest_head;
  const auto append_failure = [&](const Error& error) {
    answers += "{\"error\":";
    append_error(answers, error);
    answers += ",\"status\":" + std::to_string(error.type.status) + "}";
  };
  for (const Part& part : parts) {
    if (answers.size() > longest_head.size()) answers += ',';
    const Result<query::SearchResponse> found =
        search_one(request, part.header, part.body, context);
    if (!found) {
      append_failure(found.error());
      continue;
    }
    const Status appended = query::within_memory([&]() -> Status {
      query::check_memory_to_append(answers, found->hits.size() + found->aggregations.size());
      query::append_response(answers, *found);
      answers.pop_back();  // the closing bracket: a status is added
      answers += ",\"status\":200}";
      return {};
    });
    if (!appended) append_failure(appended.error());
  }
  const int64_t took_ms = (steady_clock_ns() - start_ns) / 1'000'000;
  answers.replace(0, longest_head.size(), head_of_answers(took_ms));
  answers += "]}";
  return response;
}

// scroll_id (one or several) and scroll from path, URL and body.
struct ScrollParams {
  std::vector<std::string> ids;
  std::string scroll;
};
Result<ScrollParams> read_scroll(const Request& request) {
  ScrollParams read;
  if (request.has_path_param("scroll_id")) read.ids = split_list(request.path_param("scroll_id"));
  if (const std::string* id = request.params.find("scroll_id")) read.ids = split_list(*id);
  read.scroll = request.params.get("scroll");
  if (request.body.empty()) return read;
  auto tree = json::parse(request.body);
  if (!tree) {
    // Old clients send the bare id.
    if (read.ids.empty() && request.body.front() != '{') {
      read.ids = split_list(request.body);
      return read;
    }
    return Error(error_types::kIllegalArgument, "Failed to parse request body")
        .because(tree.error());
  }
  if (!tree->is_object())
    return Error(error_types::kIllegalArgument, "Malformed content, must start with an object");
  for (const json::Member& member : tree->as_object()) {
    if (member.key == "scroll_id") {
      read.ids.clear();
      if (member.value.is_array()) {
        for (const json::Value& id : member.value.as_array()) read.ids.push_back(id.to_text());
      } else {
        read.ids = {member.value.to_text()};
      }
    } else if (member.key == "scroll") {
      read.scroll = member.value.to_text();
    } else {
      return Error(error_types::kIllegalArgument,
                   "Unknown parameter [" + member.key +
                       "] in request body or parameter is of the wrong type[" +
                       (member.value.is_object() ? "START_OBJECT" : "VALUE_STRING") + "] ");
    }
  }
  return read;
}

Status check_scroll_ids(const std::vector<std::string>& ids) {
  if (std::all_of(ids.begin(), ids.end(), query::ContextStore::well_formed)) return {};
  return Error(error_types::kIllegalArgument, "Cannot parse scroll id");
}

Result<Response> scroll(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const ScrollParams read, read_scroll(request));
  if (read.ids.empty()) return validation_error("scrollId is missing");
  RETURN_IF_ERROR(check_scroll_ids(read.ids));
  std::optional<int64_t> keep;
  if (!read.scroll.empty()) {
    ASSIGN_OR_RETURN(keep, keep_alive(read.scroll, "scroll"));
  }
  ASSIGN_OR_RETURN(const bool as_int, request.params.get_bool("rest_total_hits_as_int", false));
  ASSIGN_OR_RETURN(
      const query::SearchResponse found,
      query::scroll(context.engine, read.ids[0], keep, as_int, search_options(request, context)));
  Response response;
  query::append_response(response.body, found);
  return response;
}

Response freed_answer(size_t freed) {
  Response response;
  json::Writer(response.body)
      .begin_object()
      .field("succeeded", true)
      .field("num_freed", freed)
      .end_object();
  response.status = freed == 0 ? 404 : 200;
  return response;
}

Result<Response> clear_scroll(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const ScrollParams read, read_scroll(request));
  if (read.ids.empty()) return validation_error("no scroll ids specified");
  if (read.ids.size() == 1 && read.ids[0] == "_all") {
    RETURN_IF_ERROR(may(request, "cluster:admin/indices/scroll/clear_all"));
    const size_t closed = context.contexts.close_all_scrolls();
    Response response = freed_answer(closed);
    response.status = 200;
    return response;
  }
  RETURN_IF_ERROR(check_scroll_ids(read.ids));
  size_t freed = 0;
  for (const std::string& id : read.ids)
    freed += context.contexts.close(id, owner_of(request)) ? 1 : 0;
  return freed_answer(freed);
}

Result<Response> open_pit(const Request& request, Context& context) {
  const std::string* keep = request.params.find("keep_alive");
  if (keep == nullptr) return validation_error("[keep_alive] is not specified");
  ASSIGN_OR_RETURN(const int64_t keep_ms, keep_alive(*keep, "keep_alive"));
  ASSIGN_OR_RETURN(const index::IndicesOptions indices, read_indices_options(request.params));
  ASSIGN_OR_RETURN(const auto targets, resolve_path(request, context, indices));
  ASSIGN_OR_RETURN(const std::string id,
                   query::open_point_in_time(context.engine, targets, keep_ms, context.contexts,
                                             owner_of(request)));
  Response response;
  json::Writer(response.body).begin_object().field("id", id).end_object();
  return response;
}

Result<Response> close_pit(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const json::Value body, json::parse(request.body));
  const json::Value* id = body.find("id");
  if (id == nullptr || !id->is_string())
    return validation_error("point in time id is not specified");
  return freed_answer(context.contexts.close(id->as_string(), owner_of(request)) ? 1 : 0);
}

Result<Response> field_caps(const Request& request, Context& context) {
  query::FieldCapsRequest caps;
  caps.fields = split_list(request.params.get("fields"));
  ASSIGN_OR_RETURN(caps.include_unmapped, request.params.get_bool("include_unmapped", false));
  if (!request.body.empty()) {
    ASSIGN_OR_RETURN(const json::Value body, json::parse(request.body));
    if (const json::Value* fields = body.find("fields")) {
      caps.fields.clear();
      if (fields->is_array()) {
        for (const json::Value& field : fields->as_array()) caps.fields.push_back(field.to_text());
      } else {
        caps.fields = split_list(fields->to_text());
      }
    }
    for (const json::Member& member : body.is_object() ? body.as_object() : json::Object{}) {
      const bool empty_runtime = member.key == "runtime_mappings" && member.value.empty();
      if (member.key == "fields" || empty_runtime) continue;
      return Error(error_types::kXContentParse,
                   "[field_caps_request] unknown field [" + member.key + "]");
    }
  }
  if (caps.fields.empty()) {
    return Error(error_types::kIllegalArgument, "specified fields can't be null or empty");
  }
  ASSIGN_OR_RETURN(const index::IndicesOptions indices, read_indices_options(request.params));
  ASSIGN_OR_RETURN(const auto targets, resolve_path(request, context, indices));
  std::vector<std::shared_ptr<const index::IndexMetadata>> metadata;
  for (const index::ResolvedIndex& target : targets) metadata.push_back(target.index);
  Response response;
  query::append_field_caps(response.body, metadata, caps);
  return response;
}

std::vector<std::string> strings(const std::vector<std::string_view>& names,
                                 std::vector<std::string> others = {}) {
  for (const std::string_view name : names) others.emplace_back(name);
  return with_indices_params(std::move(others));
}

}  // namespace

void add_search_routes(Router& router) {
  const auto add = [&](std::initializer_list<Method> methods,
                       std::initializer_list<const char*> paths,
                       Result<Response> (*run)(const Request&, Context&),
                       const std::vector<std::string>& params,
                       std::string_view typed_warning = {}) {
    const Handler handler = deprecate_type(
        [run](const Request& request, Context& context) { return answer(run(request, context)); },
        typed_warning);
    for (const char* path : paths) {
      for (const Method method : methods) {
        router.add({method, path, handler, params, Lane::kSearch});
      }
    }
  };
  const auto get_post = {Method::kGet, Method::kPost};
  add(get_post, {"/_search", "/{index}/_search", "/{index}/{type}/_search"}, search,
      strings(query::search_params()),
      "[types removal] Specifying types in search requests is deprecated.");
  add(get_post, {"/_count", "/{index}/_count", "/{index}/{type}/_count"}, count,
      strings(query::count_params()),
      "[types removal] Specifying types in count requests is deprecated.");
  add(get_post, {"/_msearch", "/{index}/_msearch", "/{index}/{type}/_msearch"}, msearch,
      strings({"search_type", "max_concurrent_searches", "typed_keys", "pre_filter_shard_size",
               "max_concurrent_shard_requests", "rest_total_hits_as_int",
               "ccs_minimize_roundtrips"}),
      "[types removal] Specifying types in multi search requests is deprecated.");
  add(get_post, {"/_search/scroll", "/_search/scroll/{scroll_id}"}, scroll,
      {"scroll", "scroll_id", "rest_total_hits_as_int"});
  add({Method::kDelete}, {"/_search/scroll", "/_search/scroll/{scroll_id}"}, clear_scroll,
      {"scroll_id"});
  add({Method::kPost}, {"/{index}/_pit"}, open_pit,
      with_indices_params({"keep_alive", "preference", "routing"}));
  add({Method::kDelete}, {"/_pit"}, close_pit, {});
  add(get_post, {"/_field_caps", "/{index}/_field_caps"}, field_caps,
      with_indices_params({"fields", "include_unmapped"}));
}

}  // namespace stratalog::api
