// cardinality: how many distinct values. Doc page "Cardinality aggregation".
#include <algorithm>

#include "query/agg/any_values.h"
#include "query/agg/hyper_log_log.h"
#include "query/agg/kinds.h"
#include "query/exec/search_memory.h"

namespace stratalog::query {

namespace {

struct CardinalityResult final : AggResult {
  explicit CardinalityResult(uint8_t precision) : sketch(precision) {}
  HyperLogLog sketch;
  void merge(AggResult& other) override {
    sketch.merge(static_cast<CardinalityResult&>(other).sketch);
  }
};

class CardinalityAggregator final : public Aggregator {
 public:
  CardinalityAggregator(AnyValues values, uint8_t precision)
      : values_(std::move(values)), precision_(precision) {
    if (!values_.missing()) return;
    const auto number = values_.missing()->to_double();
    missing_hash_ = values_.field() != nullptr && values_.field()->numeric() && number
                        ? cardinality_hash(static_cast<int64_t>(*number))
                        : cardinality_hash(values_.missing()->to_text());
  }

  void begin_segment(const SegmentContext& segment) override {
    values_.begin_segment(segment);
    seen_.clear();
  }
  void collect(const SegmentContext&, const OwnedRows& rows) override {
    if (values_.numeric() != nullptr) {
      values_.numeric()->gather(rows.rows, numbers_);
      each(rows, numbers_,
           [&](uint32_t owner, int64_t value) { of(owner).add(cardinality_hash(value)); });
    } else if (values_.ordinals() != nullptr) {
      // Ordinals are only noted: their terms are read and hashed once, at the segment's end.
      values_.ordinals()->gather(rows.rows, ordinals_);
      each(rows, ordinals_, [&](uint32_t owner, uint32_t ordinal) { note(owner, ordinal); });
    } else if (missing_hash_) {
      for (size_t i = 0; i < rows.rows.size(); ++i) of(rows.owner(i)).add(*missing_hash_);
    }
  }
  void end_segment(const SegmentContext&) override {
    if (values_.ordinals() == nullptr) return;
    hash_pairs();
    if (seen_.empty()) return;
    Bitmap any(values_.ordinals()->ordinal_count());
    for (const Bitmap& marked : seen_) {
      for (size_t w = 0; w < marked.words().size(); ++w) any.words()[w] |= marked.words()[w];
    }
    std::vector<uint32_t> ordinals;
    for_each_bit(any.words(),
                 [&](size_t ordinal) { ordinals.push_back(static_cast<uint32_t>(ordinal)); });
    values_.ordinals()->terms(ordinals, [&](size_t i, std::string_view term) {
      const uint64_t hash = cardinality_hash(term);
      for (uint32_t owner = 0; owner < seen_.size(); ++owner) {
        if (seen_[owner].size() != 0 && seen_[owner].get(ordinals[i])) of(owner).add(hash);
      }
    });
    seen_.clear();
  }
  AggResultPtr result(uint32_t owner) override {
    auto out = std::make_unique<CardinalityResult>(precision_);
    if (owner < sketches_.size()) out->sketch = std::move(sketches_[owner]);
    return out;
  }

 private:
  template <typename Batch, typename Add>
  void each(const OwnedRows& rows, const Batch& batch, Add&& add) {
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      const uint32_t owner = rows.owner(i);
      if (batch.begin(i) == batch.end(i) && missing_hash_) of(owner).add(*missing_hash_);
      for (uint32_t v = batch.begin(i); v < batch.end(i); ++v) add(owner, batch.values[v]);
    }
  }
  // The first owners have bitmaps, as many as there is room for: where owners are few, or one, each
  // has many rows. The others' ordinals are listed.
  void note(uint32_t owner, uint32_t ordinal) {
    const uint32_t ordinal_count = values_.ordinals()->ordinal_count();
    const size_t owners_max = std::max<size_t>(kMarkBytes / (ordinal_count / 8 + 1), 1);
    if (owner < owners_max) {
      if (owner >= seen_.size()) seen_.resize(owner + 1);
      if (seen_[owner].size() == 0) seen_[owner] = Bitmap(ordinal_count);
      seen_[owner].set(ordinal);
      return;
    }
    pairs_.push_back(uint64_t{ordinal} << 32 | owner);
    if (pairs_.size() == kPairsMax) hash_pairs();
  }
  void hash_pairs() {
    std::sort(pairs_.begin(), pairs_.end());
    std::vector<uint32_t> ordinals;
    for (const uint64_t pair : pairs_) {
      const auto ordinal = static_cast<uint32_t>(pair >> 32);
      if (ordinals.empty() || ordinals.back() != ordinal) ordinals.push_back(ordinal);
    }
    size_t at = 0;
    values_.ordinals()->terms(ordinals, [&](size_t i, std::string_view term) {
      const uint64_t hash = cardinality_hash(term);
      for (; at < pairs_.size() && pairs_[at] >> 32 == ordinals[i]; ++at)
        of(static_cast<uint32_t>(pairs_[at])).add(hash);
      check_memory();
    });
    pairs_.clear();
  }
  HyperLogLog& of(uint32_t owner) {
    while (owner >= sketches_.size()) sketches_.emplace_back(precision_);
    return sketches_[owner];
  }

  AnyValues values_;
  uint8_t precision_;
  std::optional<uint64_t> missing_hash_;
  index::NumericBatch numbers_;
  index::OrdinalBatch ordinals_;
  static constexpr size_t kMarkBytes = 8 << 20;  // of seen_
  static constexpr size_t kPairsMax = 512 << 10;
  std::vector<Bitmap> seen_;     // by owner: ordinals of the current segment
  std::vector<uint64_t> pairs_;  // ordinal of the current segment << 32 | owner
  std::vector<HyperLogLog> sketches_;
};

class CardinalitySpec final : public AggSpec {
 public:
  Result<std::unique_ptr<Aggregator>> start(const IndexContext& index) const override {
    ASSIGN_OR_RETURN(AnyValues values, AnyValues::make(index, options, type));
    return std::unique_ptr<Aggregator>(
        std::make_unique<CardinalityAggregator>(std::move(values), precision));
  }
  AggResultPtr empty() const override { return std::make_unique<CardinalityResult>(precision); }
  std::string_view type_name(const AggResult&) const override { return type; }
  void render(const AggResult& result, json::Writer& out, const RenderOptions&) const override {
    out.field("value", static_cast<const CardinalityResult&>(result).sketch.cardinality());
  }
  Result<double> metric(const AggResult& result, std::string_view) const override {
    return static_cast<double>(static_cast<const CardinalityResult&>(result).sketch.cardinality());
  }
  ValueOptions options;
  uint8_t precision = HyperLogLog::precision_for(3000);
};

}  // namespace

Result<AggSpecPtr> parse_cardinality(const Node& options, const AggParse& parse) {
  auto spec = std::make_unique<CardinalitySpec>();
  std::vector<Option> known;
  spec->options.add_to(known);
  known.push_back(ignore_hint("rehash", Takes::kBool));
  known.push_back(ignore_hint("execution_hint", Takes::kString));
  known.push_back(
      {"precision_threshold", Takes::kNumber, [&](const Node& value) -> Status {
         const auto threshold = value.to_int();
         if (!threshold || *threshold < 0) {
           return Error(error_types::kIllegalArgument,
                        "[precisionThreshold] must be greater than or equal to 0. Found [" +
                            value.to_text() + "] in [" + std::string(parse.name) + "]");
         }
         spec->precision = HyperLogLog::precision_for(static_cast<uint64_t>(*threshold));
         return {};
       }});
  RETURN_IF_ERROR(read_options(options, parse.type, known));
  RETURN_IF_ERROR(spec->options.require_field());
  return AggSpecPtr(std::move(spec));
}

}  // namespace stratalog::query
