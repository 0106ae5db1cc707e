#include "api/cat_table.h"

#include <algorithm>

#include "api/admin_common.h"
#include "api/source_params.h"
#include "base/json_writer.h"
#include "base/unicode.h"
#include "base/units.h"

namespace stratalog::api {

namespace {

// A size as the parameter `bytes` wants it: "b", "kb", ... give whole numbers of that unit.
Result<std::string> size_text(uint64_t bytes, const std::string& unit) {
  if (unit.empty()) return byte_size_text(static_cast<int64_t>(bytes));
  static constexpr std::pair<std::string_view, int> kShifts[] = {
      {"b", 0},   {"k", 10}, {"kb", 10}, {"m", 20}, {"mb", 20}, {"g", 30},
      {"gb", 30}, {"t", 40}, {"tb", 40}, {"p", 50}, {"pb", 50}};
  for (const auto& [name, shift] : kShifts) {
    if (unit == name) return std::to_string(bytes >> shift);
  }
  return Error(error_types::kIllegalArgument, "Unknown byte unit [" + unit + "]");
}

Result<std::string> cell_text(const CatCell& cell, const std::string& unit) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* number = std::get_if<int64_t>(&cell)) return std::to_string(*number);
  if (const auto* size = std::get_if<CatBytes>(&cell)) return size_text(size->bytes, unit);
  return std::string();
}

int compare(const CatCell& a, const CatCell& b) {
  const auto number = [](const CatCell& cell) -> std::optional<int64_t> {
    if (const auto* n = std::get_if<int64_t>(&cell)) return *n;
    if (const auto* s = std::get_if<CatBytes>(&cell)) return static_cast<int64_t>(s->bytes);
    return std::nullopt;
  };
  const auto x = number(a), y = number(b);
  if (x && y) return *x < *y ? -1 : *x > *y ? 1 : 0;
  const auto* s = std::get_if<std::string>(&a);
  const auto* t = std::get_if<std::string>(&b);
  if (s != nullptr && t != nullptr) return s->compare(*t) < 0 ? -1 : *s == *t ? 0 : 1;
  return static_cast<int>(a.index()) - static_cast<int>(b.index());
}

}  // namespace

std::vector<std::string> CatTable::params(std::vector<std::string> others) {
  for (const char* name :
       {"v", "h", "s", "bytes", "time", "ts", "help", "local", "master_timeout", "size"}) {
    others.emplace_back(name);
  }
  return others;
}

std::optional<size_t> CatTable::find(std::string_view name) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].name == name) return i;
    for (const std::string& alias : columns_[i].aliases) {
      if (alias == name) return i;
    }
  }
  return std::nullopt;
}

Result<std::vector<size_t>> CatTable::chosen(const Request& request) const {
  std::vector<size_t> out;
  const std::string* wanted = request.params.find("h");
  if (wanted == nullptr) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].by_default) out.push_back(i);
    }
    return out;
  }
  for (const std::string& name : split_list(*wanted)) {
    if (has_wildcard(name)) {
      for (size_t i = 0; i < columns_.size(); ++i) {
        if (matches_pattern(name, columns_[i].name)) out.push_back(i);
      }
    } else if (const auto column = find(name)) {
      out.push_back(*column);
    }
  }
  return out;
}

Status CatTable::sort(const Request& request) {
  const std::string* order = request.params.find("s");
  if (order == nullptr) return {};
  struct Key {
    size_t column;
    bool descending;
  };
  std::vector<Key> keys;
  for (const std::string& part : split_list(*order)) {
    const size_t colon = part.find(':');
    const auto column = find(std::string_view(part).substr(0, colon));
    if (!column) {
      return Error({"unsupported_operation_exception", 500},
                   "Unable to sort by unknown sort key `" + part.substr(0, colon) + "`");
    }
    keys.push_back({*column, colon != std::string::npos && part.substr(colon + 1) == "desc"});
  }
  std::stable_sort(rows_.begin(), rows_.end(), [&](const auto& a, const auto& b) {
    for (const Key& key : keys) {
      const int order_of = compare(a[key.column], b[key.column]);
      if (order_of != 0) return key.descending ? order_of > 0 : order_of < 0;
    }
    return false;
  });
  return {};
}

Result<Response> CatTable::answer(const Request& request) {
  ASSIGN_OR_RETURN(const bool help, request.params.get_bool("help", false));
  if (help) {
    size_t widths[2] = {0, 0};
    const auto aliases = [](const CatColumn& column) {
      std::string joined;
      for (const std::string& alias : column.aliases) joined += (joined.empty() ? "" : ",") + alias;
      return joined;
    };
    for (const CatColumn& column : columns_) {
      widths[0] = std::max(widths[0], column.name.size());
      widths[1] = std::max(widths[1], aliases(column).size());
    }
    std::string text;
    for (const CatColumn& column : columns_) {
      std::string name = column.name, others = aliases(column);
      name.resize(widths[0], ' ');
      others.resize(widths[1], ' ');
      text += name + " | " + others + " | " + column.description + " \n";
    }
    return Response::text(text);
  }
  RETURN_IF_ERROR(sort(request));
  ASSIGN_OR_RETURN(const std::vector<size_t> columns, chosen(request));
  const std::string unit = request.params.get("bytes");
  std::vector<std::vector<std::string>> cells;
  for (const auto& row : rows_) {
    std::vector<std::string> texts;
    for (const size_t column : columns) {
      ASSIGN_OR_RETURN(std::string text, cell_text(row[column], unit));
      texts.push_back(std::move(text));
    }
    cells.push_back(std::move(texts));
  }
  // A column that was asked for by a short name is headed by it.
  std::vector<std::string> heads;
  heads.reserve(columns.size());
  const std::vector<std::string> asked = split_list(request.params.get("h"));
  const bool literal = asked.size() == columns.size() && !has_wildcard(request.params.get("h"));
  for (size_t c = 0; c < columns.size(); ++c)
    heads.push_back(literal ? asked[c] : columns_[columns[c]].name);
  const std::string format = request.params.get("format");
  const std::string* accept = request.header("Accept");
  const bool wants_json = format == "json" || format == "JSON" || format == "yaml" ||
                          (format.empty() && accept != nullptr &&
                           accept->find("application/json") != std::string::npos);
  if (wants_json) {
    Response response;
    json::Writer out(response.body);
    out.begin_array();
    for (size_t r = 0; r < cells.size(); ++r) {
      out.begin_object();
      for (size_t c = 0; c < columns.size(); ++c) {
        out.key(heads[c]);
        std::holds_alternative<std::monostate>(rows_[r][columns[c]]) ? out.null()
                                                                     : out.string(cells[r][c]);
      }
      out.end_object();
    }
    out.end_array();
    return response;
  }
  ASSIGN_OR_RETURN(const bool titles, request.params.get_bool("v", false));
  std::vector<size_t> widths(columns.size());
  for (size_t c = 0; c < columns.size(); ++c) {
    if (titles) widths[c] = heads[c].size();
    for (const auto& row : cells) widths[c] = std::max(widths[c], utf16_length(row[c]));
  }
  std::string text;
  const auto line = [&](const std::vector<std::string>& row, bool head) {
    for (size_t c = 0; c < columns.size(); ++c) {
      if (c > 0) text += ' ';
      const size_t fill = widths[c] - std::min(widths[c], utf16_length(row[c]));
      const bool right = columns_[columns[c]].right && !head;
      if (right) text.append(fill, ' ');
      text += row[c];
      if (!right && c + 1 < columns.size()) text.append(fill, ' ');
      if (!right && c + 1 == columns.size() && head) text.append(fill, ' ');
    }
    text += '\n';
  };
  if (titles) line(heads, true);
  for (const auto& row : cells) line(row, false);
  return Response::text(text);
}

}  // namespace stratalog::api
