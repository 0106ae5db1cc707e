#include "api/mget.h"

#include <optional>

#include "api/common.h"
#include "api/router.h"
#include "api/source_params.h"
#include "query/exec/search_memory.h"
#include "query/json_tree.h"

namespace stratalog::api {

namespace {

using query::Node;
using query::NodeMember;

constexpr std::string_view kTyped =
    "[types removal] Specifying types in multi get requests is deprecated.";

struct Wanted {
  std::string index;
  std::optional<std::string> type;
  std::string id;
  std::optional<std::string> routing;
  std::optional<int64_t> version;
  GetOptions options;
};

std::vector<std::string> texts(const Node& value) {
  if (!value.is_array()) return split_list(value.to_text());
  std::vector<std::string> out;
  for (const Node& element : value.elements()) out.push_back(element.to_text());
  return out;
}

Result<Wanted> read_doc(const Node& doc, const Wanted& defaults) {
  Wanted wanted = defaults;
  if (!doc.is_object()) {
    if (doc.is_scalar()) {
      wanted.id = doc.to_text();
      return wanted;
    }
    return Error(error_types::kIllegalArgument, "docs array element should include an object");
  }
  for (const NodeMember& member : doc.members()) {
    const std::string& key = member.key;
    if (key == "_index") {
      wanted.index = member.value.to_text();
    } else if (key == "_type") {
      wanted.type = member.value.to_text();
    } else if (key == "_id") {
      wanted.id = member.value.to_text();
    } else if (key == "routing") {
      wanted.routing = member.value.to_text();
    } else if (key == "version") {
      wanted.version = member.value.to_int();
    } else if (key == "version_type") {
      continue;  // all types compare alike here
    } else if (key == "stored_fields") {
      wanted.options.stored_fields = texts(member.value);
    } else if (key == "_source") {
      ASSIGN_OR_RETURN(wanted.options.source, query::parse_source_filter(member.value));
      wanted.options.source.asked = true;
    } else {
      return query::parsing_error(
          member.at, "unknown key [" + key + "] for a " + member.value.token_name() +
                         ", expected [_index], [_type], [_id], [stored_fields], [_source], "
                         "[routing], [version], [version_type]");
    }
  }
  return wanted;
}

// Appends the answer for one document.
void append_one(std::string& body, const Wanted& wanted, bool realtime, Context& context) {
  const index::GetOp op{.index = wanted.index,
                        .id = wanted.id,
                        .doc_type = wanted.type ? std::string_view(*wanted.type) : "",
                        .routing = wanted.routing,
                        .realtime = realtime};
  const Result<index::GetResult> document = context.engine.get(op);
  query::check_memory_to_append(body, document ? document->source.size() : 0);
  json::Writer out(body);
  out.begin_object();
  Status status = document ? check_version(*document, wanted.version, context.engine)
                           : Status(document.error());
  if (status) status = check_stored_fields(*document, wanted.options, context.engine);
  if (status) {
    append_document(out, *document, wanted.options, context.engine);
    out.end_object();
    return;
  }
  out.field("_index", wanted.index).key("_type");
  wanted.type ? out.string(*wanted.type) : out.null();
  out.field("_id", wanted.id).key("error");
  std::string error;
  append_error(error, status.error());
  out.raw(error).end_object();
}

Result<Response> mget(const Request& request, Context& context) {
  if (request.body.empty()) {
    return Error(error_types::kElasticsearchParse, "request body or source parameter is required");
  }
  ASSIGN_OR_RETURN(const SourceParams source, SourceParams::read(request.params));
  ASSIGN_OR_RETURN(const bool realtime, request.params.get_bool("realtime", true));
  ASSIGN_OR_RETURN(const bool refresh, request.params.get_bool("refresh", false));
  Wanted defaults;
  defaults.index = request.path_param("index");
  if (request.has_path_param("type")) defaults.type = type_of(request);
  if (const std::string* routing = request.params.find("routing")) defaults.routing = *routing;
  defaults.options.source = source.filter;
  defaults.options.source.asked = source.wanted;
  defaults.options.stored_fields = split_list(request.params.get("stored_fields"));
  ASSIGN_OR_RETURN(const Node body, query::parse_tree(request.body));
  std::vector<Wanted> docs;
  bool typed = request.has_path_param("type");
  for (const NodeMember& member : body.members()) {
    const bool known = member.key == "docs" || member.key == "ids";
    if (!known || !member.value.is_array()) {
      return query::parsing_error(member.value.start(), "unknown key [" + member.key + "] for a " +
                                                            member.value.token_name() +
                                                            ", expected [docs] or [ids]");
    }
    for (const Node& element : member.value.elements()) {
      ASSIGN_OR_RETURN(Wanted wanted, read_doc(element, defaults));
      typed = typed || wanted.type.has_value();
      docs.push_back(std::move(wanted));
    }
  }
  if (docs.empty()) return validation_error("no documents to get");
  std::string problems;
  size_t problem_count = 0;
  for (size_t i = 0; i < docs.size(); ++i) {
    const auto problem = [&](const std::string& what) {
      problems += std::to_string(++problem_count) + ": " + what + " is missing for doc " +
                  std::to_string(i) + ";";
    };
    if (docs[i].index.empty()) problem("index");
    if (docs[i].id.empty()) problem("id");
  }
  if (problem_count > 0)
    return Error(error_types::kActionRequestValidation, "Validation Failed: " + problems);

  const query::SearchMemory memory(context.search_memory);
  Response response;
  response.body = "{\"docs\":[";
  for (size_t i = 0; i < docs.size(); ++i) {
    if (refresh && !realtime) RETURN_IF_ERROR(refresh_one(context, docs[i].index));
    if (i > 0) response.body += ',';
    append_one(response.body, docs[i], realtime, context);
  }
  response.body += "]}";
  if (typed) add_warning(response, kTyped);
  return response;
}

}  // namespace

void add_mget_routes(Router& router) {
  const std::vector<std::string> params{"stored_fields",    "preference",      "realtime",
                                        "refresh",          "routing",         "_source",
                                        "_source_excludes", "_source_includes"};
  const Handler handler = [](const Request& request, Context& context) {
    return answer(mget(request, context));
  };
  for (const char* path : {"/_mget", "/{index}/_mget", "/{index}/{type}/_mget"}) {
    router.add({Method::kGet, path, handler, params, Lane::kSearch});
    router.add({Method::kPost, path, handler, params, Lane::kSearch});
  }
}

}  // namespace stratalog::api
