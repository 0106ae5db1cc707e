#include "server/audit_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "index/security/principal.h"

namespace stratalog::server {

namespace {

using index::security::Principal;

std::string timestamp() {
  const int64_t now_ms = wall_clock_ms();
  const std::time_t seconds = now_ms / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  const size_t length = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
  return std::string(text, length) + "," + std::to_string(1000 + now_ms % 1000).substr(1) + "+0000";
}

const char* way_name(Principal::Way way) {
  return way == Principal::Way::kRealm    ? "REALM"
         : way == Principal::Way::kApiKey ? "API_KEY"
                                          : "TOKEN";
}

// Members that every event has, up to what differs.
void begin(json::Writer& out, const api::NodeInfo& node, const char* type, const char* action) {
  out.begin_object().field("type", "audit").field("timestamp", timestamp());
  out.field("node.id", node.node_id).field("event.type", type).field("event.action", action);
}

void append_request(json::Writer& out, const api::Request& request) {
  out.field("origin.type", "rest").field("origin.address", request.origin);
  out.field("url.path", request.path);
  if (!request.query.empty()) out.field("url.query", request.query);
  out.field("request.method", method_name(request.method));
  if (const std::string* id = request.header("X-Opaque-Id")) out.field("opaque_id", *id);
}

}  // namespace

Result<std::unique_ptr<AuditLog>> AuditLog::open(const std::string& folder,
                                                 const api::NodeInfo& node) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  const std::string path = folder + "/" + node.cluster_name + "_audit.json";
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  std::FILE* file = descriptor < 0 ? nullptr : ::fdopen(descriptor, "a");
  if (file == nullptr) {
    if (descriptor >= 0) ::close(descriptor);
    return Error(error_types::kIo, path + ": " + std::strerror(errno));
  }
  return std::unique_ptr<AuditLog>(new AuditLog(file, node));  // tidy: allow new, private
}

AuditLog::~AuditLog() { std::fclose(file_); }

void AuditLog::access(const api::Request& request, const api::EndpointActions& actions,
                      bool granted, const std::vector<std::string>& indices) {
  std::string line;
  json::Writer out(line);
  begin(out, node_, "transport", granted ? "access_granted" : "access_denied");
  const Principal& who = *request.principal;
  const Principal& authenticated = who.run_by ? *who.run_by : who;
  out.field("authentication.type", way_name(authenticated.way)).field("user.name", who.name);
  out.field("user.realm", who.realm.name);
  if (who.run_by) {
    out.field("user.run_by.name", authenticated.name);
    out.field("user.run_by.realm", authenticated.realm.name);
  }
  out.key("user.roles").begin_array();
  for (const std::string& role : who.roles) out.string(role);
  out.end_array();
  if (authenticated.is_api_key()) out.field("apikey.id", authenticated.key_id);
  append_request(out, request);
  if (!actions.required.empty()) out.field("action", actions.required.back());
  if (!indices.empty()) {
    out.key("indices").begin_array();
    for (const std::string& name : indices) out.string(name);
    out.end_array();
  } else if (request.has_path_param("index")) {
    out.key("indices").begin_array().string(request.path_param("index")).end_array();
  }
  out.end_object();
  write(line);
}

void AuditLog::authentication_failed(const api::Request& request, const std::string& user) {
  std::string line;
  json::Writer out(line);
  begin(out, node_, "rest", user.empty() ? "anonymous_access_denied" : "authentication_failed");
  if (!user.empty()) out.field("user.name", user);
  append_request(out, request);
  out.end_object();
  write(line);
}

void AuditLog::write(const std::string& line) {
  const std::lock_guard lock(mutex_);
  const bool written = std::fwrite(line.data(), 1, line.size(), file_) == line.size() &&
                       std::fputc('\n', file_) != EOF && std::fflush(file_) == 0;
  if (!written && !failing_)
    log::error("audit", "an event can't be written", {{"reason", std::strerror(errno)}});
  failing_ = !written;
}

}  // namespace stratalog::server
