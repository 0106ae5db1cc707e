// `script`: rows for which a script says true.
#include "index/fault.h"
#include "query/dsl/parse_helpers.h"
#include "query/dsl/registry.h"
#include "query/exec/constant.h"
#include "query/exec/row_script.h"

namespace stratalog::query {
namespace {

class ScriptRows final : public SegmentQuery {
 public:
  ScriptRows(std::shared_ptr<RowScript> script, const SegmentContext& segment, float score)
      : script_(std::move(script)), segment_(segment), score_(score) {}

  void evaluate(index::RowId begin, index::RowId end, const uint64_t* mask,
                uint64_t* bits) override {
    script_->begin_segment(segment_);
    std::fill_n(bits, words_for(end - begin), 0);
    for (index::RowId row = begin; row < end; ++row) {
      if (mask != nullptr && !get_bit(mask, row - begin)) continue;
      // A script may throw at what a deleted row holds.
      if (segment_.deleted != nullptr && segment_.deleted->get(row)) continue;
      if (script_->truth(row)) set_bit(bits, row - begin);
    }
  }
  void score(std::span<const index::RowId> rows, float* scores) override {
    std::fill_n(scores, rows.size(), score_);
  }
  // Dear: after all that is not.
  uint64_t cost() const override { return uint64_t{segment_.row_count()} * 1000; }
  index::RowRange bounds() const override { return all_rows(segment_); }
  float max_score() const override { return score_; }

 private:
  const std::shared_ptr<RowScript> script_;
  const SegmentContext& segment_;
  const float score_;
};

class ScriptClause final : public Clause {
 public:
  std::string_view kind() const override { return "script"; }
  Result<PlanPtr> plan(const PlanContext& context) const override {
    ASSIGN_OR_RETURN(std::shared_ptr<RowScript> script,
                     RowScript::make(context.index, spec, script::Context::kFilter));
    const float score = context.boost;
    return lambda_plan([script, score](const SegmentContext& segment) -> SegmentQueryPtr {
      return std::make_unique<ScriptRows>(script, segment, score);
    });
  }
  script::ScriptSpec spec;
};

}  // namespace

Result<ClausePtr> parse_script_query(const Node& body, ParseContext& context) {
  auto clause = std::make_shared<ScriptClause>();
  bool given = false;
  for (const NodeMember& member : body.members()) {
    ASSIGN_OR_RETURN(const bool common, read_common(*clause, member, context));
    if (common) continue;
    if (member.key != "script") {
      return fail_at(context, member.value.start(),
                     "[script] query does not support [" + member.key + "]");
    }
    auto spec = script::parse_script(member.value.to_value());
    if (!spec) return fail_with(context, member.value.start(), std::move(spec.error()));
    clause->spec = std::move(*spec);
    given = true;
  }
  if (!given) {
    return fail_at(context, body.end(), "script must be provided with a [script] query");
  }
  return ClausePtr(std::move(clause));
}

}  // namespace stratalog::query
