#include "api/bulk.h"

#include <algorithm>

#include "api/bulk_parser.h"
#include "api/common.h"
#include "api/param_values.h"
#include "api/router.h"
#include "api/source_params.h"
#include "api/write_result.h"
#include "base/clock.h"
#include "base/keyed_digest.h"
#include "index/security/principal.h"

namespace stratalog::api {

namespace {

using index::OpType;
using index::WriteOp;
using index::WriteResult;

constexpr std::string_view kTyped =
    "[types removal] Specifying types in bulk requests is deprecated.";

std::string_view shown_type(const WriteOp& op) {
  return op.doc_type.empty() ? index::kDefaultType : std::string_view(op.doc_type);
}

void append_failed(json::Writer& out, const WriteOp& op, const std::string& index,
                   const std::string& id, bool id_given, const Error& error) {
  out.field("_index", index.empty() ? op.index : index).field("_type", shown_type(op)).key("_id");
  // Elasticsearch makes up an id when it comes to the shard: an item that failed before has none.
  !id_given&& id.empty() && op.id.empty() ? out.null() : out.string(id.empty() ? op.id : id);
  out.field("status", error.type.status).key("error");
  append_item_error(out, error);
}

// Operations for which more copies are asked than there are fail without being run.
void refuse_missing_copies(const ActiveShards& active, const index::CatalogState& state,
                           BulkRequest& parsed) {
  std::vector<WriteOp> ops, refused;
  size_t run = 0, was_refused = 0;
  for (BulkItem& item : parsed.items) {
    WriteOp& op = item.error ? parsed.refused[was_refused++] : parsed.ops[run++];
    if (!item.error) item.error = active.missing_copies(state, std::string(op.index));
    (item.error ? refused : ops).push_back(std::move(op));
  }
  parsed.ops = std::move(ops);
  parsed.refused = std::move(refused);
}

constexpr size_t kHeadBytesMax = 64;
constexpr size_t kItemBytes = 240;  // more than most take

Result<Response> bulk(const Request& request, Context& context) {
  const int64_t start_ns = steady_clock_ns();
  if (request.body.empty())
    return Error(error_types::kElasticsearchParse, "request body is required");
  BulkDefaults defaults;
  defaults.index = request.path_param("index");
  defaults.type = type_of(request);
  if (const std::string* routing = request.params.find("routing")) defaults.routing = *routing;
  if (const std::string* type = request.params.find("type")) defaults.type = *type;
  defaults.pipeline = request.params.get("pipeline");
  ASSIGN_OR_RETURN(defaults.require_alias, request.params.get_bool("require_alias", false));
  index::WriteOptions options;
  ASSIGN_OR_RETURN(options.refresh, read_refresh(request.params));
  ASSIGN_OR_RETURN(const SourceParams source, SourceParams::read(request.params));
  if (source.wanted) defaults.source = source.filter;
  ASSIGN_OR_RETURN(BulkRequest parsed, parse_bulk(request.body, defaults));
  ASSIGN_OR_RETURN(const ActiveShards active, ActiveShards::read(request.params));
  if (!active.always_satisfied()) refuse_missing_copies(active, *context.engine.state(), parsed);
  options.want_source = std::any_of(parsed.items.begin(), parsed.items.end(),
                                    [](const BulkItem& item) { return item.source.has_value(); });
  if (context.digest != nullptr) {
    options.retry_digest = [&] {
      const std::string who = request.principal ? request.principal->owner() : request.user;
      return context.digest->of({who, request.path, request.query, request.body});
    };
  }
  std::vector<WriteResult> results;
  if (!parsed.ops.empty()) {
    ASSIGN_OR_RETURN(results, context.engine.write(parsed.ops, options));
  }

  Response response;
  response.body.reserve(kHeadBytesMax + parsed.items.size() * kItemBytes);
  json::Writer out(response.body);
  WriteResults shown(context);
  bool errors = false;
  size_t run = 0, refused = 0;
  out.begin_array();
  for (const BulkItem& item : parsed.items) {
    const WriteOp& op = item.error ? parsed.refused[refused++] : parsed.ops[run];
    out.begin_object().key(op_name(op.type)).begin_object();
    if (item.error) {
      errors = true;
      append_failed(out, op, {}, {}, item.id_given, *item.error);
    } else {
      const WriteResult& result = results[run++];
      if (result.error) {
        errors = true;
        append_failed(out, op, result.index, result.id, item.id_given, *result.error);
      } else {
        shown.append(out, result, shown_type(op));
        if (!result.updated_source.empty() && item.source) append_get(out, result, *item.source);
        out.field("status", write_status(result));
      }
    }
    out.end_object().end_object();
  }
  out.end_array();
  // What stands before the items is known after them.
  const int64_t took_ms = (steady_clock_ns() - start_ns) / 1'000'000;
  response.body.insert(0, "{\"took\":" + std::to_string(took_ms) +
                              ",\"errors\":" + (errors ? "true" : "false") + ",\"items\":");
  response.body += '}';
  if (parsed.typed || request.has_path_param("type") || request.params.has("type"))
    add_warning(response, kTyped);
  return response;
}

}  // namespace

void add_bulk_routes(Router& router) {
  const std::vector<std::string> params{
      "wait_for_active_shards", "refresh",          "routing",  "timeout",      "type", "_source",
      "_source_excludes",       "_source_includes", "pipeline", "require_alias"};
  const Handler handler = [](const Request& request, Context& context) {
    return answer(bulk(request, context));
  };
  for (const char* path : {"/_bulk", "/{index}/_bulk", "/{index}/{type}/_bulk"}) {
    router.add({Method::kPost, path, handler, params, Lane::kWrite});
    router.add({Method::kPut, path, handler, params, Lane::kWrite});
  }
}

}  // namespace stratalog::api
