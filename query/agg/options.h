// Reads an aggregation's options as Elasticsearch's ObjectParser does: each name once known, with
// its value's tokens checked, and its errors: "[1:36] [terms] unknown field [foo]".
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/json_tree.h"

namespace stratalog::query {

// Which values an option takes.
enum class Takes : uint8_t {
  kString,
  kNumber,
  kBool,
  kScalar,
  kObject,
  kArray,
  kStringArray,
  kObjectOrArray,
  kAny
};

struct Option {
  std::string_view name;
  Takes takes;
  std::function<Status(const Node& value)> read;
};

// `type`: "terms", as it stands in the messages.
Status read_options(const Node& object, std::string_view type, std::span<const Option> options);

// "[line:col] "
std::string place_text(Location at);

// Options that only set a variable.
Option set_text(std::string_view name, std::string& to);
Option set_text(std::string_view name, std::optional<std::string>& to);
Option set_bool(std::string_view name, bool& to);
Option set_number(std::string_view name, std::optional<double>& to);
// Accepted and of no meaning here: it only says how Elasticsearch should go about it.
Option ignore_hint(std::string_view name, Takes takes);
// A script, which is refused in words that name its language.
Option refuse_script(std::string_view name = "script");

}  // namespace stratalog::query
