// scripted_metric: init, map, combine on an index's rows, reduce over what they gave. Doc page
// "Scripted metric aggregation".
#include "index/fault.h"
#include "query/agg/kinds.h"
#include "query/agg/options.h"
#include "query/exec/row_script.h"
#include "query/exec/search_memory.h"
#include "query/script/fault.h"

namespace stratalog::query {

namespace {

using script::Context;

struct ScriptedResult final : AggResult {
  std::vector<json::Value> states;  // of the indices
  json::Value value;                // after finish
  void merge(AggResult& other) override {
    auto& from = static_cast<ScriptedResult&>(other);
    for (json::Value& state : from.states) states.push_back(std::move(state));
  }
};

struct Scripts {
  std::optional<script::ScriptSpec> init, map, combine, reduce;
  json::Value params = json::Value::object();
  // A script's own parameters over those of the aggregation.
  script::ScriptSpec with_params(const script::ScriptSpec& spec) const {
    script::ScriptSpec out = spec;
    json::Value all = params;
    for (const json::Member& member : spec.params.as_object()) all.set(member.key, member.value);
    out.params = std::move(all);
    return out;
  }
};

// Runs a script that sees a state and no rows.
json::Value run_on_state(const script::ScriptSpec& spec, Context context, script::Heap& heap,
                         const char* name, const script::Value& state, bool wants_result) {
  const auto program = script::compile(spec, context);
  if (!program) throw index::SegmentFault(program.error());
  script::Run run(*program, heap);
  try {
    run.bind(script::variable(context, "params"), script::from_json(heap, spec.params));
    run.bind(script::variable(context, name), state);
    const script::Value out = run.execute_or_throw();
    return wants_result ? script::to_json(out) : json::Value();
  } catch (const script::ScriptFault& fault) {
    throw index::SegmentFault(run.runtime_error(fault));
  }
}

class ScriptedAggregator final : public Aggregator {
 public:
  ScriptedAggregator(const Scripts& scripts, std::shared_ptr<RowScript> map)
      : scripts_(scripts), map_(std::move(map)) {}
  // States are the rows' script's: they go before it.
  ~ScriptedAggregator() override {
    map_->run().bind(script::variable(Context::kAggsMap, "state"), script::Value());
    states_.clear();
  }
  ScriptedAggregator(const ScriptedAggregator&) = delete;
  ScriptedAggregator& operator=(const ScriptedAggregator&) = delete;

  void begin_segment(const SegmentContext& segment) override { map_->begin_segment(segment); }

  void collect(const SegmentContext&, const OwnedRows& rows) override {
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      if (i % 64 == 0) check_memory();
      script::Run& run = map_->run();
      run.bind(script::variable(Context::kAggsMap, "state"), state(rows.owner(i)));
      map_->move_to(rows.rows[i]);
      try {
        run.execute_or_throw();
      } catch (const script::ScriptFault& fault) {
        throw index::SegmentFault(run.runtime_error(fault));
      }
    }
  }

  AggResultPtr result(uint32_t owner) override {
    auto out = std::make_unique<ScriptedResult>();
    const script::Value found = state(owner);
    if (scripts_.combine) {
      out->states.push_back(run_on_state(scripts_.with_params(*scripts_.combine),
                                         Context::kAggsCombine, map_->heap(), "state", found,
                                         true));
    } else {
      try {
        out->states.push_back(script::to_json(found));
      } catch (const script::ScriptFault& fault) {
        throw index::SegmentFault(map_->run().runtime_error(fault));
      }
    }
    return out;
  }

 private:
  script::Value state(uint32_t owner) {
    if (owner >= states_.size()) states_.resize(owner + 1);
    script::Value& kept = states_[owner];
    if (kept.is_null()) {
      kept = script::Value(&map_->heap().make<script::Map>());
      if (scripts_.init) {
        run_on_state(scripts_.with_params(*scripts_.init), Context::kAggsInit, map_->heap(),
                     "state", kept, false);
      }
    }
    return kept;
  }

  const Scripts& scripts_;
  const std::shared_ptr<RowScript> map_;
  std::vector<script::Value> states_;
};

class ScriptedSpec final : public AggSpec {
 public:
  Result<std::unique_ptr<Aggregator>> start(const IndexContext& index) const override {
    ASSIGN_OR_RETURN(auto map,
                     RowScript::make(index, scripts.with_params(*scripts.map), Context::kAggsMap));
    for (const auto& [spec, context] : {std::pair(&scripts.init, Context::kAggsInit),
                                        std::pair(&scripts.combine, Context::kAggsCombine)}) {
      if (*spec) RETURN_IF_ERROR(script::compile(**spec, context));
    }
    return std::unique_ptr<Aggregator>(
        std::make_unique<ScriptedAggregator>(scripts, std::move(map)));
  }
  AggResultPtr empty() const override { return std::make_unique<ScriptedResult>(); }
  Status finish(AggResult& result, FinishContext&) const override {
    auto& scripted = static_cast<ScriptedResult&>(result);
    json::Value states = json::Value::array();
    for (json::Value& state : scripted.states) states.push_back(std::move(state));
    scripted.states.clear();
    if (!scripts.reduce) {
      scripted.value = std::move(states);
      return {};
    }
    try {
      script::Heap heap;
      const script::Value all = script::from_json(heap, states);
      scripted.value = run_on_state(scripts.with_params(*scripts.reduce), Context::kAggsReduce,
                                    heap, "states", all, true);
      return {};
    } catch (const index::SegmentFault& fault) {
      if (!(fault.error().type == error_types::kScript)) throw;
      return fault.error();
    } catch (const script::ScriptFault& fault) {
      return Error(error_types::kIllegalArgument, fault.reason);
    }
  }
  std::string_view type_name(const AggResult&) const override { return type; }
  void render(const AggResult& result, json::Writer& out, const RenderOptions&) const override {
    out.field("value", static_cast<const ScriptedResult&>(result).value);
  }
  Result<double> metric(const AggResult& result, std::string_view property) const override {
    const auto number = static_cast<const ScriptedResult&>(result).value.to_double();
    if (!number || !property.empty()) return AggSpec::metric(result, property);
    return *number;
  }
  Scripts scripts;
};

}  // namespace

Result<AggSpecPtr> parse_scripted_metric(const Node& options, const AggParse& parse) {
  auto spec = std::make_unique<ScriptedSpec>();
  Scripts& scripts = spec->scripts;
  const auto script_option = [](std::string_view name, std::optional<script::ScriptSpec>& to) {
    return Option{name, Takes::kAny, [&to](const Node& value) -> Status {
                    ASSIGN_OR_RETURN(to, script::parse_script(value.to_value()));
                    return {};
                  }};
  };
  const std::vector<Option> known{script_option("init_script", scripts.init),
                                  script_option("map_script", scripts.map),
                                  script_option("combine_script", scripts.combine),
                                  script_option("reduce_script", scripts.reduce),
                                  {"params", Takes::kObject, [&](const Node& value) -> Status {
                                     scripts.params = value.to_value();
                                     return {};
                                   }}};
  RETURN_IF_ERROR(read_options(options, parse.type, known));
  const std::string name(parse.name);
  for (const auto& [given, what] :
       {std::pair(&scripts.map, "mapScript"), std::pair(&scripts.combine, "combineScript"),
        std::pair(&scripts.reduce, "reduceScript")}) {
    if (!*given) {
      return Error(error_types::kIllegalArgument,
                   "[" + std::string(what) + "] must not be null: [" + name + "]");
    }
  }
  return AggSpecPtr(std::move(spec));
}

}  // namespace stratalog::query
