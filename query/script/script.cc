#include "query/script/script.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "base/ensure.h"
#include "base/lru_cache.h"
#include "query/script/expression.h"
#include "query/script/fault.h"
#include "query/script/script_error.h"

namespace stratalog::query::script {

namespace {

struct ContextEntry {
  Context context;
  Surroundings around;
};

const std::vector<ContextEntry>& contexts() {
  static const std::vector<ContextEntry> all = [] {
    const auto emit = std::vector<Surroundings::HostFunction>{{"emit", 1, 2}, {"grok", 1, 1}};
    const std::vector<Surroundings::HostFunction> score{
        {"saturation", 2, 2},         {"sigmoid", 3, 3},         {"randomScore", 1, 2},
        {"decayNumericLinear", 5, 5}, {"decayNumericExp", 5, 5}, {"decayNumericGauss", 5, 5}};
    return std::vector<ContextEntry>{
        {Context::kUpdate, {{"params", "ctx"}, {}, false}},
        {Context::kTest, {{"params"}, {}, true}},
        {Context::kFilter, {{"params", "doc"}, {}, true}},
        {Context::kScore, {{"params", "doc", "_score"}, score, true}},
        {Context::kField, {{"params", "doc", "_source"}, {}, true}},
        {Context::kSort, {{"params", "doc", "_score"}, {}, true}},
        {Context::kAggs, {{"params", "doc", "_value", "_score"}, {}, true}},
        {Context::kRuntimeField, {{"params", "doc", "_source"}, {emit[0]}, false}},
        {Context::kAggsInit, {{"params", "state"}, {}, false}},
        {Context::kAggsMap, {{"params", "state", "doc", "_score"}, {}, false}},
        {Context::kAggsCombine, {{"params", "state"}, {}, true}},
        {Context::kAggsReduce, {{"params", "states"}, {}, true}},
        {Context::kBucket, {{"params"}, {}, true}},
        {Context::kMovingFunction, {{"params", "values"}, {}, true}},
    };
  }();
  return all;
}

LruCache<std::string, Program>& cache() {
  static LruCache<std::string, Program> kept(kCacheBytes);
  return kept;
}

std::mutex stored_mutex;
StoredScripts& stored() {
  static StoredScripts scripts;
  return scripts;
}

uint64_t tree_bytes(const TreeNode& node) {
  uint64_t bytes = sizeof(TreeNode) + node.text.size();
  for (const NodePtr& kid : node.kids) bytes += kid == nullptr ? 8 : 8 + tree_bytes(*kid);
  return bytes;
}

}  // namespace

uint64_t Program::bytes() const {
  uint64_t total = sizeof(Program) + source.size() * 2 + tree_bytes(*tree.main);
  for (const FunctionTree& function : tree.functions) total += tree_bytes(*function.body);
  return total;
}

const Surroundings& surroundings(Context context) {
  for (const ContextEntry& entry : contexts()) {
    if (entry.context == context) return entry.around;
  }
  ENSURE(false, "an unknown context");
}

size_t variable(Context context, std::string_view name) {
  const auto& names = surroundings(context).variables;
  const auto it = std::find(names.begin(), names.end(), name);
  ENSURE(it != names.end(), name);
  return static_cast<size_t>(it - names.begin());
}

void set_stored_scripts(StoredScripts scripts) {
  const std::lock_guard lock(stored_mutex);
  stored() = std::move(scripts);
}

Result<ProgramPtr> compile(std::string_view lang, std::string_view source, Context context,
                           std::string_view name) {
  if (lang != "painless" && lang != "expression") {
    return Error(error_types::kIllegalArgument,
                 "script_lang not supported [" + std::string(lang) + "]");
  }
  if (source.size() > kSourceBytesMax) {
    return Error(error_types::kIllegalArgument,
                 "exceeded max allowed inline script size in bytes [" +
                     std::to_string(kSourceBytesMax) + "] with size [" +
                     std::to_string(source.size()) + "] for script [" +
                     std::string(source.substr(0, 100)) + "...]");
  }
  std::string key(1, static_cast<char>(context));
  key.append(lang).append(1, '\0').append(name).append(1, '\0').append(source);
  if (auto kept = cache().find(key)) return kept;
  auto program = std::make_shared<Program>();
  program->lang = lang;
  program->source = source;
  program->name = name.empty() ? source : name;
  try {
    program->tree = lang == "expression" ? parse_expression(source, context)
                                         : Parser(program->source, surroundings(context)).run();
  } catch (const CompileFault& fault) {
    return compile_script_error(source, lang, fault);
  }
  const uint64_t bytes = program->bytes() + key.size();
  cache().put(key, program, bytes);
  return ProgramPtr(std::move(program));
}

Result<ProgramPtr> compile(const ScriptSpec& spec, Context context) {
  if (spec.id.empty()) return compile(spec.lang, spec.source, context);
  StoredScripts scripts;
  {
    const std::lock_guard lock(stored_mutex);
    scripts = stored();
  }
  const auto found = scripts ? scripts(spec.id) : std::nullopt;
  if (!found)
    return Error(error_types::kResourceNotFound,
                 "unable to find script [" + spec.id + "] in cluster state");
  return compile(found->first, found->second, context, spec.id);
}

Result<ScriptSpec> parse_script(const json::Value& value) {
  ScriptSpec spec;
  if (value.is_string()) {
    spec.source = value.as_string();
    return spec;
  }
  if (!value.is_object()) {
    return Error(error_types::kXContentParse,
                 "[script] doesn't support values of type: " +
                     std::string(value.is_array() ? "START_ARRAY" : "VALUE_NUMBER"));
  }
  bool has_source = false, has_lang = false;
  for (const json::Member& member : value.as_object()) {
    const auto wants_text = [&]() -> Status {
      if (!member.value.is_array() && !member.value.is_object() && !member.value.is_null())
        return {};
      return Error(error_types::kXContentParse, "[script] " + member.key +
                                                    " doesn't support values of type: " +
                                                    (member.value.is_array()    ? "START_ARRAY"
                                                     : member.value.is_object() ? "START_OBJECT"
                                                                                : "VALUE_NULL"));
    };
    if (member.key == "source" || member.key == "inline") {
      RETURN_IF_ERROR(wants_text());
      spec.source = member.value.to_text();
      has_source = true;
    } else if (member.key == "id" || member.key == "stored") {
      RETURN_IF_ERROR(wants_text());
      spec.id = member.value.to_text();
    } else if (member.key == "lang") {
      RETURN_IF_ERROR(wants_text());
      spec.lang = member.value.to_text();
      has_lang = true;
    } else if (member.key == "params") {
      if (!member.value.is_object() && !member.value.is_null())
        return Error(error_types::kXContentParse,
                     "[script] params doesn't support values of type: VALUE_STRING");
      if (member.value.is_object()) spec.params = member.value;
    } else if (member.key == "options") {
      if (!member.value.empty())
        return Error(error_types::kIllegalArgument, "illegal compiler options [options] specified");
    } else {
      return Error(error_types::kXContentParse, "[script] unknown field [" + member.key + "]");
    }
  }
  if (has_source && !spec.id.empty())
    return Error(error_types::kIllegalArgument,
                 "must specify either [source] or [id] for a [script], not both");
  if (!has_source && spec.id.empty()) {
    return Error(error_types::kIllegalArgument,
                 "must specify either [source] for an inline script or [id] for a stored script");
  }
  if (!spec.id.empty() && has_lang) {
    return Error(error_types::kIllegalArgument, "illegally specified <lang> for a stored script");
  }
  return spec;
}

}  // namespace stratalog::query::script
