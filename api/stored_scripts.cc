#include "api/stored_scripts.h"

#include "query/script/script.h"

namespace stratalog::api {

namespace {
constexpr std::string_view kRecord = "scripts/stored";
// All of them are one record, in memory too.
constexpr size_t kRecordBytesMax = 4 << 20;

// The context that a name of a REST call stands for; compiled for a test where it is not known.
std::optional<query::script::Context> context_of(std::string_view name) {
  using query::script::Context;
  static constexpr std::pair<std::string_view, Context> kContexts[] = {
      {"update", Context::kUpdate},
      {"painless_test", Context::kTest},
      {"filter", Context::kFilter},
      {"score", Context::kScore},
      {"field", Context::kField},
      {"number_sort", Context::kSort},
      {"string_sort", Context::kSort},
      {"aggs", Context::kAggs},
      {"bucket_aggregation", Context::kBucket},
  };
  for (const auto& [known, context] : kContexts) {
    if (known == name) return context;
  }
  return std::nullopt;
}
}  // namespace

StoredScripts::StoredScripts(index::Engine& engine) : engine_(engine) {}

Result<std::unique_ptr<StoredScripts>> StoredScripts::open(index::Engine& engine) {
  auto out = std::make_unique<StoredScripts>(engine);
  ASSIGN_OR_RETURN(const std::optional<std::string> record, engine.get_record(kRecord));
  if (record) {
    ASSIGN_OR_RETURN(const json::Value tree, json::parse(*record));
    for (const json::Member& member : tree.as_object())
      out->scripts_.emplace(member.key, member.value);
  }
  query::script::set_stored_scripts(
      [self =
           out.get()](std::string_view id) -> std::optional<std::pair<std::string, std::string>> {
        const auto found = self->find(id);
        if (!found) return std::nullopt;
        return std::pair(found->find("lang")->as_string(), found->find("source")->as_string());
      });
  return out;
}

StoredScripts::~StoredScripts() { query::script::set_stored_scripts({}); }

std::optional<json::Value> StoredScripts::find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto it = scripts_.find(id);
  if (it == scripts_.end()) return std::nullopt;
  return it->second;
}

Status StoredScripts::put(const std::string& id, const json::Value& body,
                          std::string_view context) {
  const auto refuse = [](std::string reason) {
    return Error(error_types::kIllegalArgument, std::move(reason));
  };
  const json::Value* script = body.find("script");
  if (script == nullptr || !script->is_object())
    return Error(error_types::kParsing, "must specify stored script with [script]");
  std::string lang, source;
  json::Value options = json::Value::object();
  for (const json::Member& member : script->as_object()) {
    if (member.key == "lang") {
      lang = member.value.to_text();
    } else if (member.key == "source") {
      // A template may stand there as JSON.
      source = member.value.is_object() ? json::to_string(member.value) : member.value.to_text();
    } else if (member.key == "options" && member.value.is_object()) {
      options = member.value;
    } else if (member.key != "params") {  // taken and not kept, as in Elasticsearch
      return Error(error_types::kXContentParse,
                   "[stored script source] unknown field [" + member.key + "]");
    }
  }
  if (lang.empty()) return refuse("must specify lang for stored script");
  if (source.empty()) return refuse("must specify source for stored script");
  if (source.size() > query::script::kSourceBytesMax) {
    return refuse("exceeded max allowed stored script size in bytes [65535] with size [" +
                  std::to_string(source.size()) + "] for script [" + id + "]");
  }
  if (lang != "painless" && lang != "expression")
    return refuse("unable to put stored script with unsupported lang [" + lang + "]");
  if (!context.empty()) {
    const auto known = context_of(context);
    if (!known) return refuse("Unknown script context [" + std::string(context) + "]");
    RETURN_IF_ERROR(query::script::compile(lang, source, *known));
  }
  json::Value kept = json::Value::object({{"lang", lang}, {"source", source}});
  if (!options.empty()) kept.set("options", std::move(options));
  const std::lock_guard lock(mutex_);
  auto changed = scripts_;
  changed[id] = std::move(kept);
  return save_locked(std::move(changed));
}

Result<bool> StoredScripts::remove(const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto changed = scripts_;
  if (changed.erase(id) == 0) return false;
  RETURN_IF_ERROR(save_locked(std::move(changed)));
  return true;
}

// Durable before anyone sees it.
Status StoredScripts::save_locked(std::map<std::string, json::Value, std::less<>> changed) {
  json::Value all = json::Value::object();
  for (const auto& [id, script] : changed) all.as_object().push_back({id, script});
  const std::string record = json::to_string(all);
  if (record.size() > kRecordBytesMax) {
    return Error(error_types::kIllegalArgument, "all stored scripts together are longer than " +
                                                    std::to_string(kRecordBytesMax) + " bytes");
  }
  RETURN_IF_ERROR(engine_.put_record(kRecord, record));
  scripts_ = std::move(changed);
  return {};
}

}  // namespace stratalog::api
