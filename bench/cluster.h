// A made-up Kubernetes cluster: namespaces, apps, pods on nodes, and the metadata that Fluent Bit's
// kubernetes filter adds to each of their lines. Among the namespaces is `shop` with the apps
// `order` and `delivery`.
//
// Shape   12 namespaces, 40 apps, 284 pods; each app logs in one style (bench/log_styles.h).
// Life    everything is made at construction from the seed and does not change.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/log_styles.h"
#include "bench/random.h"

namespace stratalog::bench {

struct Pod {
  std::string kubernetes;  // the finished JSON object
  LogStyle style;
  double weight;  // how much of the traffic is its
};

class Cluster {
 public:
  explicit Cluster(uint64_t seed);

  const std::vector<Pod>& pods() const { return pods_; }
  // A pod, the busy ones more often.
  const Pod& pick(Random& random) const;

 private:
  std::vector<Pod> pods_;
  std::vector<double> weights_;  // running sum
};

}  // namespace stratalog::bench
