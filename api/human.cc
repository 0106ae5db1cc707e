#include "api/human.h"

#include <array>

#include "base/units.h"
#include "index/date/date_format.h"

namespace stratalog::api {

namespace {

std::string date_text(int64_t ms) {
  return index::DateFormat::default_format()->print(index::Instant::of_millis(ms));
}

// 7170399 -> "7.17.3"
std::string version_text(int64_t id) {
  return std::to_string(id / 1'000'000) + "." + std::to_string(id / 10'000 % 100) + "." +
         std::to_string(id / 100 % 100);
}

// The names that are not made by cutting off the unit.
struct Odd {
  std::string_view parent;  // "": any
  std::string_view name;
  std::string_view readable;
};
constexpr std::array kOdd = {
    Odd{"get", "time_in_millis", "getTime"},
    Odd{"", "fixed_bit_set_memory_in_bytes", "fixed_bit_set"},
    Odd{"", "task_max_waiting_in_queue_millis", "task_max_waiting_in_queue"},
    Odd{"", "active_shards_percent_as_number", "active_shards_percent"},
};

// Empty: the figure has no twin.
std::string readable_name(std::string_view parent, std::string_view name) {
  for (const Odd& odd : kOdd) {
    if (odd.name == name && (odd.parent.empty() || odd.parent == parent))
      return std::string(odd.readable);
  }
  for (const std::string_view unit : {"_in_bytes", "_in_millis"}) {
    if (name.ends_with(unit)) return std::string(name.substr(0, name.size() - unit.size()));
  }
  return {};
}

std::string readable_value(std::string_view name, const json::Value& value) {
  if (name.ends_with("percent_as_number")) {
    const double tenths = value.to_double().value_or(0) * 10;
    const auto rounded = static_cast<int64_t>(tenths + 0.5);
    return std::to_string(rounded / 10) + "." + std::to_string(rounded % 10) + "%";
  }
  const int64_t number = value.to_int().value_or(0);
  if (name == "start_time_in_millis") return date_text(number);
  return name.ends_with("_in_bytes") ? byte_size_text(number)
                                     : TimeValue::of_millis(number).pretty();
}

void add_readable(json::Value& tree, std::string_view parent) {
  if (tree.is_array()) {
    for (json::Value& element : tree.as_array()) add_readable(element, parent);
    return;
  }
  if (!tree.is_object()) return;
  json::Object out;
  for (json::Member& member : tree.as_object()) {
    const std::string name =
        member.value.is_number() ? readable_name(parent, member.key) : std::string();
    if (!name.empty()) out.push_back({name, json::Value(readable_value(member.key, member.value))});
    add_readable(member.value, member.key);
    out.push_back(std::move(member));
  }
  tree.as_object() = std::move(out);
}

}  // namespace

bool wants_readable(const Request& request) {
  const auto human = request.params.get_bool("human", false);
  return human && *human;
}

Response with_readable(const Request& request, Response response) {
  if (!wants_readable(request)) return response;
  auto tree = json::parse(response.body);
  if (!tree) return response;
  add_readable(*tree, {});
  response.body = json::to_string(*tree);
  return response;
}

void add_readable_settings(json::Value& settings, bool flat) {
  const auto add = [](json::Value& holder, std::string_view name, const auto& text_of) {
    const json::Value* value = holder.find(name);
    const auto number = value == nullptr ? std::nullopt : value->to_int();
    if (number) holder.set(std::string(name) + "_string", json::Value(text_of(*number)));
  };
  if (flat) {
    add(settings, "index.creation_date", date_text);
    add(settings, "index.version.created", version_text);
    return;
  }
  json::Value* index = settings.find("index");
  if (index == nullptr) return;
  add(*index, "creation_date", date_text);
  if (json::Value* version = index->find("version")) add(*version, "created", version_text);
}

}  // namespace stratalog::api
