// The audit trail as a file of JSON lines, in the names of Elasticsearch's own (doc page "Audit
// events"): access_granted, access_denied, authentication_failed, anonymous_access_denied.
//
// Threads any; a line is written whole, and given to the kernel before the answer goes out.
// Errors  a line that can't be written is told in the server's log, once until one could be again.
#pragma once

#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

#include "api/audit.h"
#include "api/context.h"
#include "base/result.h"

namespace stratalog::server {

class AuditLog final : public api::AuditTrail {
 public:
  // Appends to <folder>/<cluster's name>_audit.json, which it makes if need be.
  static Result<std::unique_ptr<AuditLog>> open(const std::string& folder,
                                                const api::NodeInfo& node);
  ~AuditLog() override;

  void access(const api::Request& request, const api::EndpointActions& actions, bool granted,
              const std::vector<std::string>& indices) override;
  void authentication_failed(const api::Request& request, const std::string& user) override;

 private:
  AuditLog(std::FILE* file, const api::NodeInfo& node) : file_(file), node_(node) {}
  void write(const std::string& line);

  std::FILE* file_;
  const api::NodeInfo& node_;
  std::mutex mutex_;
  bool failing_ = false;
};

}  // namespace stratalog::server
