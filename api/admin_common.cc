#include "api/admin_common.h"

#include <algorithm>

namespace stratalog::api {

void add_routes(Router& router, const std::vector<Method>& methods,
                const std::vector<const char*>& paths, Run run,
                const std::vector<std::string>& params, std::string_view typed_warning) {
  for (const char* path : paths) {
    for (const Method method : methods) {
      router.add({method, path,
                  [run, typed_warning](const Request& request, Context& context) {
                    Response response = answer(run(request, context));
                    if (!typed_warning.empty() && request.params.has("include_type_name"))
                      add_warning(response, typed_warning);
                    return response;
                  },
                  params, Lane::kManagement});
    }
  }
}

Result<json::Value> read_body(const Request& request) {
  if (request.body.empty()) return json::Value();
  ASSIGN_OR_RETURN(json::Value body, json::parse(request.body, 400));
  if (!body.is_object()) {
    return Error(error_types::kElasticsearchParse, "Failed to parse content to map");
  }
  return body;
}

Result<NamedMapping> named_mapping(json::Value mappings, bool include_type_name) {
  const bool object = mappings.is_object();
  if (!include_type_name) {
    if (object && mappings.size() == 1 && mappings.as_object()[0].key == index::kDefaultType) {
      return Error(error_types::kIllegalArgument,
                   "The mapping definition cannot be nested under a type [_doc] unless "
                   "include_type_name is set to true.");
    }
    return NamedMapping{std::move(mappings), {}};
  }
  if (!object || mappings.empty()) return NamedMapping{};
  json::Object& types = mappings.as_object();
  if (types.size() > 1) {
    std::string names;
    for (const json::Member& type : types) names += (names.empty() ? "" : ", ") + type.key;
    return Error(error_types::kIllegalArgument,
                 "the final mapping would have more than 1 type: [" + names + "]");
  }
  if (!types[0].value.is_object()) {
    return Error(error_types::kMapperParsing,
                 "Failed to parse mapping [" + types[0].key + "]: it must be an object");
  }
  return NamedMapping{std::move(types[0].value), std::move(types[0].key)};
}

json::Value shown_mapping(const index::Mapping& mapping, bool include_type_name) {
  if (!include_type_name || mapping.type().empty()) return mapping.to_json();
  return json::Value::object({{mapping.type(), mapping.to_json()}});
}

namespace {
void flatten_into(json::Value& out, const json::Value& tree, const std::string& name) {
  if (!tree.is_object()) {
    out.set(name, tree);
    return;
  }
  for (const json::Member& member : tree.as_object()) {
    flatten_into(out, member.value, name.empty() ? member.key : name + "." + member.key);
  }
}
}  // namespace

json::Value flatten_settings(const json::Value& tree, std::string_view prefix) {
  json::Value out = json::Value::object();
  flatten_into(out, tree, std::string(prefix));
  std::sort(out.as_object().begin(), out.as_object().end(),
            [](const json::Member& a, const json::Member& b) { return a.key < b.key; });
  return out;
}

json::Value unflatten_settings(const json::Value& flat) {
  json::Value out = json::Value::object();
  for (const json::Member& member : flat.is_object() ? flat.as_object() : json::Object{}) {
    json::Value* at = &out;
    std::string_view rest = member.key;
    for (size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
      json::Value& next = (*at)[rest.substr(0, dot)];
      if (!next.is_object() && !next.is_null()) break;
      at = &next;
      rest.remove_prefix(dot + 1);
    }
    at->set(rest, member.value);
  }
  return out;
}

json::Value settings_json(const index::IndexMetadata& index, bool flat) {
  if (flat) return flatten_settings(index.settings, "index");
  return json::Value::object({{"index", index.settings}});
}

json::Value alias_json(const index::AliasMetadata& alias) {
  json::Value out = json::Value::object();
  if (!alias.filter.is_null()) out.set("filter", alias.filter);
  if (!alias.index_routing.empty()) out.set("index_routing", alias.index_routing);
  if (!alias.search_routing.empty()) out.set("search_routing", alias.search_routing);
  if (alias.is_write_index) out.set("is_write_index", *alias.is_write_index);
  if (alias.is_hidden) out.set("is_hidden", *alias.is_hidden);
  return out;
}

bool has_wildcard(std::string_view pattern) { return pattern.find('*') != std::string_view::npos; }

bool matches_pattern(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0, star = std::string_view::npos, mark = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Response shards_answer(const std::vector<index::ResolvedIndex>& indices) {
  uint64_t total = 0, successful = 0;
  for (const index::ResolvedIndex& resolved : indices) {
    const uint64_t shards = resolved.index->number_of_shards();
    total += shards * (1 + resolved.index->number_of_replicas());
    successful += shards;
  }
  Response response;
  json::Writer(response.body)
      .begin_object()
      .key("_shards")
      .begin_object()
      .field("total", total)
      .field("successful", successful)
      .field("failed", 0)
      .end_object()
      .end_object();
  return response;
}

}  // namespace stratalog::api
