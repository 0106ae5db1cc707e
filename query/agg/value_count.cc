// value_count: how many values, each of a row's counted. Doc page "Value count aggregation".
#include "query/agg/any_values.h"
#include "query/agg/kinds.h"

namespace stratalog::query {

namespace {

struct CountResult final : AggResult {
  uint64_t count = 0;
  void merge(AggResult& other) override { count += static_cast<CountResult&>(other).count; }
};

class ValueCountAggregator final : public Aggregator {
 public:
  explicit ValueCountAggregator(AnyValues values) : values_(std::move(values)) {}
  void begin_segment(const SegmentContext& segment) override { values_.begin_segment(segment); }
  void collect(const SegmentContext&, const OwnedRows& rows) override {
    if (values_.numeric() != nullptr) {
      values_.numeric()->gather(rows.rows, numbers_);
      add(rows, numbers_);
    } else if (values_.ordinals() != nullptr) {
      values_.ordinals()->gather(rows.rows, ordinals_);
      add(rows, ordinals_);
    } else if (values_.missing()) {
      for (size_t i = 0; i < rows.rows.size(); ++i) ++of(rows.owner(i));
    }
  }
  AggResultPtr result(uint32_t owner) override {
    auto out = std::make_unique<CountResult>();
    if (owner < counts_.size()) out->count = counts_[owner];
    return out;
  }

 private:
  template <typename Batch>
  void add(const OwnedRows& rows, const Batch& batch) {
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      const uint32_t count = batch.end(i) - batch.begin(i);
      of(rows.owner(i)) += count == 0 && values_.missing() ? 1 : count;
    }
  }
  uint64_t& of(uint32_t owner) {
    if (owner >= counts_.size()) counts_.resize(owner + 1);
    return counts_[owner];
  }
  AnyValues values_;
  index::NumericBatch numbers_;
  index::OrdinalBatch ordinals_;
  std::vector<uint64_t> counts_;
};

class ValueCountSpec final : public AggSpec {
 public:
  Result<std::unique_ptr<Aggregator>> start(const IndexContext& index) const override {
    ASSIGN_OR_RETURN(AnyValues values, AnyValues::make(index, options, type));
    return std::unique_ptr<Aggregator>(std::make_unique<ValueCountAggregator>(std::move(values)));
  }
  AggResultPtr empty() const override { return std::make_unique<CountResult>(); }
  std::string_view type_name(const AggResult&) const override { return type; }
  void render(const AggResult& result, json::Writer& out, const RenderOptions&) const override {
    out.field("value", static_cast<const CountResult&>(result).count);
  }
  Result<double> metric(const AggResult& result, std::string_view) const override {
    return static_cast<double>(static_cast<const CountResult&>(result).count);
  }
  ValueOptions options;
};

}  // namespace

Result<AggSpecPtr> parse_value_count(const Node& options, const AggParse& parse) {
  auto spec = std::make_unique<ValueCountSpec>();
  std::vector<Option> known;
  spec->options.add_to(known);
  RETURN_IF_ERROR(read_options(options, parse.type, known));
  RETURN_IF_ERROR(spec->options.require_field());
  return AggSpecPtr(std::move(spec));
}

}  // namespace stratalog::query
