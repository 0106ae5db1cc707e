// YAML as Elasticsearch prints it for format=yaml (Jackson's YAMLGenerator over SnakeYAML): block
// style, text values in double quotes folded at 80 columns, keys plain where they can be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/json_events.h"

namespace stratalog::api {

class YamlPrinter : public JsonSink {
 public:
  explicit YamlPrinter(std::string& out) : out_(out) { out_.append("---"); }
  void begin(bool object) override;
  void end(bool object) override;
  void key(std::string_view token) override;
  void scalar(std::string_view token) override;

 private:
  struct Level {
    bool object;
    size_t indent;
    bool in_array;
    bool empty = true;
  };
  void start_value();
  void start_line(Level& level);
  void write_key(std::string_view text);
  void write_quoted(std::string_view text, size_t indent, bool split);

  std::string& out_;
  std::vector<Level> levels_;
};

}  // namespace stratalog::api
