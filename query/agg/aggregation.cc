#include "query/agg/aggregation.h"

#include <array>

#include "base/bits.h"
#include "base/hash.h"
#include "index/fault.h"
#include "query/agg/pipeline.h"
#include "query/exec/search_memory.h"

namespace stratalog::query {

using index::RowId;
using index::RowRange;

void Aggregator::collect_bits(const SegmentContext& segment, RowId begin, RowId,
                              std::span<const uint64_t> bits) {
  std::array<RowId, kBatchRows> batch;
  size_t count = 0;
  for_each_bit(bits, [&](size_t i) {
    batch[count++] = begin + static_cast<RowId>(i);
    if (count < batch.size()) return;
    collect(segment, {std::span(batch).first(count), {}});
    count = 0;
  });
  if (count > 0) collect(segment, {std::span(batch).first(count), {}});
}

void Aggregator::collect_interval(const SegmentContext& segment, RowRange rows) {
  std::array<RowId, kBatchRows> batch;
  for (RowId row = rows.begin; row < rows.end;) {
    size_t count = 0;
    while (count < batch.size() && row < rows.end) batch[count++] = row++;
    collect(segment, {std::span(batch).first(count), {}});
  }
}

Status FinishContext::add_buckets(uint64_t count) {
  check_memory();
  bucket_count += count;
  if (bucket_count <= request.buckets_max) return {};
  const std::string most = std::to_string(request.buckets_max);
  return Error(
             error_types::kTooManyBuckets,
             "Trying to create too many buckets. Must be less than or equal to: [" + most +
                 "] but this number of buckets was exceeded. This limit can be set by changing the "
                 "[search.max_buckets] cluster level setting.")
      .with_number("max_buckets", request.buckets_max);
}

Status AggSpec::finish(AggResult&, FinishContext&) const { return {}; }

Result<double> AggSpec::metric(const AggResult&, std::string_view) const {
  return Error(error_types::kIllegalArgument,
               "Invalid aggregation order path [" + name +
                   "]. Buckets can only be sorted on a sub-aggregator path that "
                   "is built out of zero or more single-bucket aggregations within the path and a "
                   "final single-bucket or a "
                   "metrics aggregation at the path end.");
}

void merge_children(ChildResults& into, ChildResults& from) {
  for (size_t i = 0; i < into.size(); ++i) into[i]->merge(*from[i]);
}

Status finish_children(const AggSpec& spec, ChildResults& children, FinishContext& context) {
  for (size_t i = 0; i < children.size(); ++i)
    RETURN_IF_ERROR(spec.children[i]->finish(*children[i], context));
  return run_sibling_pipelines(spec.children, children);
}

ChildResults empty_children(const AggSpec& spec) {
  ChildResults results;
  for (const AggSpecPtr& child : spec.children) results.push_back(child->empty());
  return results;
}

void render_children(const AggSpec& spec, const ChildResults& children, json::Writer& out,
                     const RenderOptions& options) {
  for (size_t i = 0; i < children.size(); ++i) {
    const AggSpec& child = *spec.children[i];
    if (!child.shown(*children[i])) continue;
    std::string key = child.name;
    if (options.typed_keys) key = std::string(child.type_name(*children[i])) + "#" + key;
    out.key(key).begin_object();
    if (child.meta) out.field("meta", *child.meta);
    child.render(*children[i], out, options);
    out.end_object();
  }
}

Result<std::vector<std::unique_ptr<Aggregator>>> BucketAggregator::start_children(
    const AggSpec& spec, const IndexContext& index) {
  std::vector<std::unique_ptr<Aggregator>> children;
  for (const AggSpecPtr& child : spec.children) {
    ASSIGN_OR_RETURN(auto started, child->start(index));
    children.push_back(std::move(started));
  }
  return children;
}

void BucketAggregator::begin_segment(const SegmentContext& segment) {
  for (const auto& child : children_) child->begin_segment(segment);
}
void BucketAggregator::end_segment(const SegmentContext& segment) {
  for (const auto& child : children_) child->end_segment(segment);
}
void BucketAggregator::collect_children(const SegmentContext& segment, std::span<const RowId> rows,
                                        std::span<const uint32_t> buckets) {
  check_memory();
  if (rows.empty()) return;
  for (const auto& child : children_) child->collect(segment, {rows, buckets});
}
ChildResults BucketAggregator::child_results(uint32_t bucket) {
  ChildResults results;
  for (const auto& child : children_) results.push_back(child->result(bucket));
  return results;
}

namespace {
uint64_t mix(uint32_t owner, uint64_t key) {
  uint64_t h = (key + owner * 0x9e3779b97f4a7c15ull) * 0xff51afd7ed558ccdull;
  h ^= h >> 32;
  h *= 0xc4ceb9fe1a85ec53ull;
  return h ^ (h >> 29);
}
}  // namespace

uint32_t BucketTable::find_or_add(uint32_t owner, uint64_t key) {
  if ((keys_.size() + 1) * 2 > slots_.size()) grow();
  const size_t mask = slots_.size() - 1;
  for (size_t at = mix(owner, key) & mask;; at = (at + 1) & mask) {
    const uint32_t slot = slots_[at];
    if (slot == 0) {
      if (keys_.size() >= kCollectedBucketsMax) {
        throw index::SegmentFault(
            Error(error_types::kCircuitBreaking,
                  "[request] Data too large, data for [<agg>] would be more than " +
                      std::to_string(kCollectedBucketsMax) + " buckets"));
      }
      keys_.push_back({owner, key});
      slots_[at] = size();
      return size() - 1;
    }
    if (keys_[slot - 1].key == key && keys_[slot - 1].owner == owner) return slot - 1;
  }
}

void BucketTable::grow() {
  check_memory(slots_.size() * 2 * (sizeof(slots_[0]) + sizeof(keys_[0])));
  slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, 0);
  const size_t mask = slots_.size() - 1;
  for (uint32_t bucket = 0; bucket < keys_.size(); ++bucket) {
    size_t at = mix(keys_[bucket].owner, keys_[bucket].key) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = bucket + 1;
  }
}

std::span<const uint32_t> BucketTable::of_owner(uint32_t owner) {
  for (; grouped_ < keys_.size(); ++grouped_) {
    const uint32_t of = keys_[grouped_].owner;
    if (of >= by_owner_.size()) by_owner_.resize(of + 1);
    by_owner_[of].push_back(grouped_);
  }
  if (owner >= by_owner_.size()) return {};
  return by_owner_[owner];
}

}  // namespace stratalog::query
