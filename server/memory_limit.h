// How much memory there is for this process: the control group's limit (v2 or v1), else the
// machine's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace stratalog::server {

// The smallest limit on the way from the process' group to the root; `root` is "" but in tests.
// Empty without a limit.
std::optional<uint64_t> cgroup_limit_bytes(const std::string& root = {});

uint64_t physical_memory_bytes();
uint64_t available_memory_bytes();  // the smaller of both

// What memory.limit is without a setting: all of a control group, which is ours alone as a rule; a
// quarter of a machine, which is not, and at most 512 MiB of it.
uint64_t default_memory_limit_bytes();

}  // namespace stratalog::server
