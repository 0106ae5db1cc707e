#include "query/script/update_script.h"

#include "base/clock.h"
#include "query/script/fault.h"

namespace stratalog::query::script {

Result<ContextRun> run_on_document(const ProgramPtr& program, const json::Value& params,
                                   const json::Value& members, const json::Value& source,
                                   const std::function<bool()>& stop) {
  Heap heap;
  heap.set_stop(stop);
  Run run(program, heap);
  try {
    const Value ctx = from_json(heap, members);
    auto& map = ctx.as<Map>();
    map.put(heap.string("_source"), from_json(heap, source));
    run.bind(variable(Context::kUpdate, "params"), from_json(heap, params));
    run.bind(variable(Context::kUpdate, "ctx"), ctx);
    run.execute_or_throw();
    const auto member = [&](const char* name) {
      const Value* found = map.find(heap.string(name));
      return found == nullptr ? Value() : *found;
    };
    ContextRun out;
    out.op = to_text(member("op"));
    const Value made = member("_source");
    if (!made.is(Class::kMap)) {
      fail_cast("class " + class_name(made) + " cannot be cast to class java.util.Map");
    }
    out.source = to_json(made);
    out.id = to_json(member("_id"));
    out.routing = to_json(member("_routing"));
    out.index = to_json(member("_index"));
    out.version = to_json(member("_version"));
    return out;
  } catch (const ScriptFault& fault) {
    return run.runtime_error(fault);
  }
}

index::UpdateScript update_script(const json::Value& script) {
  return [script](const index::ScriptedTarget& target,
                  json::Value source) -> Result<index::ScriptedDocument> {
    const auto failed = [](Error why) {
      return Error(error_types::kIllegalArgument, "failed to execute script")
          .because(std::move(why));
    };
    ASSIGN_OR_RETURN(const ScriptSpec spec, parse_script(script));
    const auto program = compile(spec, Context::kUpdate);
    if (!program) return failed(program.error());
    json::Value members = json::Value::object({{"op", target.create ? "create" : "index"},
                                               {"_index", target.index},
                                               {"_type", target.type},
                                               {"_id", target.id},
                                               {"_version", target.version},
                                               {"_now", wall_clock_ms()}});
    members.set("_routing", target.routing ? json::Value(*target.routing) : json::Value());
    auto ran = run_on_document(*program, spec.params, members, source);
    if (!ran) return failed(ran.error());
    index::ScriptedDocument out;
    using Outcome = index::ScriptedDocument::Op;
    // Elasticsearch takes what it doesn't know for "none".
    out.op = ran->op == (target.create ? "create" : "index") ? Outcome::kIndex
             : ran->op == "delete" && !target.create         ? Outcome::kDelete
                                                             : Outcome::kNone;
    out.source = std::move(ran->source);
    return out;
  };
}

}  // namespace stratalog::query::script
