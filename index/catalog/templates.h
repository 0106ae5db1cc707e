// Index templates: legacy (_template), composable (_index_template) and components
// (_component_template).
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/index-templates.html
//
// Precedence, lowest first: the server's defaults (default_settings), then either the one
// composable template of highest priority (its components in order, then its own part) or, if none
// matches, all legacy templates by ascending order; then the request. So a composable template
// hides all legacy ones, as in Elasticsearch.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "index/catalog.h"
#include "index/catalog/settings.h"
#include "index/engine.h"

namespace stratalog::index {

// What templates and a request make of a new index.
struct IndexPlan {
  FlatSettings settings;  // without the server's defaults
  json::Value mappings;   // null: none
  std::string type;       // of the mappings; "": not settled
  std::map<std::string, AliasMetadata> aliases;
};

struct TemplateMatch {
  std::string composable;  // the one that applies; "" if none does
  std::vector<std::string>
      legacy;  // by descending order; those that apply if no composable one does
};
// `hidden`: the request says index.hidden, so templates for all indices do not apply.
TemplateMatch match_templates(const CatalogState& state, std::string_view index_name, bool hidden);

// Templates and request put together.
Result<IndexPlan> plan_index(const CatalogState& state, const CreateIndexRequest& request);

// The parts of one composable template and its components put together.
Result<IndexPlan> compose_template(const CatalogState& state, const json::Value& index_template);

// Validated and in the form in which templates are kept and shown. Fails with Elasticsearch's
// errors; also when the template, or one that is composed of it, would not make a valid index any
// more.
Result<json::Value> normalize_template(const CatalogState& state, Engine::TemplateKind kind,
                                       std::string_view name, const json::Value& body, bool create);
// Whether it may be removed; resource or template missing if it is not there.
Status check_template_removal(const CatalogState& state, Engine::TemplateKind kind,
                              std::string_view name);

// The answer of _index_template/_simulate_index: an empty object when no composable template
// matches.
Result<json::Value> simulate_index_templates(const CatalogState& state,
                                             std::string_view index_name);

// The mapping that a plan's settings and mappings give: the last check of every creation and
// template.
Result<std::shared_ptr<const Mapping>> make_mapping(const json::Value& settings_tree,
                                                    const json::Value& mappings,
                                                    std::string_view type = {});

}  // namespace stratalog::index
