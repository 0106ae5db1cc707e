#include "index/analysis/parts.h"

namespace stratalog::index {

namespace {

std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

bool PartSettings::has(std::string_view key) const {
  const json::Value* value = tree_.find(key);
  return value != nullptr && !value->is_null();
}

std::string PartSettings::text(std::string_view key, std::string_view otherwise) const {
  return has(key) ? tree_.find(key)->to_text() : std::string(otherwise);
}

Result<int64_t> PartSettings::number(std::string_view key, int64_t otherwise) const {
  if (!has(key)) return otherwise;
  const auto value = tree_.find(key)->to_int();
  if (value) return *value;
  return Error(error_types::kIllegalArgument,
               "Failed to parse value [" + text(key) + "] for setting [" + std::string(key) + "]");
}

Result<bool> PartSettings::boolean(std::string_view key, bool otherwise) const {
  if (!has(key)) return otherwise;
  const auto value = tree_.find(key)->to_bool();
  if (value) return *value;
  return Error(error_types::kIllegalArgument,
               "Failed to parse value [" + text(key) + "] as only [true] or [false] are allowed.");
}

std::vector<std::string> PartSettings::list(std::string_view key) const {
  std::vector<std::string> items;
  if (!has(key)) return items;
  const json::Value& value = *tree_.find(key);
  if (value.is_array()) {
    for (const json::Value& item : value.as_array()) items.push_back(item.to_text());
    return items;
  }
  const std::string joined = value.to_text();
  std::string_view rest = joined;
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    std::string item = trimmed(rest.substr(0, comma));
    if (!item.empty()) items.push_back(std::move(item));
    rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
  }
  return items;
}

WordSet stop_words_of(const PartSettings& settings, std::string_view key,
                      std::string_view otherwise) {
  WordSet words;
  if (!settings.has(key)) {
    add_named_stop_words(otherwise, words);
    return words;
  }
  for (const std::string& item : settings.list(key)) {
    if (!add_named_stop_words(item, words)) words.insert(item);
  }
  return words;
}

}  // namespace stratalog::index
