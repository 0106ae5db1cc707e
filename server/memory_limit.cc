#include "server/memory_limit.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>

namespace stratalog::server {
namespace {

constexpr uint64_t kLimitMin = 128 << 20;
// Without a control group. More would hardly make anything faster: files stay in the system cache.
constexpr uint64_t kDefaultMax = 512 << 20;
constexpr uint64_t kNoLimit = uint64_t{1} << 60;  // v1 prints a number near 2^63 for "none"

std::optional<uint64_t> read_limit(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  if (!(file >> text)) return std::nullopt;
  uint64_t bytes = 0;
  const auto [at, code] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (code != std::errc() || bytes == 0 || bytes >= kNoLimit) return std::nullopt;
  return bytes;
}

// The group of this process in the hierarchy whose controllers contain `controller` ("" for version
// 2).
std::string group_path(const std::string& root, const std::string& controller) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {  // "4:memory:/path" or "0::/path"
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool found =
        controller.empty()
            ? controllers.empty()
            : ("," + controllers + ",").find("," + controller + ",") != std::string::npos;
    if (found) return line.substr(second + 1);
  }
  return "/";
}

std::optional<uint64_t> least_limit(const std::string& mount, std::string group,
                                    const std::string& file) {
  std::optional<uint64_t> least;
  for (;;) {
    const auto limit = read_limit(mount + (group == "/" ? "" : group) + "/" + file);
    if (limit && (!least || *limit < *least)) least = limit;
    if (group.empty() || group == "/") return least;
    group.resize(group.rfind('/'));
  }
}

}  // namespace

std::optional<uint64_t> cgroup_limit_bytes(const std::string& root) {
  const auto v2 = least_limit(root + "/sys/fs/cgroup", group_path(root, ""), "memory.max");
  const auto v1 = least_limit(root + "/sys/fs/cgroup/memory", group_path(root, "memory"),
                              "memory.limit_in_bytes");
  if (v1 && v2) return std::min(*v1, *v2);
  return v2 ? v2 : v1;
}

uint64_t physical_memory_bytes() {
  return static_cast<uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
         static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

uint64_t available_memory_bytes() {
  return std::min(physical_memory_bytes(), cgroup_limit_bytes().value_or(UINT64_MAX));
}

uint64_t default_memory_limit_bytes() {
  const uint64_t physical = physical_memory_bytes();
  const auto group = cgroup_limit_bytes();
  return std::max(kLimitMin,
                  group && *group < physical ? *group : std::min(kDefaultMax, physical / 4));
}

}  // namespace stratalog::server
