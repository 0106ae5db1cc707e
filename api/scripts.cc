// _scripts, _scripts/painless/_execute, _script_language.
#include "api/scripts.h"

#include "api/common.h"
#include "api/families.h"
#include "api/stored_scripts.h"
#include "query/script/fault.h"
#include "query/script/update_script.h"

namespace stratalog::api {

namespace {

namespace script = query::script;

Status must_keep(const Context& context) {
  if (context.scripts != nullptr) return {};
  return Error(error_types::kIllegalState, "no scripts can be kept here");
}

Result<Response> put_script(const Request& request, Context& context) {
  RETURN_IF_ERROR(must_keep(context));
  if (request.body.empty())
    return Error(error_types::kElasticsearchParse, "request body is required");
  ASSIGN_OR_RETURN(const json::Value body, json::parse(request.body));
  std::string for_context = request.params.get("context");
  if (request.has_path_param("context")) for_context = request.path_param("context");
  const std::string& id = request.path_param("id");
  if (id.find('#') != std::string::npos)
    return validation_error("id cannot contain '#' for stored script");
  RETURN_IF_ERROR(context.scripts->put(id, body, for_context));
  return acknowledged();
}

Result<Response> get_script(const Request& request, Context& context) {
  RETURN_IF_ERROR(must_keep(context));
  const std::string& id = request.path_param("id");
  const auto found = context.scripts->find(id);
  Response response;
  json::Writer out(response.body);
  out.begin_object().field("_id", id).field("found", found.has_value());
  if (found) out.field("script", *found);
  out.end_object();
  response.status = found ? 200 : 404;
  return response;
}

Result<Response> delete_script(const Request& request, Context& context) {
  RETURN_IF_ERROR(must_keep(context));
  const std::string& id = request.path_param("id");
  ASSIGN_OR_RETURN(const bool removed, context.scripts->remove(id));
  if (removed) return acknowledged();
  return Error(error_types::kResourceNotFound,
               "stored script [" + id + "] does not exist and cannot be deleted");
}

// painless_test only: the others need a document that is in no index.
Result<Response> execute(const Request& request, Context&) {
  ASSIGN_OR_RETURN(const json::Node tree, json::parse_tree(request.body));
  const json::Node* given = nullptr;
  std::string name = "painless_test";
  for (const json::NodeMember& member : tree.members()) {
    if (member.key == "script") {
      given = &member.value;
    } else if (member.key == "context") {
      name = member.value.text();
    } else if (member.key == "context_setup") {
      continue;  // of the contexts that are refused below
    } else {
      return Error(
          error_types::kXContentParse,
          at_text(member.at) + " [painless_execute_request] unknown field [" + member.key + "]");
    }
  }
  if (given == nullptr) return Error(error_types::kIllegalArgument, "Required [script]");
  if (name != "painless_test") {
    return Error(error_types::kXContentParse,
                 "Failed to build [painless_execute_request] after last required field arrived")
        .because(Error({"unsupported_operation_exception", 400},
                       "unsupported script context name [" + name + "]"));
  }
  ASSIGN_OR_RETURN(const script::ScriptSpec spec, script::parse_script(given->to_value()));
  if (spec.id.empty() && spec.lang == "expression") {
    return Error(error_types::kIllegalArgument,
                 "expression engine does not know how to handle script context [painless_test]");
  }
  ASSIGN_OR_RETURN(const script::ProgramPtr program, script::compile(spec, script::Context::kTest));
  script::Heap heap;
  script::Run run(program, heap);
  std::string text;
  try {
    run.bind(0, script::from_json(heap, spec.params));
    text = script::to_text(run.execute_or_throw());
  } catch (const script::ScriptFault& fault) {
    return run.runtime_error(fault);
  }
  Response response;
  json::Writer(response.body).begin_object().field("result", text).end_object();
  return response;
}

Result<Response> languages(const Request&, Context&) {
  Response response;
  json::Writer out(response.body);
  out.begin_object().key("types_allowed").begin_array().string("inline").string("stored");
  out.end_array().key("language_contexts").begin_array();
  const auto language = [&](const char* name, std::initializer_list<const char*> contexts) {
    out.begin_object().field("language", name).key("contexts").begin_array();
    for (const char* context : contexts) out.string(context);
    out.end_array().end_object();
  };
  language("expression", {"aggs", "bucket_aggregation", "field", "filter", "number_sort", "score"});
  language("painless", {"aggs", "aggs_combine", "aggs_init", "aggs_map", "aggs_reduce",
                        "bucket_aggregation", "field", "filter", "moving-function", "number_sort",
                        "painless_test", "score", "string_sort", "update"});
  out.end_array().end_object();
  return response;
}

}  // namespace

Status prepare_script(index::UpdateBody& body) {
  if (!body.has_script) return {};
  if (const auto spec = script::parse_script(body.script); !spec) {
    return Error(error_types::kXContentParse, "[UpdateRequest] failed to parse field [script]")
        .because(spec.error());
  }
  body.run_script = script::update_script(body.script);
  return {};
}

void add_script_routes(Router& router) {
  const auto add = [&](Method method, const char* path,
                       Result<Response> (*run)(const Request&, Context&),
                       std::vector<std::string> params, Lane lane = Lane::kManagement) {
    const Handler handler = [run](const Request& request, Context& context) {
      return answer(run(request, context));
    };
    router.add({method, path, handler, std::move(params), lane});
  };
  for (const Method method : {Method::kPut, Method::kPost}) {
    add(method, "/_scripts/{id}", put_script, {"context", "master_timeout", "timeout"});
    add(method, "/_scripts/{id}/{context}", put_script, {"context", "master_timeout", "timeout"});
  }
  add(Method::kGet, "/_scripts/{id}", get_script, {"master_timeout"});
  add(Method::kDelete, "/_scripts/{id}", delete_script, {"master_timeout", "timeout"});
  for (const Method method : {Method::kGet, Method::kPost})
    add(method, "/_scripts/painless/_execute", execute, {}, Lane::kSearch);
  add(Method::kGet, "/_script_language", languages, {});
}

}  // namespace stratalog::api
