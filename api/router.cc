#include "api/router.h"

#include <algorithm>
#include <array>
#include <exception>
#include <map>

#include "api/audit.h"
#include "api/guard.h"
#include "api/param_values.h"
#include "api/percent.h"
#include "api/render.h"
#include "base/edit_distance.h"
#include "base/log.h"
#include "index/fault.h"

namespace stratalog::api {
namespace {

// In the order in which Elasticsearch names them.
constexpr std::array kMethods = {Method::kGet,    Method::kPut,   Method::kHead,   Method::kPost,
                                 Method::kDelete, Method::kPatch, Method::kOptions};
constexpr std::array<std::string_view, 5> kCommonParams = {"error_trace", "filter_path", "format",
                                                           "human", "pretty"};
constexpr size_t kMethodCount = 8;

size_t slot(Method method) { return static_cast<size_t>(method); }

// Where GET's answer without its body is asked for; elsewhere HEAD is no method.
constexpr std::array<std::string_view, 14> kHeadPatterns = {"/",
                                                            "/_alias/{name}",
                                                            "/_component_template/{name}",
                                                            "/_index_template/{name}",
                                                            "/_template/{name}",
                                                            "/_xpack",
                                                            "/{index}",
                                                            "/{index}/_alias",
                                                            "/{index}/_alias/{name}",
                                                            "/{index}/_doc/{id}",
                                                            "/{index}/_mapping/{type}",
                                                            "/{index}/_source/{id}",
                                                            "/{index}/{type}/{id}",
                                                            "/{index}/{type}/{id}/_source"};

// Empty segments are none: of a client whose base URL ends with a slash come "//_search".
std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) segments.push_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return segments;
}

bool is_variable(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out.append(separator);
    out.append(word);
  }
  return out;
}

Error unrecognized(const Request& request, std::vector<std::string> invalid,
                   const std::vector<std::string_view>& candidates) {
  std::sort(invalid.begin(), invalid.end());
  std::string message = "request [" + request.path + "] contains unrecognized parameter" +
                        (invalid.size() > 1 ? "s" : "") + ": ";
  for (size_t i = 0; i < invalid.size(); ++i) {
    std::vector<std::pair<float, std::string>> alike;
    for (const std::string_view candidate : candidates) {
      const float similarity = name_similarity(invalid[i], candidate);
      if (similarity > 0.5F) alike.emplace_back(-similarity, candidate);
    }
    std::sort(alike.begin(), alike.end());
    alike.erase(std::unique(alike.begin(), alike.end()), alike.end());
    if (i > 0) message += ", ";
    message += "[" + invalid[i] + "]";
    if (alike.empty()) continue;
    std::vector<std::string> names;
    names.reserve(alike.size());
    for (auto& [score, name] : alike) names.push_back(name);
    message += " -> did you mean ";
    message += names.size() == 1 ? "[" + names[0] + "]" : "any of [" + join(names, ", ") + "]";
    message += "?";
  }
  return Error(error_types::kIllegalArgument, message);
}

bool contains_ignoring_case(std::string_view text, std::string_view word) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

// By the parameter `format`, or else by Accept. What names no format that we have is JSON, as in
// Elasticsearch; a binary one that Elasticsearch has and we don't is refused.
Result<bool> wants_yaml(const Request& request) {
  const std::string* format = request.params.find("format");
  if (format && !format->empty()) {
    for (const std::string_view binary : {"cbor", "smile"}) {
      if (contains_ignoring_case(*format, binary)) {
        return Error(error_types::kIllegalArgument,
                     "format [" + *format + "] is not supported, only [json] and [yaml] are");
      }
    }
    return contains_ignoring_case(*format, "yaml");
  }
  const std::string* accept = request.header("Accept");
  return accept != nullptr &&
         (contains_ignoring_case(*accept, "application/yaml") ||
          contains_ignoring_case(*accept, "application/vnd.elasticsearch+yaml"));
}

// Brings a finished answer into the form that the request asks for.
void finish(const Request& request, const RenderOptions& asked, bool pretty_asked,
            Response& response) {
  if (!response.content_type.starts_with("application/json")) return;
  RenderOptions options = asked;
  if (response.is_error) options.filter = {};
  if (response.pretty && !pretty_asked && options.form == Form::kCompact)
    options.form = Form::kPretty;
  if (options.form == Form::kYaml) response.content_type = "application/yaml";
  if (request.method == Method::kHead && response.body.empty()) return;
  response.body = render(std::move(response.body), options);
}

}  // namespace

struct Router::Tree {
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
    std::unique_ptr<Node> variable;
    std::array<std::unique_ptr<Route>, kMethodCount> routes;
    bool has_routes = false;
    bool is_variable = false;
    bool head = false;  // HEAD is answered as GET is
    bool answers(Method method) const {
      return routes[slot(method)] != nullptr || (method == Method::kHead && head);
    }
  };
  Node root;

  // All nodes with routes that a path leads to, literal segments first. A name at the end is no
  // variable's value when it is itself an endpoint: PUT /_search must not create an index.
  static void find(const Node& node, const std::vector<std::string_view>& path, size_t at,
                   std::vector<const Node*>& found) {
    if (at == path.size()) {
      if (node.has_routes) found.push_back(&node);
      return;
    }
    const auto child = node.children.find(path[at]);
    if (child != node.children.end()) {
      find(*child->second, path, at + 1, found);
      if (at + 1 == path.size() && child->second->has_routes) return;
    }
    if (node.variable && !path[at].empty()) find(*node.variable, path, at + 1, found);
  }
  // Those that name the last part come first: POST /i/_doc/_bulk is a bulk, not a document.
  std::vector<const Node*> find(std::string_view path) const {
    std::vector<const Node*> found;
    find(root, split_path(path), 0, found);
    std::stable_partition(found.begin(), found.end(),
                          [](const Node* node) { return !node->is_variable; });
    return found;
  }

  static const Route* route_of(const std::vector<const Node*>& nodes, Method method) {
    for (const Node* node : nodes) {
      if (const auto& route = node->routes[slot(method)]) return route.get();
      if (method == Method::kHead && node->head) return node->routes[slot(Method::kGet)].get();
    }
    return nullptr;
  }
};

Router::Router() : tree_(std::make_unique<Tree>()) {}
Router::~Router() = default;

void Router::add(Route route) {
  Tree::Node* node = &tree_->root;
  for (const std::string_view segment : split_path(route.pattern)) {
    std::unique_ptr<Tree::Node>& next =
        is_variable(segment) ? node->variable : node->children[std::string(segment)];
    if (!next) next = std::make_unique<Tree::Node>();
    next->is_variable = is_variable(segment);
    node = next.get();
  }
  ENSURE(route.method != Method::kOther, route.pattern);
  std::unique_ptr<Route>& place = node->routes[slot(route.method)];
  ENSURE(!place,
         "two handlers for " + std::string(method_name(route.method)) + " " + route.pattern);
  place = std::make_unique<Route>(std::move(route));
  place->actions = actions_of(place->method, place->pattern);
  node->has_routes = true;
  if (place->method == Method::kGet) {
    node->head = std::find(kHeadPatterns.begin(), kHeadPatterns.end(), place->pattern) !=
                 kHeadPatterns.end();
  }
}

void Router::visit(const std::function<void(const Route&)>& visit) const {
  const std::function<void(const Tree::Node&)> walk = [&](const Tree::Node& node) {
    for (const auto& route : node.routes) {
      if (route) visit(*route);
    }
    for (const auto& [name, child] : node.children) walk(*child);
    if (node.variable) walk(*node.variable);
  };
  walk(tree_->root);
}

Lane Router::lane(const Request& request) const {
  const Route* route = Tree::route_of(tree_->find(request.path), request.method);
  return route ? route->lane : Lane::kManagement;
}

namespace {

std::string uri_of(const Request& request) {
  return request.query.empty() ? request.path : request.path + "?" + request.query;
}

// OPTIONS, 405 with Allow, or 400 when nothing is at this path.
Response no_route(const Request& request, const std::vector<std::string>& allowed) {
  Response response;
  if (request.method == Method::kOptions) {
    response = Response::text("");
  } else if (allowed.empty()) {
    const std::string method = request.method_text.empty()
                                   ? std::string(method_name(request.method))
                                   : request.method_text;
    response = Response::json("");
    response.status = 400;
    response.is_error = true;
    std::string message =
        "no handler found for uri [" + uri_of(request) + "] and method [" + method + "]";
    response.body = simple_error_response(400, message).body;
    // Alone among the short errors, this one has no status member.
    response.body.erase(response.body.rfind(",\"status\""));
    response.body.push_back('}');
    return response;
  } else {
    const std::string names = ", allowed: [" + join(allowed, ", ") + "]";
    const bool known = request.method != Method::kOther || request.method_text == "TRACE" ||
                       request.method_text == "CONNECT";
    const std::string method = request.method == Method::kOther
                                   ? request.method_text
                                   : std::string(method_name(request.method));
    response =
        simple_error_response(405, known ? "Incorrect HTTP method for uri [" + uri_of(request) +
                                               "] and method [" + method + "]" + names
                                         : "Unexpected http method: " + method + names);
  }
  if (!allowed.empty()) response.headers.push_back({"Allow", join(allowed, ",")});
  return response;
}

// Fills path_params by the pattern's names.
Status read_path_params(const std::string& pattern, Request& request) {
  const auto names = split_path(pattern);
  const auto values = split_path(request.path);
  for (size_t i = 0; i < names.size(); ++i) {
    if (!is_variable(names[i])) continue;
    ASSIGN_OR_RETURN(std::string value, decode_percent(values[i], false));
    request.path_params.emplace_back(names[i].substr(1, names[i].size() - 2), std::move(value));
  }
  return {};
}

Status check_params(const Router::Route& route, const Request& request) {
  std::vector<std::string_view> known(kCommonParams.begin(), kCommonParams.end());
  known.insert(known.end(), route.params.begin(), route.params.end());
  std::vector<std::string> invalid;
  for (const auto& [name, value] : request.params.all()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) invalid.push_back(name);
  }
  if (invalid.empty()) return {};
  for (const auto& [name, value] : request.path_params) known.push_back(name);
  return unrecognized(request, std::move(invalid), known);
}

// The handler, behind the privileges of who asks.
Response handle(const Router::Route& route, const Request& request, Context& context) {
  const index::security::Principal* principal = request.principal.get();
  if (principal == nullptr) return route.handler(request, context);
  const auto note = [&](bool granted, const std::vector<std::string>& indices) {
    if (context.audit != nullptr) context.audit->access(request, route.actions, granted, indices);
  };
  if (const Status granted = authorize(route.actions, *principal); !granted) {
    note(false, {});
    return error_response(granted.error());
  }
  if (principal->everything || route.actions.scope != EndpointActions::Scope::kIndices) {
    Response response = route.handler(request, context);
    note(response.status != 403, {});
    return response;
  }
  GuardedEngine engine(context.engine, *principal, route.actions.on_indices);
  Context guarded{engine,         context.node,    context.contexts, context.search_memory,
                  context.digest, context.scripts, context.tasks,    context.security,
                  context.audit,  &engine};
  Response response = route.handler(request, guarded);
  note(!engine.refused_any(), engine.refused_indices());
  return response;
}

Response run(const Router::Route& route, Request& request, Context& context) {
  if (const Status ok = read_path_params(route.pattern, request); !ok)
    return error_response(ok.error());
  if (const Status ok = check_params(route, request); !ok) return error_response(ok.error());
  if (const Status ok = check_param_values(request.params); !ok) return error_response(ok.error());
  try {
    return handle(route, request, context);
  } catch (const index::SegmentFault& fault) {
    if (fault.error().type.status >= 500)
      log::error("api", "stored data can't be read",
                 {{"uri", uri_of(request)}, {"what", fault.error().reason}});
    return error_response(fault.error());
  } catch (const std::bad_alloc&) {
    return error_response(Error(error_types::kCircuitBreaking, "out of memory"));
  } catch (const std::exception& e) {
    log::error("api", "a handler failed", {{"uri", uri_of(request)}, {"what", e.what()}});
    return error_response(Error(error_types::kInternal, "internal error, see the server's log"));
  }
}

}  // namespace

void shape_response(Request& request, Response& response) {
  if (auto params = QueryParams::parse(request.query)) request.params = std::move(*params);
  const auto pretty = request.params.get_bool("pretty", false);
  const auto yaml = wants_yaml(request);
  RenderOptions options;
  if (pretty && *pretty) options.form = Form::kPretty;
  if (yaml && *yaml) options.form = Form::kYaml;
  finish(request, options, request.params.has("pretty"), response);
}

Response Router::dispatch(Request& request, Context& context) const {
  auto params = QueryParams::parse(request.query);
  if (!params) return error_response(params.error());
  request.params = std::move(*params);

  const auto error_trace = request.params.get_bool("error_trace", false);
  if (!error_trace) return simple_error_response(400, error_trace.error().reason);
  const auto pretty = request.params.get_bool("pretty", false);
  if (!pretty) return error_response(pretty.error());
  const auto human = request.params.get_bool("human", false);
  if (!human) return error_response(human.error());
  const auto yaml = wants_yaml(request);
  if (!yaml) return error_response(yaml.error());
  auto filter = FilterPaths::parse(request.params.get("filter_path"));
  if (!filter) return error_response(filter.error());
  const RenderOptions options{std::move(*filter),
                              *yaml ? Form::kYaml : (*pretty ? Form::kPretty : Form::kCompact)};

  const auto nodes = tree_->find(request.path);
  const Route* route =
      request.method == Method::kOther ? nullptr : Tree::route_of(nodes, request.method);
  Response response;
  if (route) {
    response = run(*route, request, context);
  } else {
    std::vector<std::string> allowed;
    for (const Method method : kMethods) {
      const bool any = std::any_of(nodes.begin(), nodes.end(), [method](const Tree::Node* node) {
        return node->answers(method);
      });
      if (any) allowed.emplace_back(method_name(method));
    }
    response = no_route(request, allowed);
  }
  finish(request, options, request.params.has("pretty"), response);
  return response;
}

}  // namespace stratalog::api
