// The frame of aggregations: what is parsed (AggSpec), what collects on one index (Aggregator),
// what comes out and is merged over indices (AggResult). Each aggregation is one file of this
// folder; docs "Aggregations".
//
// Shape   Aggregators below others are fed rows with the bucket of each ("owner"): they keep one
// result an owner, by the
//         owners' small numbers from 0 on. At the top there is one owner, 0.
// Threads one thread a request.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/result.h"
#include "query/dsl/clause.h"
#include "query/exec/collector.h"
#include "query/json_tree.h"

namespace stratalog::query {

// What one aggregation found on one index, later on all.
class AggResult {
 public:
  virtual ~AggResult() = default;
  // Takes over what `other`, of the same class, found on another index.
  virtual void merge(AggResult& other) = 0;
};
using AggResultPtr = std::unique_ptr<AggResult>;

// Rows of a segment, ascending, each with its owner. A row that is in several buckets comes several
// times.
struct OwnedRows {
  std::span<const index::RowId> rows;
  std::span<const uint32_t> owners;  // empty: all are 0
  uint32_t owner(size_t i) const { return owners.empty() ? 0 : owners[i]; }
};

class Aggregator {
 public:
  virtual ~Aggregator() = default;
  virtual void begin_segment(const SegmentContext& segment) { (void)segment; }
  virtual void collect(const SegmentContext& segment, const OwnedRows& rows) = 0;
  // Whole windows and intervals of rows, only at the top; by default in batches to collect().
  virtual void collect_bits(const SegmentContext& segment, index::RowId begin, index::RowId end,
                            std::span<const uint64_t> bits);
  virtual void collect_interval(const SegmentContext& segment, index::RowRange rows);
  virtual void end_segment(const SegmentContext& segment) { (void)segment; }
  // What was found for an owner, which may never have been seen. Asked for once an owner, after all
  // segments.
  virtual AggResultPtr result(uint32_t owner) = 0;
};

// Merged results being finished.
struct FinishContext {
  RequestContext& request;
  uint64_t bucket_count = 0;
  Status add_buckets(uint64_t count);  // too_many_buckets_exception
};

struct RenderOptions {
  bool typed_keys = false;
};

// Results of a bucket's sub-aggregations, in the specs' order.
using ChildResults = std::vector<AggResultPtr>;

// One of several finished buckets, as pipelines see it.
struct BucketView {
  int64_t id = 0;  // the aggregation's
  ChildResults* children = nullptr;
  uint64_t count = 0;
  double key = 0;  // of histograms and terms of numbers
  std::string key_text;
};
// The bucket of an aggregation that has just one.
struct SingleBucket {
  const ChildResults* children;
  uint64_t count;
};

class AggSpec {
 public:
  // kParent and kSibling: pipelines (query/agg/pipeline.h).
  enum class Stage : uint8_t { kRows, kParent, kSibling };
  virtual ~AggSpec() = default;
  virtual Stage stage() const { return Stage::kRows; }
  // False: a pipeline that gave nothing for this bucket, which then has no member of its name.
  virtual bool shown(const AggResult& result) const {
    static_cast<void>(result);
    return true;
  }
  // Finished buckets in the order in which they are shown; none: it has not several.
  virtual std::optional<std::vector<BucketView>> buckets(AggResult& result) const {
    static_cast<void>(result);
    return std::nullopt;
  }
  virtual std::optional<SingleBucket> single_bucket(const AggResult& result) const {
    static_cast<void>(result);
    return std::nullopt;
  }
  virtual Result<std::unique_ptr<Aggregator>> start(const IndexContext& index) const = 0;
  // The result of no index at all.
  virtual AggResultPtr empty() const = 0;
  // Orders, cuts and fills up what was merged.
  virtual Status finish(AggResult& result, FinishContext& context) const;
  // Writes the members of the aggregation's object.
  virtual void render(const AggResult& result, json::Writer& out,
                      const RenderOptions& options) const = 0;
  // The name before "#" under typed_keys.
  virtual std::string_view type_name(const AggResult& result) const = 0;
  // A number to order buckets by; `property` is what follows the aggregation's name ("max" of
  // stats.max, else "").
  virtual Result<double> metric(const AggResult& result, std::string_view property) const;
  virtual bool takes_children() const { return false; }
  virtual bool takes_parent_pipelines() const { return false; }

  std::string name;
  std::string type;  // "date_histogram"
  std::optional<json::Value> meta;
  std::vector<std::unique_ptr<AggSpec>> children;
};
using AggSpecPtr = std::unique_ptr<AggSpec>;

// Parses the object under "aggs"; `parse.cc` knows all kinds.
Result<std::vector<AggSpecPtr>> parse_agg_specs(const Node& aggs, ParseContext& context);

void merge_children(ChildResults& into, ChildResults& from);
Status finish_children(const AggSpec& spec, ChildResults& children, FinishContext& context);
ChildResults empty_children(const AggSpec& spec);
// The sub-aggregations as members of the bucket's object.
void render_children(const AggSpec& spec, const ChildResults& children, json::Writer& out,
                     const RenderOptions& options);

// What every bucket aggregator has: its sub-aggregators, one for each spec.
class BucketAggregator : public Aggregator {
 public:
  static Result<std::vector<std::unique_ptr<Aggregator>>> start_children(const AggSpec& spec,
                                                                         const IndexContext& index);
  explicit BucketAggregator(std::vector<std::unique_ptr<Aggregator>> children)
      : children_(std::move(children)) {}
  void begin_segment(const SegmentContext& segment) override;
  void end_segment(const SegmentContext& segment) override;

 protected:
  bool has_children() const { return !children_.empty(); }
  void collect_children(const SegmentContext& segment, std::span<const index::RowId> rows,
                        std::span<const uint32_t> buckets);
  ChildResults child_results(uint32_t bucket);

 private:
  std::vector<std::unique_ptr<Aggregator>> children_;
};

// (owner, key) -> bucket number, in order of first sight.
class BucketTable {
 public:
  uint32_t find_or_add(uint32_t owner, uint64_t key);
  uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
  uint64_t key(uint32_t bucket) const { return keys_[bucket].key; }
  // The buckets of an owner, in order of first sight.
  std::span<const uint32_t> of_owner(uint32_t owner);

 private:
  struct Key {
    uint32_t owner;
    uint64_t key;
  };
  void grow();
  std::vector<Key> keys_;
  std::vector<uint32_t> slots_;  // bucket + 1
  std::vector<std::vector<uint32_t>> by_owner_;
  uint32_t grouped_ = 0;
};

// Buckets that one request may hold while it collects, over all of its aggregations: bounds its
// memory.
inline constexpr uint32_t kCollectedBucketsMax = 4'000'000;

}  // namespace stratalog::query
