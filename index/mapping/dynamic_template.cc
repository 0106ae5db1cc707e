#include "index/mapping/dynamic_template.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "index/mapping/mapping_tree.h"

namespace stratalog::index {

namespace {

constexpr std::array<std::string_view, 7> kNames{"object",  "string", "long",  "double",
                                                 "boolean", "date",   "binary"};
constexpr std::array<std::string_view, 7> kDefaults{"object",  "text", "long",  "double",
                                                    "boolean", "date", "binary"};

std::string replace_all(std::string text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

json::Value substitute(const json::Value& value, std::string_view name, std::string_view type) {
  const auto text = [&](const std::string& t) {
    return replace_all(replace_all(t, "{name}", name), "{dynamic_type}",
                       replace_all(std::string(type), "{dynamicType}", type));
  };
  if (value.is_string()) return text(value.as_string());
  if (value.is_array()) {
    json::Value out = json::Value::array();
    for (const json::Value& element : value.as_array())
      out.push_back(substitute(element, name, type));
    return out;
  }
  if (value.is_object()) {
    json::Value out = json::Value::object();
    for (const json::Member& member : value.as_object()) {
      out.set(text(member.key), substitute(member.value, name, type));
    }
    return out;
  }
  return value;
}

}  // namespace

std::string_view detected_type_name(DetectedType type) { return kNames[static_cast<size_t>(type)]; }
std::string_view detected_default_type(DetectedType type) {
  return kDefaults[static_cast<size_t>(type)];
}

// Greedy with one point of return, the last star: linear in practice, quadratic at worst.
bool simple_match(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool DynamicTemplate::Pattern::matches(std::string_view value) const {
  return regex == nullptr ? simple_match(text, value) : RE2::FullMatch(value, *regex);
}

Result<DynamicTemplate> DynamicTemplate::parse(const json::Value& entry) {
  if (!entry.is_object() || entry.size() != 1) {
    return Error(error_types::kMapperParsing, "A dynamic template must be defined with a name");
  }
  const auto& [name, body] = entry.as_object().front();
  DynamicTemplate out;
  out.name_ = name;
  if (!body.is_object()) {
    return Error(error_types::kMapperParsing,
                 "Dynamic template syntax error. An array of named objects is expected.");
  }
  if (body.find("runtime") != nullptr) {
    return Error(error_types::kMapperParsing,
                 "runtime fields are not supported, dynamic template [" + name + "] has one");
  }
  for (const auto& [key, value] : body.as_object()) {
    const std::string text = value.to_text();
    if (key == "match") {
      out.match_ = Pattern{text, nullptr};
    } else if (key == "unmatch") {
      out.unmatch_ = Pattern{text, nullptr};
    } else if (key == "path_match") {
      out.path_match_ = Pattern{text, nullptr};
    } else if (key == "path_unmatch") {
      out.path_unmatch_ = Pattern{text, nullptr};
    } else if (key == "match_mapping_type") {
      out.match_mapping_type_ = text;
    } else if (key == "match_pattern") {
      if (text != "simple" && text != "regex") {
        return Error(error_types::kIllegalArgument,
                     "No matching pattern matched on [" + text + "]");
      }
      out.regex_ = text == "regex";
    } else if (key == "mapping") {
      if (!value.is_object()) {
        return Error(error_types::kMapperParsing,
                     "template [" + name + "] must have either mapping or runtime set");
      }
      out.mapping_ = value;
    } else {
      return Error(error_types::kIllegalArgument,
                   "Illegal dynamic template parameter: [" + key + "]");
    }
  }
  if (out.mapping_.is_null()) {
    return Error(error_types::kMapperParsing,
                 "template [" + name + "] must have either mapping or runtime set");
  }
  const std::string& wanted = out.match_mapping_type_;
  if (!wanted.empty() && wanted != "*" &&
      std::find(kNames.begin(), kNames.end(), wanted) == kNames.end()) {
    return Error(
        error_types::kIllegalArgument,
        "No field type matched on [" + wanted +
            "], possible values are [object, string, long, double, boolean, date, binary]");
  }
  if (!out.regex_) return out;
  for (std::optional<Pattern>* pattern :
       {&out.match_, &out.unmatch_, &out.path_match_, &out.path_unmatch_}) {
    if (!*pattern) continue;
    auto regex = std::make_shared<RE2>((*pattern)->text, RE2::Quiet);
    if (!regex->ok()) {
      return Error(error_types::kIllegalArgument,
                   "Pattern [" + (*pattern)->text +
                       "] of type [regex] is invalid. Cannot create dynamic template [" + name +
                       "].")
          .because(Error({"pattern_syntax_exception", 400}, regex->error()));
    }
    (*pattern)->regex = std::move(regex);
  }
  return out;
}

bool DynamicTemplate::matches(std::string_view path, std::string_view field_name,
                              DetectedType type) const {
  if (path_match_ && !path_match_->matches(path)) return false;
  if (match_ && !match_->matches(field_name)) return false;
  if (path_unmatch_ && path_unmatch_->matches(path)) return false;
  if (unmatch_ && unmatch_->matches(field_name)) return false;
  return match_mapping_type_.empty() || match_mapping_type_ == "*" ||
         match_mapping_type_ == detected_type_name(type);
}

json::Value DynamicTemplate::definition(std::string_view field_name, DetectedType type) const {
  json::Value out = substitute(mapping_, field_name, detected_default_type(type));
  if (out.find("type") == nullptr &&
      (type != DetectedType::kObject || out.find("properties") == nullptr)) {
    out.set("type", json::Value(detected_default_type(type)));
  }
  return out;
}

json::Value DynamicTemplate::to_json() const {
  json::Value body = json::Value::object();
  const auto add = [&](std::string_view key, const std::optional<Pattern>& pattern) {
    if (pattern) body.set(key, json::Value(pattern->text));
  };
  add("match", match_);
  add("path_match", path_match_);
  add("unmatch", unmatch_);
  add("path_unmatch", path_unmatch_);
  if (!match_mapping_type_.empty() && match_mapping_type_ != "*") {
    body.set("match_mapping_type", json::Value(match_mapping_type_));
  } else if (match_mapping_type_ == "*" && !match_ && !path_match_) {
    body.set("match_mapping_type", "*");
  }
  if (regex_) body.set("match_pattern", "regex");
  json::Value mapping = mapping_;
  std::sort(mapping.as_object().begin(), mapping.as_object().end(),
            [](const json::Member& a, const json::Member& b) { return a.key < b.key; });
  body.set("mapping", std::move(mapping));
  return json::Value::object({{name_, std::move(body)}});
}

}  // namespace stratalog::index
