// Bulk bodies of Kubernetes container logs as Fluent Bit sends them: an action line and a document
// of together 760 to 800 bytes on average, of which some 160 are the line itself.
//
// Order   kChunked: runs of about 20 lines of one container, nearly in time order, as a shipper
//         that reads one file after another sends them. kShuffled: each line from another pod.
// Shape   deterministic in `seed`; strings beyond ASCII are \u escapes, as Fluent Bit writes them.
// Threads one generator, one thread.
#pragma once

#include <cstdint>
#include <string>

#include "bench/cluster.h"
#include "bench/random.h"

namespace stratalog::bench {

enum class ArrivalOrder { kChunked, kShuffled };

struct GeneratorOptions {
  uint64_t docs = 1'000'000;
  uint64_t seed = 1;
  ArrivalOrder order = ArrivalOrder::kChunked;
  int64_t start_ms = 1'714'521'600'000;  // 2024-05-01
  int64_t span_ms = 86'400'000;          // the documents are spread evenly over it
  std::string index = {};                // one index for all; empty: logstash-YYYY.MM.DD
  std::string prefix = "logstash";
};

class LogGenerator {
 public:
  explicit LogGenerator(GeneratorOptions options);

  bool done() const { return made_ == options_.docs; }
  // Appends the next action line and document. Not after done().
  void append_next(std::string& out);

 private:
  GeneratorOptions options_;
  Cluster cluster_;
  Random random_;
  uint64_t made_ = 0;
  const Pod* pod_ = nullptr;
  uint64_t left_in_chunk_ = 0;
  int64_t at_ms_ = 0;
};

}  // namespace stratalog::bench
