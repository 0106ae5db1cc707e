// What every answer has in common at its end: filter_path, then pretty, compact or YAML. Passes
// over the finished text, so that handlers write one compact JSON form only.
#pragma once

#include <string>
#include <string_view>

#include "api/filter_path.h"

namespace stratalog::api {

enum class Form { kCompact, kPretty, kYaml };

struct RenderOptions {
  FilterPaths filter;
  Form form = Form::kCompact;
};

// `json` in the asked form. Compact without a filter is `json` itself, byte for byte. A text that
// is no JSON comes back unchanged. Pretty ends with a line feed.
std::string render(std::string json, const RenderOptions& options);

}  // namespace stratalog::api
