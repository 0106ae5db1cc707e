#include "index/catalog/setting_specs.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <vector>

#include "base/edit_distance.h"
#include "base/units.h"

namespace stratalog::index {

namespace {

constexpr double kIntMin = std::numeric_limits<int32_t>::min();
constexpr double kIntMax = std::numeric_limits<int32_t>::max();
constexpr double kLongMax = 9223372036854775807.0;
constexpr double kDoubleMax = std::numeric_limits<double>::max();

using T = SettingType;
using S = SettingScope;

// clang-format off
constexpr SettingSpec kSpecs[] = {
    {"allocation.existing_shards_allocator", T::kString, S::kPrivate, "gateway_allocator"},
    {"allocation.max_retries", T::kInt, S::kDynamic, "5", 0, kIntMax},
    {"analyze.max_token_count", T::kInt, S::kDynamic, "10000", 1, kIntMax},
    {"auto_expand_replicas", T::kAutoExpand, S::kDynamic, "false"},
    {"blocks.metadata", T::kBool, S::kDynamic, "false"},
    {"blocks.read", T::kBool, S::kDynamic, "false"},
    {"blocks.read_only", T::kBool, S::kDynamic, "false"},
    {"blocks.read_only_allow_delete", T::kBool, S::kDynamic, "false"},
    {"blocks.write", T::kBool, S::kDynamic, "false"},
    {"bulk.deduplicate_retries", T::kBool, S::kDynamic, "false"},
    {"codec", T::kEnum, S::kStatic, "default", 0, 0, "default|best_compression"},
    {"compound_format", T::kDouble, S::kDynamic, "0.1", 0, 1},
    {"data_path", T::kString, S::kStatic, ""},
    {"default_pipeline", T::kString, S::kDynamic, "_none"},
    {"fielddata.cache", T::kEnum, S::kStatic, "node", 0, 0, "node|none"},
    {"final_pipeline", T::kString, S::kDynamic, "_none"},
    {"flush_after_merge", T::kBytes, S::kDynamic, "512mb"},
    {"force_memory_term_dictionary", T::kBool, S::kStatic, "false"},
    {"format", T::kInt, S::kFinal, "0", kIntMin, kIntMax},
    {"gc_deletes", T::kTime, S::kDynamic, "60s"},
    {"hidden", T::kBool, S::kDynamic, "false"},
    {"highlight.max_analyzed_offset", T::kInt, S::kDynamic, "1000000", 1, kIntMax},
    {"indexing.slowlog.level", T::kEnum, S::kDynamic, "TRACE", 0, 0, "TRACE|DEBUG|INFO|WARN"},
    {"indexing.slowlog.reformat", T::kBool, S::kDynamic, "true"},
    {"indexing.slowlog.source", T::kString, S::kDynamic, "1000"},
    {"indexing.slowlog.threshold.index.debug", T::kTime, S::kDynamic, "-1"},
    {"indexing.slowlog.threshold.index.info", T::kTime, S::kDynamic, "-1"},
    {"indexing.slowlog.threshold.index.trace", T::kTime, S::kDynamic, "-1"},
    {"indexing.slowlog.threshold.index.warn", T::kTime, S::kDynamic, "-1"},
    {"lifecycle.indexing_complete", T::kBool, S::kDynamic, "false"},
    {"lifecycle.name", T::kString, S::kDynamic, ""},
    {"lifecycle.origination_date", T::kInt, S::kDynamic, "-1", -1, kLongMax},
    {"lifecycle.parse_origination_date", T::kBool, S::kDynamic, "false"},
    {"lifecycle.rollover_alias", T::kString, S::kDynamic, ""},
    {"lifecycle.step.wait_time_threshold", T::kTime, S::kDynamic, "12h"},
    {"load_fixed_bitset_filters_eagerly", T::kBool, S::kStatic, "true"},
    {"mapper.dynamic", T::kBool, S::kDynamic, "true"},
    {"mapping.coerce", T::kBool, S::kStatic, "false"},
    {"mapping.conflicts", T::kEnum, S::kDynamic, "reject", 0, 0, "reject|accept"},
    {"mapping.depth.limit", T::kInt, S::kDynamic, "20", 1, kIntMax},
    {"mapping.dimension_fields.limit", T::kInt, S::kDynamic, "16", 0, kIntMax},
    {"mapping.field_name_length.limit", T::kInt, S::kDynamic, "9223372036854775807", 1, kLongMax},
    {"mapping.ignore_malformed", T::kBool, S::kStatic, "false"},
    {"mapping.nested_fields.limit", T::kInt, S::kDynamic, "50", 0, kIntMax},
    {"mapping.nested_objects.limit", T::kInt, S::kDynamic, "10000", 0, kIntMax},
    {"mapping.total_fields.limit", T::kInt, S::kDynamic, "1000", 0, kLongMax},
    {"max_adjacency_matrix_filters", T::kInt, S::kDynamic, "100", 2, kIntMax},
    {"max_docvalue_fields_search", T::kInt, S::kDynamic, "100", 0, kIntMax},
    {"max_inner_result_window", T::kInt, S::kDynamic, "100", 1, kIntMax},
    {"max_ngram_diff", T::kInt, S::kDynamic, "1", 0, kIntMax},
    {"max_refresh_listeners", T::kInt, S::kDynamic, "1000", 0, kIntMax},
    {"max_regex_length", T::kInt, S::kDynamic, "1000", 1, kIntMax},
    {"max_rescore_window", T::kInt, S::kDynamic, "10000", 1, kIntMax},
    {"max_result_window", T::kInt, S::kDynamic, "10000", 1, kIntMax},
    {"max_script_fields", T::kInt, S::kDynamic, "32", 0, kIntMax},
    {"max_shingle_diff", T::kInt, S::kDynamic, "3", 0, kIntMax},
    {"max_slices_per_scroll", T::kInt, S::kDynamic, "1024", 1, kIntMax},
    {"max_terms_count", T::kInt, S::kDynamic, "65536", 1, kIntMax},
    {"merge.policy.deletes_pct_allowed", T::kDouble, S::kDynamic, "33.0", 20.0, kDoubleMax},
    {"merge.policy.expunge_deletes_allowed", T::kDouble, S::kDynamic, "10.0", 0.0, kDoubleMax},
    {"merge.policy.floor_segment", T::kBytes, S::kDynamic, "2mb"},
    {"merge.policy.max_merge_at_once", T::kInt, S::kDynamic, "10", 2, kIntMax},
    {"merge.policy.max_merge_at_once_explicit", T::kInt, S::kDynamic, "30", 2, kIntMax},
    {"merge.policy.max_merged_segment", T::kBytes, S::kDynamic, "5gb"},
    {"merge.policy.segments_per_tier", T::kDouble, S::kDynamic, "10.0", 2.0, kDoubleMax},
    {"merge.scheduler.auto_throttle", T::kBool, S::kDynamic, "true"},
    {"merge.scheduler.max_merge_count", T::kInt, S::kDynamic, "6", 1, kIntMax},
    {"merge.scheduler.max_thread_count", T::kInt, S::kDynamic, "1", 1, kIntMax},
    {"number_of_replicas", T::kInt, S::kDynamic, "1", 0, kIntMax},
    {"number_of_routing_shards", T::kInt, S::kStatic, "1", 1, kIntMax},
    {"number_of_shards", T::kInt, S::kFinal, "1", 1, 1024},
    {"optimize_auto_generated_id", T::kBool, S::kDynamic, "true"},
    {"percolator.map_unmapped_fields_as_text", T::kBool, S::kStatic, "false"},
    {"priority", T::kInt, S::kDynamic, "1", 0, kIntMax},
    {"queries.cache.enabled", T::kBool, S::kStatic, "true"},
    {"query.default_field", T::kList, S::kDynamic, "*"},
    {"query.parse.allow_unmapped_fields", T::kBool, S::kStatic, "true"},
    {"query_string.lenient", T::kBool, S::kStatic, "false"},
    {"recovery.type", T::kString, S::kStatic, ""},
    {"refresh_interval", T::kTime, S::kDynamic, "1s"},
    {"requests.cache.enable", T::kBool, S::kDynamic, "true"},
    {"rollup.source.name", T::kString, S::kPrivate, ""},
    {"rollup.source.uuid", T::kString, S::kPrivate, ""},
    {"routing.allocation.disk.watermark.ignore", T::kBool, S::kPrivate, "false"},
    {"routing.allocation.enable", T::kEnum, S::kDynamic, "all", 0, 0, "ALL|NONE|PRIMARIES|NEW_PRIMARIES"},
    {"routing.allocation.include._tier_preference", T::kString, S::kDynamic, ""},
    {"routing.allocation.total_shards_per_node", T::kInt, S::kDynamic, "-1", -1, kIntMax},
    {"routing.rebalance.enable", T::kEnum, S::kDynamic, "all", 0, 0, "ALL|NONE|PRIMARIES|REPLICAS"},
    {"routing_partition_size", T::kInt, S::kFinal, "1", 1, kIntMax},
    {"search.idle.after", T::kTime, S::kDynamic, "30s"},
    {"search.slowlog.level", T::kEnum, S::kDynamic, "TRACE", 0, 0, "TRACE|DEBUG|INFO|WARN"},
    {"search.slowlog.threshold.fetch.debug", T::kTime, S::kDynamic, "-1"},
    {"search.slowlog.threshold.fetch.info", T::kTime, S::kDynamic, "-1"},
    {"search.slowlog.threshold.fetch.trace", T::kTime, S::kDynamic, "-1"},
    {"search.slowlog.threshold.fetch.warn", T::kTime, S::kDynamic, "-1"},
    {"search.slowlog.threshold.query.debug", T::kTime, S::kDynamic, "-1"},
    {"search.slowlog.threshold.query.info", T::kTime, S::kDynamic, "-1"},
    {"search.slowlog.threshold.query.trace", T::kTime, S::kDynamic, "-1"},
    {"search.slowlog.threshold.query.warn", T::kTime, S::kDynamic, "-1"},
    {"search.throttled", T::kBool, S::kPrivate, "false"},
    {"shard.check_on_startup", T::kEnum, S::kStatic, "false", 0, 0, "true|false|checksum"},
    {"shard_limit.group", T::kString, S::kPrivate, "normal"},
    {"soft_deletes.enabled", T::kBool, S::kFinal, "true"},
    {"soft_deletes.retention.operations", T::kInt, S::kDynamic, "0", 0, kIntMax},
    {"soft_deletes.retention_lease.period", T::kTime, S::kDynamic, "12h"},
    {"sort.field", T::kList, S::kFinal, ""},
    {"sort.missing", T::kList, S::kFinal, ""},
    {"sort.mode", T::kList, S::kFinal, ""},
    {"sort.order", T::kList, S::kFinal, ""},
    {"store.fs.fs_lock", T::kEnum, S::kStatic, "native", 0, 0, "native|simple"},
    {"store.preload", T::kList, S::kStatic, ""},
    {"store.stats_refresh_interval", T::kTime, S::kStatic, "10s"},
    {"store.type", T::kEnum, S::kStatic, "", 0, 0, "|fs|niofs|mmapfs|simplefs|hybridfs"},
    {"translog.durability", T::kEnum, S::kDynamic, "REQUEST", 0, 0, "REQUEST|ASYNC"},
    {"translog.flush_threshold_size", T::kBytes, S::kDynamic, "512mb"},
    {"translog.generation_threshold_size", T::kBytes, S::kDynamic, "64mb"},
    {"translog.retention.age", T::kTime, S::kDynamic, "-1"},
    {"translog.retention.size", T::kBytes, S::kDynamic, "-1"},
    {"translog.sync_interval", T::kTime, S::kDynamic, "5s"},
    {"unassigned.node_left.delayed_timeout", T::kTime, S::kDynamic, "1m"},
    {"verified_before_close", T::kBool, S::kPrivate, "false"},
    {"version.created", T::kInt, S::kPrivate, "", kIntMin, kIntMax},
    {"warmer.enabled", T::kBool, S::kDynamic, "true"},
    {"write.wait_for_active_shards", T::kActiveShards, S::kDynamic, "1"},
};
// clang-format on

// Settings whose names clients make up.
constexpr SettingSpec kGroups[] = {
    {"analysis.", T::kString, S::kStatic, ""},
    {"routing.allocation.exclude.", T::kString, S::kDynamic, ""},
    {"routing.allocation.include.", T::kString, S::kDynamic, ""},
    {"routing.allocation.require.", T::kString, S::kDynamic, ""},
    {"similarity.", T::kString, S::kStatic, ""},
};

std::string shown(const json::Value& value) {
  if (!value.is_array()) return value.to_text();
  std::string text = "[";
  for (const json::Value& item : value.as_array()) {
    if (text.size() > 1) text += ", ";
    text += item.to_text();
  }
  return text + "]";
}

Error not_a_number(const std::string& text, std::string_view full_name) {
  return Error(error_types::kIllegalArgument,
               "Failed to parse value [" + text + "] for setting [" + std::string(full_name) + "]")
      .because(Error(error_types::kNumberFormat, text.empty()
                                                     ? "For input string: \"\""
                                                     : "For input string: \"" + text + "\""));
}

std::string number_text(double v, bool whole) {
  if (whole) return std::to_string(static_cast<int64_t>(v));
  std::string text;
  json::append(text, json::Value(v));
  return text;
}

Status check_bounds(const SettingSpec& spec, std::string_view full_name, const std::string& text,
                    double v) {
  const bool whole = spec.type == T::kInt;
  const auto refuse = [&](const char* relation, double bound) {
    return Error(error_types::kIllegalArgument,
                 "Failed to parse value [" + text + "] for setting [" + std::string(full_name) +
                     "] must be " + relation + " " + number_text(bound, whole));
  };
  if (v < spec.min) return refuse(">=", spec.min);
  if (v > spec.max) return refuse("<=", spec.max);
  return {};
}

Status check_int(const SettingSpec& spec, std::string_view full_name, const std::string& text) {
  int64_t v = 0;
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto parsed = std::from_chars(begin, text.data() + text.size(), v);
  const auto value = static_cast<double>(v);
  const bool fits = spec.max > kIntMax || (value >= kIntMin && value <= kIntMax);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() ||
      !fits) {
    return not_a_number(text, full_name);
  }
  return check_bounds(spec, full_name, text, static_cast<double>(v));
}

Status check_double(const SettingSpec& spec, std::string_view full_name, const std::string& text) {
  double v = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), v);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
    if (spec.name == "compound_format" && (text == "true" || text == "false")) return {};
    return not_a_number(text, full_name);
  }
  return check_bounds(spec, full_name, text, v);
}

bool is_choice(std::string_view choices, std::string_view text) {
  while (true) {
    const size_t bar = choices.find('|');
    if (choices.substr(0, bar) == text) return true;
    if (bar == std::string_view::npos) return false;
    choices.remove_prefix(bar + 1);
  }
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

// The Java type behind an enum whose error names it.
std::string_view enum_class_of(std::string_view name) {
  if (name == "translog.durability") return "org.elasticsearch.index.translog.Translog.Durability";
  if (name.ends_with("slowlog.level")) return "org.elasticsearch.index.SlowLogLevel";
  if (name == "routing.allocation.enable") {
    return "org.elasticsearch.cluster.routing.allocation.decider.EnableAllocationDecider."
           "Allocation";
  }
  if (name == "routing.rebalance.enable") {
    return "org.elasticsearch.cluster.routing.allocation.decider.EnableAllocationDecider.Rebalance";
  }
  return {};
}

Status check_enum(const SettingSpec& spec, std::string_view full_name, const std::string& text) {
  const std::string_view java = enum_class_of(spec.name);
  if (!java.empty()) {
    if (is_choice(spec.choices, upper(text))) return {};
    return Error(error_types::kIllegalArgument,
                 "No enum constant " + std::string(java) + "." + upper(text));
  }
  if (is_choice(spec.choices, text)) return {};
  if (spec.name == "store.type")
    return Error(error_types::kIllegalArgument, "Unknown store type [" + text + "]");
  std::string choices(spec.choices);
  for (size_t at = 0; (at = choices.find('|', at)) != std::string::npos; at += 2)
    choices.replace(at, 1, ", ");
  return Error(error_types::kIllegalArgument, "unknown value for [" + std::string(full_name) +
                                                  "] must be one of [" + choices +
                                                  "] but was: " + text);
}

Status check_active_shards(const std::string& text) {
  if (text == "all") return {};
  int32_t v = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), v);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
    return Error(error_types::kIllegalArgument, "cannot parse ActiveShardCount[" + text + "]")
        .because(Error(error_types::kNumberFormat, "For input string: \"" + text + "\""));
  }
  if (v < 0) return Error(error_types::kIllegalArgument, "shard count cannot be a negative value");
  return {};
}

Status check_auto_expand(std::string_view full_name, const std::string& text) {
  if (text == "false") return {};
  const size_t dash = text.find('-');
  const auto bad = [&] {
    return Error(error_types::kIllegalArgument,
                 "failed to parse [" + std::string(full_name) + "] from value: [" + text +
                     "] at index " +
                     (dash == std::string::npos ? std::string("-1") : std::to_string(dash)));
  };
  if (dash == std::string::npos) return bad();
  const auto is_number = [](std::string_view part) {
    return !part.empty() &&
           std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  const std::string_view low = std::string_view(text).substr(0, dash);
  const std::string_view high = std::string_view(text).substr(dash + 1);
  if (!is_number(low) || (high != "all" && !is_number(high))) return bad();
  return {};
}

}  // namespace

std::span<const SettingSpec> setting_specs() { return kSpecs; }

const SettingSpec* find_setting_spec(std::string_view name) {
  const auto at =
      std::lower_bound(std::begin(kSpecs), std::end(kSpecs), name,
                       [](const SettingSpec& spec, std::string_view v) { return spec.name < v; });
  if (at != std::end(kSpecs) && at->name == name) return at;
  for (const SettingSpec& group : kGroups) {
    if (name.starts_with(group.name) && name.size() > group.name.size()) return &group;
  }
  return nullptr;
}

Status validate_setting_value(const SettingSpec& spec, std::string_view full_name,
                              const json::Value& value) {
  const std::string text = shown(value);
  switch (spec.type) {
    case T::kBool:
      if (text == "true" || text == "false") return {};
      return Error(error_types::kIllegalArgument,
                   "Failed to parse value [" + text + "] as only [true] or [false] are allowed.");
    case T::kInt:
      return check_int(spec, full_name, text);
    case T::kDouble:
      return check_double(spec, full_name, text);
    case T::kTime: {
      auto parsed = parse_time_value(text, full_name);
      if (!parsed) return parsed.error();
      return {};
    }
    case T::kBytes: {
      auto parsed = parse_byte_size(text, full_name);
      if (!parsed)
        return Error(error_types::kIllegalArgument, parsed.error().reason).because(parsed.error());
      return {};
    }
    case T::kEnum:
      return check_enum(spec, full_name, text);
    case T::kActiveShards:
      return check_active_shards(text);
    case T::kAutoExpand:
      return check_auto_expand(full_name, text);
    case T::kString:
    case T::kList:
      return {};
  }
  return {};
}

Error unknown_setting(std::string_view full_name) {
  constexpr float kAlike = 0.7f;  // Elasticsearch's bound for a suggestion
  std::vector<std::pair<float, std::string>> alike;
  for (const SettingSpec& spec : kSpecs) {
    std::string known = "index." + std::string(spec.name);
    const float score = name_similarity(full_name, known);
    if (score > kAlike) alike.emplace_back(-score, std::move(known));
  }
  std::sort(alike.begin(), alike.end());
  std::string reason = "unknown setting [" + std::string(full_name) + "]";
  if (alike.empty()) {
    reason +=
        " please check that any required plugins are installed, or check the breaking changes "
        "documentation for "
        "removed settings";
  } else if (alike.size() == 1) {
    reason += " did you mean [" + alike[0].second + "]?";
  } else {
    reason += " did you mean any of [";
    for (size_t i = 0; i < alike.size(); ++i) reason += (i == 0 ? "" : ", ") + alike[i].second;
    reason += "]?";
  }
  return Error(error_types::kIllegalArgument, std::move(reason));
}

}  // namespace stratalog::index
