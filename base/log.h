// The server's own log: one JSON line an event in the field names of Elasticsearch's JSON log
// ("type", "timestamp", "level", "component", "message"), or a readable line when standard error is
// a terminal.
//
// Threads any thread; a line is written whole.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace stratalog::log {

enum class Level { kDebug, kInfo, kWarn, kError, kOff };  // kOff: only as the least level
enum class Format { kJson, kPretty };

using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

void configure(Level least, Format format, std::string cluster_name, std::string node_name);

void write(Level level, std::string_view component, std::string_view message, Fields fields = {});
inline void debug(std::string_view component, std::string_view message, Fields fields = {}) {
  write(Level::kDebug, component, message, fields);
}
inline void info(std::string_view component, std::string_view message, Fields fields = {}) {
  write(Level::kInfo, component, message, fields);
}
inline void warn(std::string_view component, std::string_view message, Fields fields = {}) {
  write(Level::kWarn, component, message, fields);
}
inline void error(std::string_view component, std::string_view message, Fields fields = {}) {
  write(Level::kError, component, message, fields);
}

}  // namespace stratalog::log
