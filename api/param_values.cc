#include "api/param_values.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/json.h"
#include "base/units.h"

namespace stratalog::api {

namespace {

constexpr std::array<std::string_view, 4> kTimes = {"keep_alive", "master_timeout", "timeout",
                                                    "wait_for_timeout"};
constexpr std::array<std::string_view, 16> kBooleans = {"ccs_minimize_roundtrips",
                                                        "flat_settings",
                                                        "flush",
                                                        "forbid_closed_indices",
                                                        "force",
                                                        "include_defaults",
                                                        "include_segment_file_sizes",
                                                        "include_type_name",
                                                        "include_unloaded_segments",

                                                        "local",
                                                        "only_expunge_deletes",
                                                        "preserve_existing",
                                                        "realtime",
                                                        "request_cache",
                                                        "require_alias",
                                                        "wait_if_ongoing"};

}  // namespace

Status check_param_values(const QueryParams& params) {
  for (const auto& [name, value] : params.all()) {
    if (std::find(kTimes.begin(), kTimes.end(), name) != kTimes.end()) {
      if (!value.empty()) RETURN_IF_ERROR(parse_time_value(value, name));
    } else if (std::find(kBooleans.begin(), kBooleans.end(), name) != kBooleans.end()) {
      RETURN_IF_ERROR(params.get_bool(name, false));
    }
  }
  RETURN_IF_ERROR(ActiveShards::read(params));
  return {};
}

Result<ActiveShards> ActiveShards::read(const QueryParams& params) {
  ActiveShards out;
  out.timeout_ = params.get("timeout", "1m");
  const std::string* text = params.find("wait_for_active_shards");
  if (text == nullptr) return out;
  if (*text == "all") {
    out.all_ = true;
    return out;
  }
  const auto count = json::Value(*text).to_int();
  if (!count || count > INT32_MAX) {
    return Error(error_types::kIllegalArgument, "cannot parse ActiveShardCount[" + *text + "]")
        .because(Error(error_types::kNumberFormat, "For input string: \"" + *text + "\""));
  }
  if (*count < 0)
    return Error(error_types::kIllegalArgument, "shard count cannot be a negative value");
  out.count_ = static_cast<uint64_t>(*count);
  return out;
}

std::optional<Error> ActiveShards::missing_copies(const index::CatalogState& state,
                                                  const std::string& index) const {
  if (always_satisfied()) return std::nullopt;
  std::string name = index;
  if (const auto holders = state.indices_of_alias(index); !holders.empty()) name = holders.front();
  const index::IndexMetadata* found = state.find(name);
  const uint32_t replicas = found == nullptr ? 1 : found->number_of_replicas();
  if (satisfied(replicas)) return std::nullopt;
  return Error({"unavailable_shards_exception", 503},
               "[" + name + "][0] Not enough active copies to meet shard count of [" +
                   (all_ ? "ALL" : std::to_string(count_)) + "] (have 1, needed " +
                   std::to_string(needed(replicas)) + "). Timeout: [" + timeout_ + "]");
}

}  // namespace stratalog::api
