// The tables of _cat: columns with short names, v, h, s, bytes, format, help. Elasticsearch doc
// page "cat APIs".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/http.h"

namespace stratalog::api {

struct CatBytes {
  uint64_t bytes;
};
// Text, a number, a size (shown as `bytes` asks), or nothing.
using CatCell = std::variant<std::monostate, std::string, int64_t, CatBytes>;

struct CatColumn {
  std::string name;
  std::vector<std::string> aliases;
  std::string description;
  bool by_default = true;
  bool right = false;  // aligned
};

class CatTable {
 public:
  explicit CatTable(std::vector<CatColumn> columns) : columns_(std::move(columns)) {}
  void add(std::vector<CatCell> row) { rows_.push_back(std::move(row)); }
  Result<Response> answer(const Request& request);
  static std::vector<std::string> params(std::vector<std::string> others = {});

 private:
  Result<std::vector<size_t>> chosen(const Request& request) const;
  Status sort(const Request& request);
  std::optional<size_t> find(std::string_view name) const;

  std::vector<CatColumn> columns_;
  std::vector<std::vector<CatCell>> rows_;
};

}  // namespace stratalog::api
