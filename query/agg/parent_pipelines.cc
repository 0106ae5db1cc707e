// bucket_script, bucket_selector, bucket_sort, derivative, cumulative_sum, moving_fn, serial_diff.
#include <algorithm>
#include <cmath>

#include "query/agg/pipeline_spec.h"
#include "query/exec/search_memory.h"
#include "query/script/fault.h"
#include "query/script/script.h"

namespace stratalog::query {

namespace {

Option read_script(script::ScriptSpec& to, bool& given) {
  return {"script", Takes::kAny, [&](const Node& value) -> Status {
            ASSIGN_OR_RETURN(to, script::parse_script(value.to_value()));
            given = true;
            return {};
          }};
}

Status script_wanted(bool given, const AggParse& parse, const Node& options) {
  if (given) return {};
  return parsing_error(options.end(), "Missing required field [script] for " +
                                          std::string(parse.type) + " aggregation [" +
                                          std::string(parse.name) + "]");
}

// A script over buckets: parameters, and numbers of the bucket among them.
class BucketScript {
 public:
  static Result<std::unique_ptr<BucketScript>> make(const script::ScriptSpec& spec,
                                                    script::Context context,
                                                    RequestContext& request) {
    ASSIGN_OR_RETURN(const auto program, script::compile(spec, context));
    auto out = std::make_unique<BucketScript>(program, spec);
    out->heap_.set_stop([&request] { return request.expired(); });
    return out;
  }
  BucketScript(script::ProgramPtr program, const script::ScriptSpec& spec)
      : spec_(spec), run_(std::move(program), heap_) {}

  // `use` reads the result.
  template <typename Bind, typename Use>
  Status run(Bind&& bind, Use&& use) {
    check_memory();
    try {
      const script::Value params = script::from_json(heap_, spec_.params);
      bind(params.as<script::Map>(), heap_, run_);
      run_.bind(0, params);
      use(run_.execute_or_throw());
      return {};
    } catch (const script::ScriptFault& fault) {
      return run_.runtime_error(fault);
    }
  }

 private:
  const script::ScriptSpec& spec_;
  script::Heap heap_;
  script::Run run_;
};

class Scripted : public ParentPipeline {
 public:
  Status parse(const Node& options, const AggParse& where) {
    named_paths_ = true;
    bool given = false;
    RETURN_IF_ERROR(read(options, where, {read_script(script_, given)}));
    return script_wanted(given, where, options);
  }
  Status run(const AggSpec& spec, size_t at, std::vector<BucketView>& buckets,
             RequestContext& request) const override {
    ASSIGN_OR_RETURN(const auto script,
                     BucketScript::make(script_, script::Context::kBucket, request));
    std::vector<BucketView> kept;
    for (BucketView& bucket : buckets) {
      std::vector<std::pair<std::string, double>> numbers;
      bool gap = false;
      for (const auto& [variable, where] : paths()) {
        ASSIGN_OR_RETURN(const double value, bucket_number(spec, bucket, where, gap_policy_));
        gap |= std::isnan(value);
        numbers.emplace_back(variable, value);
      }
      bool keep = true;
      if (selects_ || !gap) {
        const Status ran = script->run(
            [&](script::Map& params, script::Heap& heap, script::Run&) {
              for (const auto& [variable, value] : numbers)
                params.put(heap.string(variable), script::Value::of_double(value));
            },
            [&](const script::Value& value) {
              if (selects_) {
                if (!value.is_bool() && !value.is_number())
                  script::fail_cast("cannot cast def [" + script::def_name(value) + "] to boolean");
                keep = value.is_bool() ? value.as_bool() : value.to_double() == 1;
              } else if (!value.is_null()) {
                give(*bucket.children, at, script::real_argument(value));
              }
            });
        if (!ran) return ran;
      }
      if (keep) kept.push_back(bucket);
    }
    buckets = std::move(kept);
    return {};
  }
  explicit Scripted(bool selects) : selects_(selects) {}

 private:
  const bool selects_;
  script::ScriptSpec script_;
};

class MovingFunction final : public ParentPipeline {
 public:
  Status parse(const Node& options, const AggParse& where) {
    bool given = false;
    std::optional<double> window, shift;
    RETURN_IF_ERROR(read(
        options, where,
        {read_script(script_, given), set_number("window", window), set_number("shift", shift)}));
    RETURN_IF_ERROR(script_wanted(given, where, options));
    if (!window || *window < 1) {
      return Error(error_types::kIllegalArgument, "[window] must be a positive, non-zero integer.");
    }
    window_ = static_cast<int64_t>(std::min(*window, 1e6));
    shift_ = static_cast<int64_t>(std::clamp(shift.value_or(0), -1e6, 1e6));
    return {};
  }
  Status run(const AggSpec& spec, size_t at, std::vector<BucketView>& buckets,
             RequestContext& request) const override {
    ASSIGN_OR_RETURN(const auto script,
                     BucketScript::make(script_, script::Context::kMovingFunction, request));
    std::vector<double> all;
    for (const BucketView& bucket : buckets) {
      ASSIGN_OR_RETURN(const double value, bucket_number(spec, bucket, path(), gap_policy_));
      all.push_back(value);
    }
    std::vector<double> values;
    for (const double value : all) {
      if (!std::isnan(value)) values.push_back(value);
    }
    const auto count = static_cast<int64_t>(values.size());
    int64_t index = 0;
    for (size_t i = 0; i < buckets.size(); ++i) {
      if (std::isnan(all[i])) continue;
      const int64_t from = std::clamp<int64_t>(index - window_ + shift_, 0, count);
      const int64_t to = std::clamp<int64_t>(index + shift_, from, count);
      RETURN_IF_ERROR(script->run(
          [&](script::Map&, script::Heap& heap, script::Run& run) {
            std::vector<script::Value> window;
            for (int64_t v = from; v < to; ++v)
              window.push_back(script::Value::of_double(values[static_cast<size_t>(v)]));
            static_cast<void>(heap);
            const script::Value array = run.list(std::move(window), script::Class::kArray);
            array.as<script::List>().element = script::Tag::kDouble;
            run.bind(script::variable(script::Context::kMovingFunction, "values"), array);
          },
          [&](const script::Value& value) {
            give(*buckets[i].children, at, script::real_argument(value));
          }));
      ++index;
    }
    return {};
  }

 private:
  script::ScriptSpec script_;
  int64_t window_ = 1;
  int64_t shift_ = 0;
};

class Differences final : public ParentPipeline {
 public:
  explicit Differences(bool lagged) : lagged_(lagged) {}
  Status parse(const Node& options, const AggParse& where) {
    std::optional<double> lag;
    std::vector<Option> more;
    if (lagged_) more.push_back(set_number("lag", lag));
    RETURN_IF_ERROR(read(options, where, std::move(more)));
    if (lag && (*lag < 1 || *lag > 1e6))
      return Error(error_types::kIllegalArgument, "[lag] must be a positive integer");
    lag_ = static_cast<size_t>(lag.value_or(1));
    return {};
  }
  std::string_view type_name(const AggResult&) const override {
    return lagged_ ? "simple_value" : "derivative";
  }
  Status run(const AggSpec& spec, size_t at, std::vector<BucketView>& buckets,
             RequestContext&) const override {
    std::vector<double> seen;
    for (BucketView& bucket : buckets) {
      ASSIGN_OR_RETURN(const double value, bucket_number(spec, bucket, path(), gap_policy_));
      if (seen.size() >= lag_) {
        const double before = seen[seen.size() - lag_];
        const bool gap = std::isnan(value) || std::isnan(before);
        if (!lagged_ || !gap) give(*bucket.children, at, value - before);
      }
      seen.push_back(value);
    }
    return {};
  }

 private:
  const bool lagged_;
  size_t lag_ = 1;
};

class CumulativeSum final : public ParentPipeline {
 public:
  Status run(const AggSpec& spec, size_t at, std::vector<BucketView>& buckets,
             RequestContext&) const override {
    double sum = 0;
    for (BucketView& bucket : buckets) {
      ASSIGN_OR_RETURN(const double value,
                       bucket_number(spec, bucket, path(), GapPolicy::kInsertZeros));
      sum += value;
      give(*bucket.children, at, sum);
    }
    return {};
  }
};

class BucketSort final : public ParentPipeline {
 public:
  Status parse(const Node& options, const AggParse& where) {
    path_wanted_ = false;
    std::optional<double> from, size;
    const Status known = read(options, where,
                              {set_number("from", from),
                               set_number("size", size),
                               {"sort", Takes::kAny, [&](const Node& value) -> Status {
                                  if (!value.is_array()) return read_key(value);
                                  for (const Node& one : value.elements())
                                    RETURN_IF_ERROR(read_key(one));
                                  return {};
                                }}});
    if (!known) return known;
    if (from && *from < 0)
      return Error(error_types::kIllegalArgument, "[from] must be a non-negative integer");
    if (size && *size < 1)
      return Error(error_types::kIllegalArgument, "[size] must be a positive integer");
    if (keys_.empty() && !from && !size) {
      return validation("[" + std::string(where.name) +
                        "] is configured to perform nothing. Please set either of [sort, size, "
                        "from] to use bucket_sort");
    }
    from_ = static_cast<size_t>(std::min(from.value_or(0), 1e9));
    size_ = static_cast<size_t>(std::min(size.value_or(1e9), 1e9));
    return {};
  }
  Status run(const AggSpec& spec, size_t, std::vector<BucketView>& buckets,
             RequestContext&) const override {
    struct Ranked {
      BucketView bucket;
      std::vector<double> values;
    };
    std::vector<Ranked> ranked;
    for (const BucketView& bucket : buckets) {
      Ranked one{bucket, {}};
      bool any = keys_.empty();
      for (const Key& key : keys_) {
        ASSIGN_OR_RETURN(const double value, bucket_number(spec, bucket, key.path, gap_policy_));
        any |= !std::isnan(value);
        one.values.push_back(value);
      }
      if (any) ranked.push_back(std::move(one));
    }
    std::stable_sort(ranked.begin(), ranked.end(), [&](const Ranked& a, const Ranked& b) {
      for (size_t i = 0; i < keys_.size(); ++i) {
        const bool a_gap = std::isnan(a.values[i]), b_gap = std::isnan(b.values[i]);
        if (a_gap || b_gap) {  // gaps come last
          if (a_gap != b_gap) return b_gap;
          continue;
        }
        if (a.values[i] != b.values[i]) return (a.values[i] < b.values[i]) != keys_[i].descending;
      }
      return false;
    });
    buckets.clear();
    for (size_t i = from_; i < ranked.size() && i - from_ < size_; ++i)
      buckets.push_back(ranked[i].bucket);
    return {};
  }

 private:
  struct Key {
    std::string path;
    bool descending = false;
  };
  static Error validation(std::string reason) {
    return Error(error_types::kActionRequestValidation,
                 "Validation Failed: 1: " + std::move(reason) + ";");
  }
  Status read_key(const Node& value) {
    if (value.is_string()) {
      keys_.push_back({value.text(), false});
      return {};
    }
    for (const NodeMember& member : value.members()) {
      Key key{member.key, false};
      const Node* order = member.value.is_object() ? member.value.find("order") : &member.value;
      if (member.value.is_object() && member.value.size() != (order == nullptr ? 0U : 1U)) {
        return parsing_error(member.value.start(),
                             "[bucket_sort] takes only [order] for [" + member.key + "]");
      }
      if (order != nullptr) {
        if (order->text() != "asc" && order->text() != "desc")
          return parsing_error(order->start(), "unknown order [" + order->text() + "]");
        key.descending = order->text() == "desc";
      }
      keys_.push_back(std::move(key));
    }
    return {};
  }
  std::vector<Key> keys_;
  size_t from_ = 0, size_ = 0;
};

}  // namespace

Result<AggSpecPtr> parse_parent_pipeline(const Node& options, const AggParse& parse) {
  const auto made = [&](auto spec) -> Result<AggSpecPtr> {
    RETURN_IF_ERROR(spec->parse(options, parse));
    return AggSpecPtr(std::move(spec));
  };
  if (parse.type == "bucket_script") return made(std::make_unique<Scripted>(false));
  if (parse.type == "bucket_selector") return made(std::make_unique<Scripted>(true));
  if (parse.type == "bucket_sort") return made(std::make_unique<BucketSort>());
  if (parse.type == "moving_fn") return made(std::make_unique<MovingFunction>());
  if (parse.type == "derivative") return made(std::make_unique<Differences>(false));
  if (parse.type == "serial_diff") return made(std::make_unique<Differences>(true));
  auto sum = std::make_unique<CumulativeSum>();
  RETURN_IF_ERROR(sum->read(options, parse, {}));
  return AggSpecPtr(std::move(sum));
}

}  // namespace stratalog::query
