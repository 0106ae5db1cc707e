// Who tried what, as far as it is to be written down (xpack.security.audit.enabled).
//
// Threads any.
#pragma once

#include <string>
#include <vector>

#include "api/actions.h"
#include "api/http.h"

namespace stratalog::api {

class AuditTrail {
 public:
  virtual ~AuditTrail() = default;
  // Once for each request that an endpoint answered: granted, unless some of it was refused, on
  // the indices that are named (none: the action itself).
  virtual void access(const Request& request, const EndpointActions& actions, bool granted,
                      const std::vector<std::string>& indices) = 0;
  // `user`: whom it said it was; "": it did not say.
  virtual void authentication_failed(const Request& request, const std::string& user) = 0;
};

}  // namespace stratalog::api
