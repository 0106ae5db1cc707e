#include "base/log.h"

#include <unistd.h>
#include <ctime>

#include <mutex>

#include "base/clock.h"
#include "base/json_writer.h"

namespace stratalog::log {

namespace {

struct State {
  std::mutex mutex;
  Level least = Level::kInfo;
  Format format = ::isatty(STDERR_FILENO) != 0 ? Format::kPretty : Format::kJson;
  std::string cluster_name;
  std::string node_name;
};

State& state() {
  static State instance;
  return instance;
}

std::string_view level_name(Level level) {
  switch (level) {
    case Level::kDebug:
      return "DEBUG";
    case Level::kInfo:
      return "INFO";
    case Level::kWarn:
      return "WARN";
    case Level::kError:
    case Level::kOff:
      return "ERROR";
  }
  return "INFO";
}

std::string timestamp() {
  const int64_t now_ms = wall_clock_ms();
  const std::time_t seconds = now_ms / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  const size_t length = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
  std::string out(text, length);
  const std::string ms = std::to_string(1000 + now_ms % 1000);
  return out + "," + ms.substr(1) + "Z";
}

void write_all(std::string_view line) {
  while (!line.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, line.data(), line.size());
    if (n <= 0) return;  // nobody to tell
    line.remove_prefix(static_cast<size_t>(n));
  }
}

}  // namespace

void configure(Level least, Format format, std::string cluster_name, std::string node_name) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  s.least = least;
  s.format = format;
  s.cluster_name = std::move(cluster_name);
  s.node_name = std::move(node_name);
}

void write(Level level, std::string_view component, std::string_view message, Fields fields) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  if (level < s.least) return;
  std::string line;
  if (s.format == Format::kJson) {
    json::Writer w(line);
    w.begin_object();
    w.field("type", "server").field("timestamp", timestamp()).field("level", level_name(level));
    w.field("component", component).field("cluster.name", s.cluster_name);
    w.field("node.name", s.node_name).field("message", message);
    for (const auto& [name, value] : fields) w.field(name, value);
    w.end_object();
  } else {
    line.append(timestamp()).append(" ").append(level_name(level)).append(" [");
    line.append(component).append("] ").append(message);
    for (const auto& [name, value] : fields)
      line.append(" ").append(name).append("=").append(value);
  }
  line.push_back('\n');
  write_all(line);
}

}  // namespace stratalog::log
