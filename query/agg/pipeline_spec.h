// What pipelines share: paths to numbers of buckets, gaps, and the one number that most give.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/agg/kinds.h"
#include "query/agg/options.h"
#include "query/agg/values.h"

namespace stratalog::query {

enum class GapPolicy : uint8_t { kSkip, kInsertZeros, kKeepValues };

struct PipelineResult final : AggResult {
  bool given = false;
  double value = 0;
  std::vector<std::string> keys;                        // of max_bucket and min_bucket
  std::vector<std::pair<std::string, double>> members;  // of stats_bucket and the like
  void merge(AggResult&) override {}
};

class PipelineSpec : public AggSpec {
 public:
  Result<std::unique_ptr<Aggregator>> start(const IndexContext&) const override;
  AggResultPtr empty() const override { return std::make_unique<PipelineResult>(); }
  bool shown(const AggResult& result) const override {
    return static_cast<const PipelineResult&>(result).given;
  }
  void render(const AggResult& result, json::Writer& out,
              const RenderOptions& options) const override;
  std::string_view type_name(const AggResult&) const override { return "simple_value"; }
  Result<double> metric(const AggResult& result, std::string_view property) const override;
  // Reads buckets_path, gap_policy, format and `more`.
  Status read(const Node& options, const AggParse& parse, std::vector<Option> more);
  const std::map<std::string, std::string>& paths() const { return paths_; }

 protected:
  const std::string& path() const { return paths_.begin()->second; }
  void give(ChildResults& results, size_t at, double value) const {
    auto& result = static_cast<PipelineResult&>(*results[at]);
    result.given = true;
    result.value = value;
  }
  void write_number(json::Writer& out, std::string_view member, double value) const;

  bool named_paths_ = false;  // bucket_script: an object of names and paths
  bool path_wanted_ = true;
  GapPolicy gap_policy_ = GapPolicy::kSkip;
  std::optional<std::string> format_;

 private:
  std::map<std::string, std::string> paths_;  // by name; "" for one alone
};

class ParentPipeline : public PipelineSpec {
 public:
  Stage stage() const override { return Stage::kParent; }
  // `at`: its place among the children of `spec`.
  virtual Status run(const AggSpec& spec, size_t at, std::vector<BucketView>& buckets,
                     RequestContext& request) const = 0;
};

class SiblingPipeline : public PipelineSpec {
 public:
  Stage stage() const override { return Stage::kSibling; }
  virtual Status run(const std::vector<AggSpecPtr>& specs, ChildResults& results,
                     size_t at) const = 0;
};

// A bucket's number by its path; NaN for a gap that is skipped.
Result<double> bucket_number(const AggSpec& spec, const BucketView& bucket, std::string_view path,
                             GapPolicy policy);

}  // namespace stratalog::query
