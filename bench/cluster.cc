#include "bench/cluster.h"

#include <algorithm>

namespace stratalog::bench {
namespace {

struct App {
  const char* space;
  const char* name;
  LogStyle style;
  int pods;
};

// 40 apps in 12 namespaces; pods add up to 284.
constexpr App kApps[] = {
    {"shop", "order", LogStyle::kSpring, 16},
    {"shop", "delivery", LogStyle::kLogfmt, 12},
    {"shop", "cart", LogStyle::kJson, 10},
    {"shop", "frontend", LogStyle::kNginx, 14},
    {"shop", "catalog", LogStyle::kSpring, 8},
    {"payments", "gateway", LogStyle::kSpring, 10},
    {"payments", "ledger", LogStyle::kJson, 8},
    {"payments", "fraud", LogStyle::kPython, 6},
    {"customers", "accounts", LogStyle::kSpring, 8},
    {"customers", "sessions", LogStyle::kLogfmt, 8},
    {"customers", "mail", LogStyle::kPython, 4},
    {"warehouse", "stock", LogStyle::kSpring, 8},
    {"warehouse", "picker", LogStyle::kProse, 6},
    {"warehouse", "labels", LogStyle::kPython, 4},
    {"logistics", "routes", LogStyle::kLogfmt, 8},
    {"logistics", "couriers", LogStyle::kRussian, 6},
    {"logistics", "tracker", LogStyle::kJson, 6},
    {"search", "query", LogStyle::kSpring, 8},
    {"search", "indexer", LogStyle::kProse, 6},
    {"search", "suggest", LogStyle::kLogfmt, 4},
    {"analytics", "etl", LogStyle::kPython, 10},
    {"analytics", "reports", LogStyle::kPython, 4},
    {"analytics", "clickstream", LogStyle::kJson, 10},
    {"asia", "storefront", LogStyle::kNginx, 8},
    {"asia", "checkout", LogStyle::kJapanese, 6},
    {"asia", "support", LogStyle::kJapanese, 2},
    {"ingress", "nginx", LogStyle::kNginx, 12},
    {"ingress", "auth-proxy", LogStyle::kLogfmt, 6},
    {"messaging", "kafka", LogStyle::kProse, 9},
    {"messaging", "zookeeper", LogStyle::kProse, 3},
    {"messaging", "bridge", LogStyle::kLogfmt, 4},
    {"monitoring", "prometheus", LogStyle::kLogfmt, 4},
    {"monitoring", "grafana", LogStyle::kLogfmt, 2},
    {"monitoring", "alertmanager", LogStyle::kLogfmt, 3},
    {"monitoring", "node-exporter", LogStyle::kLogfmt, 12},
    {"kube-system", "kube-proxy", LogStyle::kKlog, 12},
    {"kube-system", "coredns", LogStyle::kProse, 4},
    {"kube-system", "calico-node", LogStyle::kKlog, 6},
    {"kube-system", "scheduler", LogStyle::kKlog, 3},
    {"kube-system", "controller-manager", LogStyle::kKlog, 4},
};

std::string metadata(const App& app, int number, const std::string& replica_set, Random& random) {
  static constexpr char kAlphabet[] = "bcdfghjklmnpqrstvwxz2456789";
  std::string suffix;
  for (int i = 0; i < 5; ++i) suffix += kAlphabet[random.below(sizeof(kAlphabet) - 1)];
  const std::string name = app.name;
  const std::string space = app.space;
  std::string out = "{\"pod_name\":\"" + name + "-" + replica_set + "-" + suffix + "\"";
  out += ",\"namespace_name\":\"" + space + "\",\"pod_id\":\"" + random.uuid() + "\"";
  out += ",\"labels\":{\"app\":\"" + name + "\",\"pod-template-hash\":\"" + replica_set + "\"}";
  if (number % 6 == 0) out += ",\"annotations\":{\"prometheus_io/scrape\":\"true\"}";
  out += ",\"host\":\"node-" + std::to_string(1 + random.below(12)) + "\",\"pod_ip\":\"10.244." +
         std::to_string(random.below(12)) + "." + std::to_string(2 + random.below(250)) + "\"";
  out += ",\"container_name\":\"" + name + "\",\"docker_id\":\"" + random.hex(64) + "\"";
  return out;
}

}  // namespace

Cluster::Cluster(uint64_t seed) {
  Random random(seed ^ 0x636c7573746572);
  double sum = 0;
  for (const App& app : kApps) {
    const std::string replica_set = random.hex(9);
    const std::string image = std::string(app.space) + "/" + app.name;
    const std::string digest = random.hex(64);
    const std::string version = std::to_string(1 + random.below(4)) + "." +
                                std::to_string(random.below(30)) + "." +
                                std::to_string(random.below(9));
    const double app_weight = 0.3 + static_cast<double>(random.skewed(30)) / 10;
    for (int i = 0; i < app.pods; ++i) {
      std::string kubernetes = metadata(app, i, replica_set, random);
      kubernetes += ",\"container_hash\":\"" + image + "@sha256:" + digest + "\"";
      kubernetes += ",\"container_image\":\"" + image + ":" + version + "\"}";
      pods_.push_back({std::move(kubernetes), app.style, app_weight});
      weights_.push_back(sum += app_weight);
    }
  }
}

const Pod& Cluster::pick(Random& random) const {
  const double at = random.unit() * weights_.back();
  const auto found = std::upper_bound(weights_.begin(), weights_.end(), at);
  return pods_[std::min<size_t>(static_cast<size_t>(found - weights_.begin()), pods_.size() - 1)];
}

}  // namespace stratalog::bench
