// The endpoints of by-query operations: what their URLs and bodies ask for.
#include <algorithm>
#include <cmath>
#include <limits>

#include "api/by_query.h"
#include "api/common.h"
#include "api/families.h"
#include "base/clock.h"
#include "base/units.h"

namespace stratalog::api {

namespace {

using Kind = ByQueryRequest::Kind;

constexpr uint32_t kScrollSizeDefault = 1000;
constexpr uint32_t kScrollSizeMax = 10'000;
constexpr uint32_t kBodyDepthMax = 400;

Result<double> read_rate(const std::string& text) {
  if (text == "-1") return -1.0;
  char* end = nullptr;
  const double rate = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(rate) || rate <= 0) {
    return Error(error_types::kIllegalArgument,
                 "[requests_per_second] must be a float greater than 0. Use -1 to disable "
                 "throttling.");
  }
  return rate;
}

Status read_conflicts(const std::string& text, ByQueryRequest& out) {
  if (text != "proceed" && text != "abort") {
    return Error(error_types::kIllegalArgument,
                 "conflicts may only be \"proceed\" or \"abort\" but was [" + text + "]");
  }
  out.proceed = text == "proceed";
  return {};
}

Status read_max_docs(int64_t value, ByQueryRequest& out) {
  if (value < 0 && value != -1) {
    return validation_error(
        "maxDocs should be greater than 0 if the request is limited to some "
        "number of documents or -1 if it isn't but it was [" +
        std::to_string(value) + "]");
  }
  if (out.docs_max && value >= 0 && *out.docs_max != static_cast<uint64_t>(value)) {
    return Error(error_types::kIllegalArgument, "[max_docs] set to two different values [" +
                                                    std::to_string(*out.docs_max) + "] and [" +
                                                    std::to_string(value) + "]");
  }
  if (value >= 0) out.docs_max = static_cast<uint64_t>(value);
  return {};
}

// slices: one or many give the same here, as an index is one partition; only the form is checked.
Status read_slices(const QueryParams& params, ByQueryRequest& out) {
  const std::string* text = params.find("slices");
  int64_t slices = 1;
  if (text != nullptr && *text != "auto") {
    const auto value = json::Value(*text).to_int();
    if (!value) {
      return Error(
          error_types::kIllegalArgument,
          "[slices] must be a positive integer or the string \"auto\", but was [" + *text + "]");
    }
    if (*value < 1) {
      return Error(error_types::kIllegalArgument,
                   "[slices] must be at least 1 but was [" + *text + "]");
    }
    slices = *value;
  }
  if (out.docs_max && *out.docs_max < static_cast<uint64_t>(slices))
    return Error(error_types::kIllegalArgument, "[max_docs] should be >= [slices]");
  return {};
}

// The URL's parameters that all of them have.
Status read_params(const Request& request, ByQueryRequest& out) {
  const QueryParams& params = request.params;
  if (const std::string* conflicts = params.find("conflicts"))
    RETURN_IF_ERROR(read_conflicts(*conflicts, out));
  ASSIGN_OR_RETURN(const auto docs_max, params.get_int("max_docs"));
  if (docs_max) RETURN_IF_ERROR(read_max_docs(*docs_max, out));
  ASSIGN_OR_RETURN(out.refresh, params.get_bool("refresh", false));
  if (const std::string* rate = params.find("requests_per_second")) {
    ASSIGN_OR_RETURN(out.requests_per_second, read_rate(*rate));
  }
  const std::string pipeline = params.get("pipeline");
  if (!pipeline.empty() && pipeline != "_none") {
    return Error(error_types::kIllegalArgument,
                 "pipeline with id [" + pipeline + "] does not exist");
  }
  return read_slices(params, out);
}

// What is left of the body is a search.
Status read_search(const Request& request, const json::Value& body, bool with_url,
                   std::optional<int64_t> batch, ByQueryRequest& out) {
  const auto lookup = [&](std::string_view name) -> const std::string* {
    static constexpr std::string_view kOfSearch[] = {
        "q",       "df",   "analyzer",       "analyze_wildcard", "default_operator",
        "lenient", "sort", "terminate_after"};
    if (!with_url ||
        std::find(std::begin(kOfSearch), std::end(kOfSearch), name) == std::end(kOfSearch))
      return nullptr;
    return request.params.find(name);
  };
  const std::string text = body.is_null() ? std::string() : json::to_string(body);
  ASSIGN_OR_RETURN(out.search, query::parse_search(text, lookup));
  query::SearchRequest& search = out.search;
  if (search.aggregations != nullptr || search.highlight || search.pit_id || search.search_after ||
      search.from > 0) {
    return Error(error_types::kIllegalArgument,
                 "a by-query request takes no aggs, highlight, pit, search_after or from");
  }
  const int64_t size = batch.value_or(kScrollSizeDefault);
  if (size < 1 || size > kScrollSizeMax) {
    return Error(error_types::kIllegalArgument, "[scroll_size] must be between 1 and " +
                                                    std::to_string(kScrollSizeMax) + " but was [" +
                                                    std::to_string(size) + "]");
  }
  search.size = static_cast<uint32_t>(size);
  if (out.docs_max && *out.docs_max < search.size)
    search.size = static_cast<uint32_t>(std::max<uint64_t>(*out.docs_max, 1));
  if (search.sort.empty()) {
    query::SortKey by_row;
    by_row.field = "_doc";
    search.sort.push_back(std::move(by_row));
  }
  search.allow_partial_results = true;
  query::FetchRequest fetch;
  fetch.source.enabled = out.kind != Kind::kDelete;
  if (out.kind == Kind::kReindex && search.fetch.source.asked) fetch.source = search.fetch.source;
  fetch.source.asked = true;
  fetch.version = true;
  fetch.seq_no_primary_term = true;
  search.fetch = std::move(fetch);
  return {};
}

Status read_script(json::Value& body, ByQueryRequest& out) {
  const json::Value* script = body.find("script");
  if (script == nullptr) return {};
  ASSIGN_OR_RETURN(out.script, query::script::parse_script(*script));
  body.erase("script");
  return {};
}

std::string script_text(const ByQueryRequest& request) {
  if (!request.script) return "";
  const auto& script = *request.script;
  const bool stored = !script.id.empty();
  return " updated with Script{type=" + std::string(stored ? "stored" : "inline") + ", lang='" +
         script.lang + "', idOrCode='" + (stored ? script.id : script.source) +
         "', options={}, params=" + json::to_string(script.params) + "}";
}

Result<ByQueryRequest> read_by_query(const Request& request, Context& context, Kind kind) {
  ByQueryRequest out;
  out.kind = kind;
  RETURN_IF_ERROR(read_params(request, out));
  json::Value body;
  if (!request.body.empty()) {
    ASSIGN_OR_RETURN(body, json::parse(request.body, kBodyDepthMax));
  }
  if (body.is_object()) {
    if (const json::Value* conflicts = body.find("conflicts")) {
      RETURN_IF_ERROR(read_conflicts(conflicts->to_text(), out));
      body.erase("conflicts");
    }
    for (const char* name : {"max_docs", "size"}) {
      const json::Value* value = body.find(name);
      if (value == nullptr) continue;
      const auto number = value->to_int();
      if (!number)
        return Error(error_types::kIllegalArgument, std::string(name) + " must be a whole number");
      RETURN_IF_ERROR(read_max_docs(*number, out));
      body.erase(name);
    }
    if (kind == Kind::kUpdate) RETURN_IF_ERROR(read_script(body, out));
    if (body.find("slice") != nullptr) {
      return Error(error_types::kIllegalArgument,
                   "[slice] is not supported: an index is one partition");
    }
  }
  if (kind == Kind::kDelete && (!body.is_object() || body.find("query") == nullptr) &&
      !request.params.has("q"))
    return validation_error("query is missing");
  ASSIGN_OR_RETURN(const auto batch, request.params.get_int("scroll_size"));
  RETURN_IF_ERROR(read_search(request, body, true, batch, out));
  ASSIGN_OR_RETURN(const index::IndicesOptions indices, read_indices_options(request.params));
  ASSIGN_OR_RETURN(out.targets, resolve_path(request, context, indices));
  out.search.types = {};
  out.description = (kind == Kind::kDelete ? "delete-by-query [" : "update-by-query [") +
                    request.path_param("index") + "]" + script_text(out);
  return out;
}

Status read_dest(const json::Value& dest, ByQueryRequest& out) {
  for (const json::Member& member : dest.as_object()) {
    const std::string text = member.value.to_text();
    if (member.key == "index") {
      out.dest_index = text;
    } else if (member.key == "op_type") {
      if (text != "index" && text != "create") {
        return Error(error_types::kIllegalArgument,
                     "opType must be 'create' or 'index', found: [" + text + "]");
      }
      out.dest_op = text == "create" ? index::OpType::kCreate : index::OpType::kIndex;
    } else if (member.key == "version_type") {
      if (text == "external" || text == "external_gt") {
        out.dest_version = index::VersionType::kExternal;
      } else if (text == "external_gte") {
        out.dest_version = index::VersionType::kExternalGte;
      } else if (text != "internal") {
        return Error(error_types::kIllegalArgument, "No version type match [" + text + "]");
      }
    } else if (member.key == "routing") {
      if (text != "keep" && text != "discard" && !text.starts_with('=')) {
        return validation_error("routing must be unset, [keep], [discard] or [=<some new value>]");
      }
      out.dest_routing = text == "keep" ? "" : text;
    } else if (member.key == "pipeline") {
      if (text != "_none") {
        return Error(error_types::kIllegalArgument,
                     "pipeline with id [" + text + "] does not exist");
      }
    } else if (member.key != "type") {
      return Error(error_types::kXContentParse, "[dest] unknown field [" + member.key + "]");
    }
  }
  return {};
}

Result<ByQueryRequest> read_reindex(const Request& request, Context& context) {
  ByQueryRequest out;
  out.kind = Kind::kReindex;
  if (request.body.empty())
    return Error(error_types::kElasticsearchParse, "request body is required");
  ASSIGN_OR_RETURN(json::Value body, json::parse(request.body, kBodyDepthMax));
  if (!body.is_object()) return Error(error_types::kXContentParse, "[reindex] expects an object");
  RETURN_IF_ERROR(read_params(request, out));
  RETURN_IF_ERROR(read_script(body, out));
  json::Value source = json::Value::object(), dest = json::Value::object();
  for (const json::Member& member : body.as_object()) {
    if (member.key == "source" && member.value.is_object()) {
      source = member.value;
    } else if (member.key == "dest" && member.value.is_object()) {
      dest = member.value;
    } else if (member.key == "conflicts") {
      RETURN_IF_ERROR(read_conflicts(member.value.to_text(), out));
    } else if (member.key == "max_docs" || member.key == "size") {
      const auto number = member.value.to_int();
      if (!number)
        return Error(error_types::kIllegalArgument, member.key + " must be a whole number");
      RETURN_IF_ERROR(read_max_docs(*number, out));
    } else {
      return Error(error_types::kXContentParse, "[reindex] unknown field [" + member.key + "]");
    }
  }
  RETURN_IF_ERROR(read_slices(request.params, out));
  if (const json::Value* remote = source.find("remote")) {
    const json::Value* host = remote->find("host");
    std::string name = host == nullptr ? "" : host->to_text();
    if (const size_t scheme = name.find("://"); scheme != std::string::npos)
      name.erase(0, scheme + 3);
    return Error(error_types::kIllegalArgument,
                 "[" + name + "] not whitelisted in reindex.remote.whitelist");
  }
  RETURN_IF_ERROR(read_dest(dest, out));
  std::string names;
  if (const json::Value* index = source.find("index")) {
    if (index->is_array()) {
      for (const json::Value& one : index->as_array())
        names += (names.empty() ? "" : ",") + one.to_text();
    } else {
      names = index->to_text();
    }
  }
  std::vector<std::string> problems;
  if (names.empty())
    problems.emplace_back("use _all if you really want to copy from all existing indexes");
  if (out.dest_index.empty()) problems.emplace_back("index must be specified");
  if (!problems.empty()) return validation_error(problems);
  std::optional<int64_t> batch;
  if (const json::Value* size = source.find("size")) batch = size->to_int();
  for (const char* name : {"index", "size", "type"}) source.erase(name);
  if (source.find("slice") != nullptr) {
    return Error(error_types::kIllegalArgument,
                 "[slice] is not supported: an index is one partition");
  }
  RETURN_IF_ERROR(read_search(request, source, false, batch, out));
  const auto state = context.engine.state();
  ASSIGN_OR_RETURN(out.targets, index::resolve_indices(*state, names, {}, wall_clock_ms()));
  ASSIGN_OR_RETURN(const auto into,
                   index::resolve_write_index(*state, out.dest_index, wall_clock_ms()));
  for (const index::ResolvedIndex& target : out.targets) {
    if (into != nullptr && target.index->name == into->name) {
      return validation_error("reindex cannot write into an index its reading from [" +
                              out.dest_index + "]");
    }
  }
  out.description =
      "reindex from [" + names + "]" + script_text(out) + " to [" + out.dest_index + "][_doc]";
  return out;
}

Result<Response> run(ByQueryRequest made, const Request& request, Context& context) {
  if (context.tasks == nullptr)
    return Error(error_types::kIllegalState, "no tasks can be run here");
  ASSIGN_OR_RETURN(const bool waits, request.params.get_bool("wait_for_completion", true));
  if (waits) {
    const auto task = context.tasks->start(made.action(), made.description, true);
    task->set_requests_per_second(made.requests_per_second);
    ASSIGN_OR_RETURN(std::string body, run_by_query(made, context, *task));
    Response response = Response::json(std::move(body));
    // Refused documents are the request's failure: the greatest status of theirs.
    const auto tree = json::parse(response.body, kBodyDepthMax);
    if (tree) {
      if (const json::Value* failures = tree->find("failures")) {
        for (const json::Value& failure : failures->as_array()) {
          const json::Value* status = failure.find("status");
          if (status != nullptr && status->is_int())
            response.status = std::max(response.status, static_cast<int>(status->as_int()));
        }
      }
    }
    return response;
  }
  if (made.script) {
    // What can be told at once is.
    RETURN_IF_ERROR(query::script::compile(*made.script, query::script::Context::kUpdate));
  }
  auto shared = std::make_shared<const ByQueryRequest>(std::move(made));
  ASSIGN_OR_RETURN(
      const TaskPtr task,
      context.tasks->start_async(
          shared->action(), shared->description,
          [shared, &context](Task& own) {
            std::string out;
            const auto result = run_by_query(*shared, context, own);
            if (result) return "\"response\":" + *result;
            append_cause(out, result.error());
            return "\"error\":" + out;
          },
          [&](Task& own) { own.set_requests_per_second(shared->requests_per_second); }));
  Response response;
  json::Writer(response.body)
      .begin_object()
      .field("task", context.tasks->id_of(*task))
      .end_object();
  return response;
}

}  // namespace

void add_by_query_routes(Router& router) {
  const std::vector<std::string> params = with_indices_params({"_source",
                                                               "_source_excludes",
                                                               "_source_includes",
                                                               "analyze_wildcard",
                                                               "analyzer",
                                                               "conflicts",
                                                               "default_operator",
                                                               "df",
                                                               "from",
                                                               "lenient",
                                                               "max_docs",
                                                               "pipeline",
                                                               "preference",
                                                               "q",
                                                               "refresh",
                                                               "request_cache",
                                                               "requests_per_second",
                                                               "routing",
                                                               "scroll",
                                                               "scroll_size",
                                                               "search_timeout",
                                                               "search_type",
                                                               "slices",
                                                               "sort",
                                                               "stats",
                                                               "terminate_after",
                                                               "timeout",
                                                               "version",
                                                               "version_type",
                                                               "wait_for_active_shards",
                                                               "wait_for_completion"});
  const auto by_query = [](Kind kind) -> Handler {
    return [kind](const Request& request, Context& context) {
      return answer([&]() -> Result<Response> {
        ASSIGN_OR_RETURN(ByQueryRequest made, read_by_query(request, context, kind));
        return run(std::move(made), request, context);
      }());
    };
  };
  router.add(
      {Method::kPost, "/{index}/_update_by_query", by_query(Kind::kUpdate), params, Lane::kTask});
  router.add(
      {Method::kPost, "/{index}/_delete_by_query", by_query(Kind::kDelete), params, Lane::kTask});
  router.add({Method::kPost,
              "/_reindex",
              [](const Request& request, Context& context) {
                return answer([&]() -> Result<Response> {
                  ASSIGN_OR_RETURN(ByQueryRequest made, read_reindex(request, context));
                  return run(std::move(made), request, context);
                }());
              },
              {"max_docs", "refresh", "requests_per_second", "require_alias", "scroll", "slices",
               "timeout", "wait_for_active_shards", "wait_for_completion"},
              Lane::kTask});
  const auto rethrottle = [](std::string action) -> Handler {
    return [action](const Request& request, Context& context) {
      return answer([&]() -> Result<Response> {
        const std::string* text = request.params.find("requests_per_second");
        if (text == nullptr) {
          return Error(error_types::kIllegalArgument,
                       "requests_per_second is a required parameter");
        }
        ASSIGN_OR_RETURN(const double rate, read_rate(*text));
        return rethrottle_task(request.path_param("task_id"), action, rate, context);
      }());
    };
  };
  const std::vector<std::string> rate_params{"requests_per_second"};
  router.add({Method::kPost, "/_update_by_query/{task_id}/_rethrottle",
              rethrottle("indices:data/write/update/byquery"), rate_params});
  router.add({Method::kPost, "/_delete_by_query/{task_id}/_rethrottle",
              rethrottle("indices:data/write/delete/byquery"), rate_params});
  router.add({Method::kPost, "/_reindex/{task_id}/_rethrottle",
              rethrottle("indices:data/write/reindex"), rate_params});
}

}  // namespace stratalog::api
