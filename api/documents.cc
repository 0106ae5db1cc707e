#include "api/documents.h"

#include <algorithm>

#include "api/common.h"
#include "api/param_values.h"
#include "api/percent.h"
#include "api/router.h"
#include "api/scripts.h"
#include "api/source_params.h"
#include "api/write_result.h"
#include "index/partition/update_body.h"

namespace stratalog::api {

namespace {

using index::OpType;
using index::VersionType;
using index::WriteOp;
using index::WriteResult;

constexpr std::string_view kTypedIndexing =
    "[types removal] Specifying types in document index requests is deprecated, use the typeless "
    "endpoints instead (/{index}/_doc/{id}, /{index}/_doc, or /{index}/_create/{id}).";
constexpr std::string_view kTypedDeleting =
    "[types removal] Specifying types in document index requests is deprecated, use the "
    "/{index}/_doc/{id} endpoint instead.";
constexpr std::string_view kTypedUpdating =
    "[types removal] Specifying types in document update requests is deprecated, use the endpoint "
    "/{index}/_update/{id} instead.";
constexpr std::string_view kTypedGetting =
    "[types removal] Specifying types in document get requests is deprecated, use the "
    "/{index}/_doc/{id} endpoint instead.";
constexpr std::string_view kTypedSource =
    "[types removal] Specifying types in get_source and exist_sourcerequests is deprecated.";

std::string shown_type(const Request& request) {
  const std::string& type = type_of(request);
  return type.empty() ? std::string(index::kDefaultType) : type;
}

Result<std::optional<int64_t>> read_long(const QueryParams& params, std::string_view name) {
  const std::string* text = params.find(name);
  if (text == nullptr) return std::optional<int64_t>();
  const auto value = json::Value(*text).to_int();
  if (value) return value;
  return Error(error_types::kIllegalArgument, "Failed to parse long parameter [" +
                                                  std::string(name) + "] with value [" + *text +
                                                  "]")
      .because(Error(error_types::kNumberFormat, "For input string: \"" + *text + "\""));
}

Result<VersionType> read_version_type(const QueryParams& params) {
  const std::string type = params.get("version_type", "internal");
  if (type == "internal") return VersionType::kInternal;
  if (type == "external" || type == "external_gt") return VersionType::kExternal;
  if (type == "external_gte") return VersionType::kExternalGte;
  return Error(error_types::kIllegalArgument, "No version type match [" + type + "]");
}

// version, version_type, if_seq_no, if_primary_term, routing, require_alias, retry_on_conflict.
Status read_conditions(const QueryParams& params, WriteOp& op) {
  if (const std::string* routing = params.find("routing")) op.routing = *routing;
  ASSIGN_OR_RETURN(op.version, read_long(params, "version"));
  ASSIGN_OR_RETURN(op.if_seq_no, read_long(params, "if_seq_no"));
  ASSIGN_OR_RETURN(op.if_primary_term, read_long(params, "if_primary_term"));
  ASSIGN_OR_RETURN(op.require_alias, params.get_bool("require_alias", false));
  ASSIGN_OR_RETURN(const std::optional<int64_t> retries, params.get_int("retry_on_conflict"));
  op.retry_on_conflict = static_cast<int>(std::clamp<int64_t>(retries.value_or(0), 0, 1000));
  ASSIGN_OR_RETURN(op.version_type, read_version_type(params));
  if (op.version && op.version_type == VersionType::kInternal) {
    return validation_error(
        "internal versioning can not be used for optimistic concurrency control. Please use "
        "`if_seq_no` and "
        "`if_primary_term` instead");
  }
  if (op.if_seq_no && op.if_primary_term.value_or(0) == 0) {
    return validation_error("ifSeqNo is set, but primary term is [0]");
  }
  if (!op.if_seq_no && op.if_primary_term.value_or(0) != 0) {
    return validation_error("ifSeqNo is unassigned, but primary term is [" +
                            std::to_string(*op.if_primary_term) + "]");
  }
  return {};
}

Result<Response> run(const Request& request, Context& context, const WriteOp& op,
                     const SourceParams& source) {
  const std::string pipeline = request.params.get("pipeline");
  if (!pipeline.empty() && pipeline != "_none") {
    return Error(error_types::kIllegalArgument,
                 "pipeline with id [" + pipeline + "] does not exist");
  }
  ASSIGN_OR_RETURN(const ActiveShards active, ActiveShards::read(request.params));
  if (auto missing = active.missing_copies(*context.engine.state(), std::string(op.index)))
    return std::move(*missing);
  index::WriteOptions options;
  ASSIGN_OR_RETURN(options.refresh, read_refresh(request.params));
  options.want_source = source.wanted;
  ASSIGN_OR_RETURN(std::vector<WriteResult> results,
                   context.engine.write(std::span(&op, 1), options));
  WriteResult& result = results[0];
  if (result.error) return std::move(*result.error);
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  WriteResults(context).append(out, result, shown_type(request));
  if (!result.updated_source.empty()) append_get(out, result, source.filter);
  out.end_object();
  response.status = write_status(result);
  if (result.kind == WriteResult::Kind::kCreated) {
    std::string location = "/" + encode_form(result.index) + "/" +
                           encode_form(shown_type(request)) + "/" + encode_form(result.id);
    if (op.routing) location += "?routing=" + encode_form(*op.routing);
    response.headers.push_back({"Location", std::move(location)});
  }
  return response;
}

Result<Response> write(const Request& request, Context& context, OpType type) {
  WriteOp op;
  op.type = type;
  op.index = request.path_param("index");
  op.doc_type = type_of(request);
  op.id = request.path_param("id");
  op.source = request.body;
  RETURN_IF_ERROR(read_conditions(request.params, op));
  if (const std::string* op_type = request.params.find("op_type")) {
    if (*op_type == "create") {
      op.type = OpType::kCreate;
    } else if (*op_type != "index" || type == OpType::kCreate) {
      return Error(error_types::kIllegalArgument,
                   "opType must be 'create' or 'index', found: [" + *op_type + "]");
    }
  }
  if (request.body.empty())
    return Error(error_types::kElasticsearchParse, "request body is required");
  constexpr size_t kIdBytesMax = 512;
  if (op.id.size() > kIdBytesMax) {
    return validation_error(
        "id [" + op.id +
        "] is too long, must be no longer than 512 bytes but was: " + std::to_string(op.id.size()));
  }
  if (op.type == OpType::kCreate && op.version && op.version_type != VersionType::kInternal) {
    return validation_error(
        "create operations only support internal versioning. use index instead");
  }
  return run(request, context, op, {});
}

Result<Response> update(const Request& request, Context& context) {
  WriteOp op;
  op.type = OpType::kUpdate;
  op.index = request.path_param("index");
  op.doc_type = type_of(request);
  op.id = request.path_param("id");
  op.source = request.body;
  RETURN_IF_ERROR(read_conditions(request.params, op));
  if (request.body.empty())
    return Error(error_types::kElasticsearchParse, "request body is required");
  ASSIGN_OR_RETURN(SourceParams source, SourceParams::read(request.params));
  ASSIGN_OR_RETURN(auto body, index::parse_update_body(request.body));
  if (body.source) {  // wins over what the URL says
    ASSIGN_OR_RETURN(source.filter, query::parse_source_filter(*body.source));
    source.wanted = source.filter.enabled;
  }
  if (body.if_seq_no) op.if_seq_no = body.if_seq_no;
  if (body.if_primary_term) op.if_primary_term = body.if_primary_term;
  if (const auto problems = index::update_problems(body, op); !problems.empty())
    return validation_error(problems);
  RETURN_IF_ERROR(prepare_script(body));
  op.update = std::make_shared<const index::UpdateBody>(std::move(body));
  return run(request, context, op, source);
}

Result<Response> remove(const Request& request, Context& context) {
  WriteOp op;
  op.type = OpType::kDelete;
  op.index = request.path_param("index");
  op.doc_type = type_of(request);
  op.id = request.path_param("id");
  RETURN_IF_ERROR(read_conditions(request.params, op));
  return run(request, context, op, {});
}

Result<index::GetResult> fetch(const Request& request, Context& context) {
  const std::string& name = request.path_param("index");
  ASSIGN_OR_RETURN(const bool realtime, request.params.get_bool("realtime", true));
  ASSIGN_OR_RETURN(const bool refresh, request.params.get_bool("refresh", false));
  if (refresh && !realtime) RETURN_IF_ERROR(refresh_one(context, name));
  ASSIGN_OR_RETURN(const auto version, read_long(request.params, "version"));
  RETURN_IF_ERROR(read_version_type(request.params));  // all types compare alike here
  index::GetOp op;
  op.index = name;
  op.id = request.path_param("id");
  op.realtime = realtime;
  op.doc_type =
      request.has_path_param("type") ? std::string_view(type_of(request)) : index::kDefaultType;
  if (const std::string* routing = request.params.find("routing")) op.routing = *routing;
  ASSIGN_OR_RETURN(index::GetResult document, context.engine.get(op));
  RETURN_IF_ERROR(check_version(document, version, context.engine));
  return document;
}

Result<Response> get(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const SourceParams source, SourceParams::read(request.params));
  ASSIGN_OR_RETURN(const index::GetResult document, fetch(request, context));
  GetOptions options;
  options.source = source.filter;
  options.source.asked = source.wanted;
  options.stored_fields = split_list(request.params.get("stored_fields"));
  RETURN_IF_ERROR(check_stored_fields(document, options, context.engine));
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  append_document(out, document, options, context.engine);
  out.end_object();
  response.status = document.found ? 200 : 404;
  return response;
}

Result<Response> get_source(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const SourceParams source, SourceParams::read(request.params));
  if (source.refused) return validation_error("fetching source can not be disabled");
  ASSIGN_OR_RETURN(const index::GetResult document, fetch(request, context));
  const std::string place =
      "[" + document.index + "]/[" + shown_type(request) + "]/[" + document.id + "]";
  if (!document.found) return Error(error_types::kResourceNotFound, "Document not found " + place);
  if (document.source.empty())
    return Error(error_types::kResourceNotFound, "Source not found " + place);
  return Response::json(shown_source(document, source.filter, context.engine));
}

}  // namespace

void add_document_routes(Router& router) {
  const auto handler = [](Result<Response> (*run_it)(const Request&, Context&),
                          std::string_view warning) -> Handler {
    return deprecate_type([run_it](const Request& request,
                                   Context& context) { return answer(run_it(request, context)); },
                          warning);
  };
  const auto writer = [](OpType type) -> Handler {
    return deprecate_type(
        [type](const Request& request, Context& context) {
          return answer(write(request, context, type));
        },
        kTypedIndexing);
  };
  const std::vector<std::string> index_params{"wait_for_active_shards",
                                              "op_type",
                                              "refresh",
                                              "routing",
                                              "timeout",
                                              "version",
                                              "version_type",
                                              "if_seq_no",
                                              "if_primary_term",
                                              "pipeline",
                                              "require_alias"};
  const std::vector<std::string> delete_params{
      "wait_for_active_shards", "refresh", "routing",     "timeout", "if_seq_no",
      "if_primary_term",        "version", "version_type"};
  const std::vector<std::string> get_params{
      "stored_fields", "preference",       "realtime",         "refresh", "routing",
      "_source",       "_source_excludes", "_source_includes", "version", "version_type"};
  const std::vector<std::string> update_params{"wait_for_active_shards",
                                               "_source",
                                               "_source_excludes",
                                               "_source_includes",
                                               "refresh",
                                               "retry_on_conflict",
                                               "routing",
                                               "timeout",
                                               "if_seq_no",
                                               "if_primary_term",
                                               "require_alias",
                                               "version",
                                               "version_type"};
  const auto both = [&](const char* path, const Handler& run_it,
                        const std::vector<std::string>& params) {
    router.add({Method::kPut, path, run_it, params, Lane::kWrite});
    router.add({Method::kPost, path, run_it, params, Lane::kWrite});
  };
  both("/{index}/_doc/{id}", writer(OpType::kIndex), index_params);
  both("/{index}/_create/{id}", writer(OpType::kCreate), index_params);
  router.add({Method::kPost, "/{index}/_doc", writer(OpType::kIndex), index_params, Lane::kWrite});
  router.add({Method::kPost, "/{index}/_update/{id}", handler(update, kTypedUpdating),
              update_params, Lane::kWrite});
  router.add({Method::kDelete, "/{index}/_doc/{id}", handler(remove, kTypedDeleting), delete_params,
              Lane::kWrite});
  router.add(
      {Method::kGet, "/{index}/_doc/{id}", handler(get, kTypedGetting), get_params, Lane::kSearch});
  router.add({Method::kGet, "/{index}/_source/{id}", handler(get_source, kTypedSource), get_params,
              Lane::kSearch});

  both("/{index}/{type}/{id}", writer(OpType::kIndex), index_params);
  both("/{index}/{type}/{id}/_create", writer(OpType::kCreate), index_params);
  router.add(
      {Method::kPost, "/{index}/{type}", writer(OpType::kIndex), index_params, Lane::kWrite});
  router.add({Method::kPost, "/{index}/{type}/{id}/_update", handler(update, kTypedUpdating),
              update_params, Lane::kWrite});
  router.add({Method::kDelete, "/{index}/{type}/{id}", handler(remove, kTypedDeleting),
              delete_params, Lane::kWrite});
  router.add({Method::kGet, "/{index}/{type}/{id}", handler(get, kTypedGetting), get_params,
              Lane::kSearch});
  router.add({Method::kGet, "/{index}/{type}/{id}/_source", handler(get_source, kTypedSource),
              get_params, Lane::kSearch});
}

}  // namespace stratalog::api
