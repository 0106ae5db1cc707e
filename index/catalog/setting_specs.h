// The index settings that Elasticsearch 7.17 knows, with types, bounds and scopes, and one of
// Stratalog's own:
//   index.mapping.conflicts  reject (as Elasticsearch) or accept: no document is refused because of
//                            the mapping
// https://www.elastic.co/guide/en/elasticsearch/reference/7.17/index-modules.html#index-modules-settings
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace stratalog::index {

enum class SettingType : uint8_t {
  kBool,
  kInt,
  kDouble,
  kTime,
  kBytes,
  kString,
  kList,
  kEnum,
  kActiveShards,
  kAutoExpand
};

// Static settings change only while the index is closed, final ones never; private ones are not
// clients' to set.
enum class SettingScope : uint8_t { kDynamic, kStatic, kFinal, kPrivate };

struct SettingSpec {
  std::string_view name;  // without "index."
  SettingType type;
  SettingScope scope;
  std::string_view fallback;  // as _settings?include_defaults shows it
  double min = 0;             // kInt, kDouble
  double max = 0;
  std::string_view choices = {};  // kEnum: "a|b"
};

std::span<const SettingSpec> setting_specs();  // sorted by name

// The specification of a setting, or of the group that it belongs to (analysis.*,
// routing.allocation.include.*). nullptr: unknown.
const SettingSpec* find_setting_spec(std::string_view name);

// illegal_argument_exception in Elasticsearch's words. `full_name` with "index.".
Status validate_setting_value(const SettingSpec& spec, std::string_view full_name,
                              const json::Value& value);

// "unknown setting [index.foo] please check ..." or "... did you mean [...]?"
Error unknown_setting(std::string_view full_name);

}  // namespace stratalog::index
