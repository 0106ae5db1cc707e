#include "api/documents.h"

#include <algorithm>

#include "api/common.h"
#include "api/router.h"
#include "api/source_params.h"
#include "api/write_result.h"

namespace stratalog::api {

namespace {

using index::OpType;
using index::VersionType;
using index::WriteOp;
using index::WriteResult;

// version, version_type, if_seq_no, if_primary_term, routing, require_alias, retry_on_conflict.
Status read_conditions(const QueryParams& params, WriteOp& op) {
  if (const std::string* routing = params.find("routing")) op.routing = *routing;
  const auto number = [&](std::string_view name) -> Result<std::optional<int64_t>> {
    const std::string* text = params.find(name);
    if (text == nullptr) return std::optional<int64_t>();
    const auto value = json::Value(*text).to_int();
    if (value) return std::optional<int64_t>(*value);
    return Error(error_types::kIllegalArgument, "Failed to parse long parameter [" +
                                                    std::string(name) + "] with value [" + *text +
                                                    "]")
        .because(Error(error_types::kNumberFormat, "For input string: \"" + *text + "\""));
  };
  ASSIGN_OR_RETURN(op.version, number("version"));
  ASSIGN_OR_RETURN(op.if_seq_no, number("if_seq_no"));
  ASSIGN_OR_RETURN(op.if_primary_term, number("if_primary_term"));
  ASSIGN_OR_RETURN(op.require_alias, params.get_bool("require_alias", false));
  ASSIGN_OR_RETURN(const std::optional<int64_t> retries, number("retry_on_conflict"));
  op.retry_on_conflict = static_cast<int>(std::clamp<int64_t>(retries.value_or(0), 0, 1000));
  const std::string type = params.get("version_type", "internal");
  if (type == "external" || type == "external_gt") {
    op.version_type = VersionType::kExternal;
  } else if (type == "external_gte") {
    op.version_type = VersionType::kExternalGte;
  } else if (type != "internal") {
    return Error(error_types::kIllegalArgument, "No version type match [" + type + "]");
  }
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
  append_write_result(out, result, type_of(request), context);
  if (!result.updated_source.empty() && !source.refused) append_get(out, result, source.filter);
  out.end_object();
  response.status = write_status(result);
  if (result.kind == WriteResult::Kind::kCreated) {
    response.headers.push_back(
        {"Location", "/" + result.index + "/" + type_of(request) + "/" + result.id});
  }
  return response;
}

Result<Response> write(const Request& request, Context& context, OpType type) {
  WriteOp op;
  op.type = type;
  op.index = request.path_param("index");
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
  if (const std::string name = type_of(request); name.starts_with('_') && name != "_doc") {
    return Error({"invalid_type_name_exception", 400},
                 "Document mapping type name can't start with '_', found: [" + name + "]");
  }
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
  op.id = request.path_param("id");
  op.source = request.body;
  RETURN_IF_ERROR(read_conditions(request.params, op));
  if (request.body.empty())
    return Error(error_types::kElasticsearchParse, "request body is required");
  ASSIGN_OR_RETURN(const SourceParams source, SourceParams::read(request.params));
  return run(request, context, op, source);
}

Result<Response> remove(const Request& request, Context& context) {
  WriteOp op;
  op.type = OpType::kDelete;
  op.index = request.path_param("index");
  op.id = request.path_param("id");
  RETURN_IF_ERROR(read_conditions(request.params, op));
  return run(request, context, op, {});
}

Result<index::GetResult> fetch(const Request& request, Context& context) {
  const std::string& name = request.path_param("index");
  ASSIGN_OR_RETURN(const bool realtime, request.params.get_bool("realtime", true));
  ASSIGN_OR_RETURN(const bool refresh, request.params.get_bool("refresh", false));
  if (refresh && context.engine.state()->find(name) != nullptr)
    RETURN_IF_ERROR(context.engine.refresh(name));
  ASSIGN_OR_RETURN(index::GetResult document,
                   context.engine.get(name, request.path_param("id"), realtime));
  const std::string* version = request.params.find("version");
  if (version == nullptr || !document.found) return document;
  const auto wanted = json::Value(*version).to_int();
  const std::string type = request.params.get("version_type", "internal");
  const bool equal = wanted && *wanted == document.version;
  const bool external_fine =
      wanted && (type == "external_gte" ? document.version <= *wanted : equal);
  if (type == "internal" ? equal : external_fine) return document;
  const std::string was = "[" + document.id + "]: version conflict, current version [" +
                          std::to_string(document.version) +
                          "] is different than the one provided [" + *version + "]";
  return Error(error_types::kVersionConflict, was)
      .with("index_uuid", context.engine.state()->find(document.index)->uuid)
      .with("shard", "0")
      .with("index", document.index);
}

Result<Response> get(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const SourceParams source, SourceParams::read(request.params));
  ASSIGN_OR_RETURN(const index::GetResult document, fetch(request, context));
  GetOptions options;
  options.source = source.filter;
  options.source.asked = source.wanted;
  options.stored_fields = split_list(request.params.get("stored_fields"));
  Response response;
  json::Writer out(response.body);
  out.begin_object();
  append_document(out, document, type_of(request), options, context.engine);
  out.end_object();
  response.status = document.found ? 200 : 404;
  return response;
}

Result<Response> get_source(const Request& request, Context& context) {
  ASSIGN_OR_RETURN(const SourceParams source, SourceParams::read(request.params));
  if (source.refused) return validation_error("fetching source can not be disabled");
  ASSIGN_OR_RETURN(const index::GetResult document, fetch(request, context));
  const std::string place =
      "[" + document.index + "]/[" + type_of(request) + "]/[" + request.path_param("id") + "]";
  if (!document.found) return Error(error_types::kResourceNotFound, "Document not found " + place);
  if (document.source.empty())
    return Error(error_types::kResourceNotFound, "Source not found " + place);
  return Response::json(filter_source(document.source, source.filter));
}

}  // namespace

void add_document_routes(Router& router) {
  const auto handler = [](Result<Response> (*run_it)(const Request&, Context&)) -> Handler {
    return [run_it](const Request& request, Context& context) {
      return answer(run_it(request, context));
    };
  };
  const auto writer = [](OpType type) -> Handler {
    return [type](const Request& request, Context& context) {
      return answer(write(request, context, type));
    };
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
                                               "lang",
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
  router.add(
      {Method::kPost, "/{index}/_update/{id}", handler(update), update_params, Lane::kWrite});
  router.add({Method::kDelete, "/{index}/_doc/{id}", handler(remove), delete_params, Lane::kWrite});
  router.add({Method::kGet, "/{index}/_doc/{id}", handler(get), get_params, Lane::kSearch});
  router.add(
      {Method::kGet, "/{index}/_source/{id}", handler(get_source), get_params, Lane::kSearch});

  both("/{index}/{type}/{id}", writer(OpType::kIndex), index_params);
  both("/{index}/{type}/{id}/_create", writer(OpType::kCreate), index_params);
  router.add(
      {Method::kPost, "/{index}/{type}", writer(OpType::kIndex), index_params, Lane::kWrite});
  router.add({Method::kPost, "/{index}/{type}/{id}/_update", handler(update), update_params,
              Lane::kWrite});
  router.add(
      {Method::kDelete, "/{index}/{type}/{id}", handler(remove), delete_params, Lane::kWrite});
  router.add({Method::kGet, "/{index}/{type}/{id}", handler(get), get_params, Lane::kSearch});
  router.add({Method::kGet, "/{index}/{type}/{id}/_source", handler(get_source), get_params,
              Lane::kSearch});
}

}  // namespace stratalog::api
