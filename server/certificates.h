// The server's own certificate authority and certificate, made at the first start, and the watch
// over certificate files.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "server/tls.h"

namespace stratalog::server {

struct CertificateFiles {
  std::string authority;      // ca.crt: for clients to trust
  std::string authority_key;  // ca.key, of its owner only
  std::string certificate;    // http.crt
  std::string key;            // http.key, of its owner only
};

// The names that the certificate is for: localhost, this machine's, the loopback addresses,
// elasticsearch-master and `service` in the forms under which pods and services of a Kubernetes
// namespace find each other.
std::vector<std::string> certificate_names(const std::string& service);

// Makes what is missing in `folder` (ECDSA P-256), and renews the certificate when fewer than 90
// days are left or when one of `names` is not in it. The authority is never replaced: clients trust
// it. Errors  io_exception; an authority without its key can't sign a new certificate.
Result<CertificateFiles> ensure_certificates(const std::string& folder,
                                             const std::vector<std::string>& names);

// Looks at the files of `options` every `interval_ms` and loads them anew when they changed. What
// can't be loaded is logged once and the old one stays.
//
// Threads `changed` is called on the watch's own thread, or by check_now()'s caller.
class CertificateWatch {
 public:
  using Changed = std::function<void(std::shared_ptr<const TlsContext>)>;
  CertificateWatch(TlsOptions options, uint32_t interval_ms, Changed changed);
  ~CertificateWatch();
  // True when something new was loaded.
  bool check_now();

 private:
  void run(uint32_t interval_ms);
  std::string fingerprint() const;

  const TlsOptions options_;
  const Changed changed_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::string seen_;
  std::thread thread_;
};

}  // namespace stratalog::server
