#include "api/render.h"

#include <memory>
#include <optional>

#include "api/json_events.h"
#include "api/yaml_printer.h"

namespace stratalog::api {

std::string render(std::string json, const RenderOptions& options) {
  if (options.form == Form::kCompact && options.filter.empty()) return json;
  std::string out;
  out.reserve(json.size() + (options.form == Form::kCompact ? 0 : json.size() / 2));
  std::unique_ptr<JsonSink> printer;
  switch (options.form) {
    case Form::kCompact:
      printer = std::make_unique<CompactPrinter>(out);
      break;
    case Form::kPretty:
      printer = std::make_unique<PrettyPrinter>(out);
      break;
    case Form::kYaml:
      printer = std::make_unique<YamlPrinter>(out);
      break;
  }
  JsonSink* sink = printer.get();
  std::optional<PathFilter> excludes;
  if (!options.filter.excludes.empty()) {
    sink = &excludes.emplace(options.filter.excludes, false, *sink);
  }
  std::optional<PathFilter> includes;
  if (!options.filter.includes.empty()) {
    sink = &includes.emplace(options.filter.includes, true, *sink);
  }
  if (!read_json(json, *sink)) return json;
  if (options.form == Form::kPretty) out.push_back('\n');
  return out;
}

}  // namespace stratalog::api
