#include "api/common.h"

#include "api/guard.h"
#include "api/info.h"

namespace stratalog::api {

using index::IndicesOptions;
using index::RefreshPolicy;

Result<IndicesOptions> read_indices_options(const QueryParams& params, IndicesOptions options) {
  ASSIGN_OR_RETURN(options.ignore_unavailable,
                   params.get_bool("ignore_unavailable", options.ignore_unavailable));
  ASSIGN_OR_RETURN(options.allow_no_indices,
                   params.get_bool("allow_no_indices", options.allow_no_indices));
  if (options.ignore_unavailable) options.forbid_closed = false;
  const std::string* expand = params.find("expand_wildcards");
  if (expand == nullptr) return options;
  options.expand_open = options.expand_closed = options.expand_hidden = false;
  std::string_view rest = *expand;
  while (true) {
    const size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    if (word == "open") {
      options.expand_open = true;
    } else if (word == "closed") {
      options.expand_closed = true;
    } else if (word == "hidden") {
      options.expand_hidden = true;
    } else if (word == "all") {
      options.expand_open = options.expand_closed = options.expand_hidden = true;
    } else if (word != "none") {
      return Error(error_types::kIllegalArgument,
                   "No valid expand wildcard value [" + std::string(word) + "]");
    }
    if (comma == std::string_view::npos) return options;
    rest.remove_prefix(comma + 1);
  }
}

std::vector<std::string> with_indices_params(std::vector<std::string> others) {
  for (const char* name :
       {"ignore_unavailable", "allow_no_indices", "expand_wildcards", "ignore_throttled"}) {
    others.emplace_back(name);
  }
  return others;
}

Result<RefreshPolicy> read_refresh(const QueryParams& params) {
  const std::string* value = params.find("refresh");
  if (value == nullptr || *value == "false") return RefreshPolicy::kNone;
  if (value->empty() || *value == "true") return RefreshPolicy::kTrue;
  if (*value == "wait_for") return RefreshPolicy::kWaitFor;
  return Error(error_types::kIllegalArgument, "Unknown value for refresh: [" + *value + "].");
}

Result<std::vector<index::ResolvedIndex>> resolve_path(const Request& request, Context& context,
                                                       const IndicesOptions& options) {
  return resolve(context, request.path_param("index"), options);
}

Error validation_error(std::string_view problem) {
  return Error(error_types::kActionRequestValidation,
               "Validation Failed: 1: " + std::string(problem) + ";");
}

Status refresh_one(Context& context, std::string_view name) {
  const auto state = context.engine.state();
  if (state->find(name) != nullptr) return context.engine.refresh(name);
  for (const std::string& holder : state->indices_of_alias(name))
    RETURN_IF_ERROR(context.engine.refresh(holder));
  return {};
}

Response acknowledged() { return Response::json(R"({"acknowledged":true})"); }

Error validation_error(const std::vector<std::string>& problems) {
  std::string reason = "Validation Failed: ";
  for (size_t i = 0; i < problems.size(); ++i)
    reason += std::to_string(i + 1) + ": " + problems[i] + ";";
  return Error(error_types::kActionRequestValidation, std::move(reason));
}

const std::string& type_of(const Request& request) { return request.path_param("type"); }

void add_warning(Response& response, std::string_view text) {
  std::string value =
      "299 Elasticsearch-" + std::string(kVersionNumber) + "-" + std::string(kBuildHash) + " \"";
  for (const char c : text) {
    if (c == '"' || c == '\\') value.push_back('\\');
    value.push_back(c);
  }
  value.push_back('"');
  response.headers.push_back({"Warning", std::move(value)});
}

Handler deprecate_type(Handler handler, std::string_view text) {
  return [handler = std::move(handler), text = std::string(text)](const Request& request,
                                                                  Context& context) {
    Response response = handler(request, context);
    if (request.has_path_param("type")) add_warning(response, text);
    return response;
  };
}

}  // namespace stratalog::api
