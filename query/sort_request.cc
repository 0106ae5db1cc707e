#include "query/sort_request.h"

#include "query/dsl/parse_helpers.h"

namespace stratalog::query {
namespace {

SortKey key_of(std::string field) {
  SortKey key;
  key.descending = field == "_score";
  key.field = std::move(field);
  return key;
}

Result<bool> parse_order(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  if (upper == "ASC") return false;
  if (upper == "DESC") return true;
  return Error(error_types::kIllegalArgument,
               "No enum constant org.elasticsearch.search.sort.SortOrder." + upper);
}

Result<SortKey::Mode> parse_mode(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (lower == "min") return SortKey::Mode::kMin;
  if (lower == "max") return SortKey::Mode::kMax;
  if (lower == "avg") return SortKey::Mode::kAvg;
  if (lower == "sum") return SortKey::Mode::kSum;
  if (lower == "median") return SortKey::Mode::kMedian;
  return Error(error_types::kIllegalArgument, "Unknown SortMode [" + std::string(text) + "]");
}

Error in_member(const NodeMember& member, Error error) {
  Error outer(
      error_types::kXContentParse,
      at_text(member.value.start()) + " [field_sort] failed to parse field [" + member.key + "]");
  return std::move(outer).because(std::move(error));
}

Status read_option(SortKey& key, const NodeMember& member) {
  const Node& value = member.value;
  const char* parser = key.field == "_score" ? "_score" : "field_sort";
  const auto unknown = [&] {
    return Error(error_types::kXContentParse,
                 at_text(member.at) + " [" + parser + "] unknown field [" + member.key + "]");
  };
  if (!value.is_scalar()) return unknown();
  if (member.key == "order") {
    auto descending = parse_order(value.text());
    if (!descending) return in_member(member, std::move(descending.error()));
    key.descending = *descending;
    return {};
  }
  if (key.field == "_score") return unknown();
  if (member.key == "missing") {
    if (value.is_null()) return {};
    if (value.text() == "_first") {
      key.missing_first = true;
    } else if (value.text() != "_last") {
      key.missing_value = value.to_value();
    }
  } else if (member.key == "mode") {
    auto mode = parse_mode(value.text());
    if (!mode) return in_member(member, std::move(mode.error()));
    key.mode = *mode;
  } else if (member.key == "unmapped_type") {
    key.unmapped_type = value.is_null() ? "" : value.text();
  } else if (member.key == "numeric_type") {
    key.numeric_type = value.is_null() ? "" : value.text();
    const std::string& type = key.numeric_type;
    if (!type.empty() && type != "long" && type != "double" && type != "date" &&
        type != "date_nanos") {
      return in_member(
          member,
          Error(error_types::kIllegalArgument,
                "invalid value for [numeric_type], must be [long, double, date, date_nanos], got " +
                    type));
    }
  } else if (member.key == "format") {
    key.format = value.is_null() ? "" : value.text();
  } else {
    return unknown();
  }
  return {};
}

// {"type": "number", "order": ..., "script": {...}}
Result<SortKey> read_script_sort(const NodeMember& member) {
  SortKey key;
  key.field = "_script";
  std::string type;
  const auto failed = [](const NodeMember& option, Error why) {
    return Error(error_types::kXContentParse, at_text(option.value.start()) +
                                                  " [_script] failed to parse field [" +
                                                  option.key + "]")
        .because(std::move(why));
  };
  for (const NodeMember& option : member.value.members()) {
    if (option.key == "type" && option.value.is_string()) {
      type = option.value.text();
      if (type != "number" && type != "string") {
        return failed(
            option, Error(error_types::kIllegalArgument, "Unknown ScriptSortType [" + type + "]"));
      }
    } else if (option.key == "script") {
      auto spec = script::parse_script(option.value.to_value());
      if (!spec) return failed(option, std::move(spec.error()));
      key.script = std::move(*spec);
    } else if (option.key == "order") {
      auto descending = parse_order(option.value.text());
      if (!descending) return failed(option, std::move(descending.error()));
      key.descending = *descending;
    } else {
      return Error(error_types::kXContentParse,
                   at_text(option.at) + " [_script] unknown field [" + option.key + "]");
    }
  }
  if (!key.script) return Error(error_types::kIllegalArgument, "Required [script]");
  if (type.empty()) return Error(error_types::kIllegalArgument, "Required [type]");
  if (type == "string") {
    return parsing_error(member.value.start(), "[_script] sort of type [string] is not supported");
  }
  return key;
}

Status read_sort(const Node& node, std::vector<SortKey>& out) {
  if (node.is_string()) {
    out.push_back(key_of(node.text()));
    return {};
  }
  if (!node.is_object()) {
    return Error(
        error_types::kIllegalArgument,
        "malformed sort format, within the sort array, an object, or an actual string are allowed");
  }
  for (const NodeMember& member : node.members()) {
    if (member.key == "_script" && member.value.is_object()) {
      ASSIGN_OR_RETURN(SortKey by_script, read_script_sort(member));
      out.push_back(std::move(by_script));
      continue;
    }
    if (member.key == "_script" || member.key == "_geo_distance" || member.key == "_geoDistance") {
      return parsing_error(member.value.start(), "[" + member.key + "] sort is not supported");
    }
    SortKey key = key_of(member.key);
    if (member.value.is_object()) {
      for (const NodeMember& option : member.value.members())
        RETURN_IF_ERROR(read_option(key, option));
    } else if (member.value.is_scalar()) {
      ASSIGN_OR_RETURN(key.descending, parse_order(member.value.text()));
    } else {
      return Error(error_types::kIllegalArgument,
                   "malformed sort format, expected an object or a string");
    }
    out.push_back(std::move(key));
  }
  return {};
}

}  // namespace

Result<std::vector<SortKey>> parse_sort(const Node& value) {
  std::vector<SortKey> out;
  if (value.is_array()) {
    for (const Node& element : value.elements()) RETURN_IF_ERROR(read_sort(element, out));
  } else if (value.is_string() || value.is_object()) {
    RETURN_IF_ERROR(read_sort(value, out));
  } else {
    return Error(error_types::kIllegalArgument,
                 "malformed sort format, either start with array, object, or an actual string");
  }
  return out;
}

Result<std::vector<SortKey>> parse_sort_param(std::string_view text) {
  std::vector<SortKey> out;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (part.empty()) continue;
    const size_t colon = part.rfind(':');
    SortKey key = key_of(std::string(part.substr(0, colon)));
    if (colon != std::string_view::npos) {
      const std::string_view order = part.substr(colon + 1);
      if (order == "asc") {
        key.descending = false;
      } else if (order == "desc") {
        key.descending = true;
      } else {
        continue;  // no order, no key: as in Elasticsearch
      }
    }
    out.push_back(std::move(key));
  }
  return out;
}

}  // namespace stratalog::query
