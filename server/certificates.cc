#include "server/certificates.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/log.h"

namespace stratalog::server {
namespace {

constexpr long kDay = 86'400;
constexpr long kAuthorityDays = 3650;
constexpr long kCertificateDays = 825;  // some clients trust none that lives longer
constexpr int kRenewDays = 90;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

Error file_error(const std::string& what, const std::string& path) {
  return Error(error_types::kIo, what + " [" + path + "]: " + std::strerror(errno));
}

std::string pem_of(const std::function<void(BIO*)>& write) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  write(bio.get());
  char* text = nullptr;
  const long bytes = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(bytes)};
}

// Whole or not at all, readable by its owner only when `secret`.
Status write_file(const std::string& path, const std::string& text, bool secret) {
  const std::string temporary = path + ".new";
  ::unlink(temporary.c_str());
  const int file =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644);
  if (file < 0) return file_error("cannot create", temporary);
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const int saved = errno;
  ::close(file);
  errno = saved;
  if (!written) return file_error("cannot write", temporary);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return file_error("cannot rename to", path);
  return {};
}

template <typename T, typename Reader>
std::unique_ptr<T, Free> read_pem(const std::string& path, Reader reader) {
  const std::unique_ptr<BIO, Free> bio(BIO_new_file(path.c_str(), "r"));
  if (!bio) {
    ERR_clear_error();
    return nullptr;
  }
  std::unique_ptr<T, Free> object(reader(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return object;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  ENSURE(extension != nullptr, value);
  X509_add_ext(certificate, extension.get(), -1);
}

bool is_address(const std::string& name) {
  in6_addr bytes;
  return inet_pton(AF_INET, name.c_str(), &bytes) == 1 ||
         inet_pton(AF_INET6, name.c_str(), &bytes) == 1;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ",";
    text += (is_address(name) ? "IP:" : "DNS:") + name;
  }
  return text;
}

// A certificate for `key`, not signed yet.
Certificate begin_certificate(EVP_PKEY* key, const std::string& common_name, X509* issuer,
                              long days) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  unsigned char serial[16];
  ENSURE(RAND_bytes(serial, sizeof(serial)) == 1);
  serial[0] &= 0x7F;  // a positive number
  BIGNUM* number = BN_bin2bn(serial, sizeof(serial), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
  BN_free(number);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);  // clocks differ
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * kDay);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(certificate.get(), issuer != nullptr ? X509_get_subject_name(issuer) : name);
  return certificate;
}

Status write_key(const std::string& path, EVP_PKEY* key) {
  return write_file(path, pem_of([key](BIO* bio) {
                      PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr,
                                                    nullptr);
                    }),
                    true);
}

Status write_certificate(const std::string& path, X509* certificate) {
  return write_file(path, pem_of([certificate](BIO* bio) { PEM_write_bio_X509(bio, certificate); }),
                    false);
}

Status make_authority(const CertificateFiles& files) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate =
      begin_certificate(key.get(), "Stratalog certificate authority", nullptr, kAuthorityDays);
  add_extension(certificate.get(), certificate.get(), NID_basic_constraints,
                "critical,CA:TRUE,pathlen:0");
  add_extension(certificate.get(), certificate.get(), NID_key_usage,
                "critical,keyCertSign,cRLSign");
  add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  RETURN_IF_ERROR(write_key(files.authority_key, key.get()));
  return write_certificate(files.authority, certificate.get());
}

Status make_certificate(const CertificateFiles& files, const std::vector<std::string>& names) {
  const Certificate authority = read_pem<X509>(files.authority, PEM_read_bio_X509);
  const Key authority_key = read_pem<EVP_PKEY>(files.authority_key, PEM_read_bio_PrivateKey);
  if (!authority || !authority_key) {
    return Error(error_types::kIo, "cannot sign a new certificate without [" + files.authority_key +
                                       "] and its certificate");
  }
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate =
      begin_certificate(key.get(), names.front(), authority.get(), kCertificateDays);
  X509* const raw = certificate.get();
  add_extension(raw, authority.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(raw, authority.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(raw, authority.get(), NID_ext_key_usage, "serverAuth");
  add_extension(raw, authority.get(), NID_subject_key_identifier, "hash");
  add_extension(raw, authority.get(), NID_authority_key_identifier, "keyid:always");
  add_extension(raw, authority.get(), NID_subject_alt_name, alternative_names(names));
  X509_sign(raw, authority_key.get(), EVP_sha256());
  RETURN_IF_ERROR(write_key(files.key, key.get()));
  return write_certificate(files.certificate, raw);
}

bool covers(X509* certificate, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const bool found =
        is_address(name) ? X509_check_ip_asc(certificate, name.c_str(), 0) == 1
                         : X509_check_host(certificate, name.c_str(), name.size(), 0, nullptr) == 1;
    // A wildcard name stands in the certificate as it is.
    if (!found && name.front() != '*') return false;
  }
  return true;
}

bool is_usable(const CertificateFiles& files, const std::vector<std::string>& names) {
  const Certificate certificate = read_pem<X509>(files.certificate, PEM_read_bio_X509);
  const Key key = read_pem<EVP_PKEY>(files.key, PEM_read_bio_PrivateKey);
  if (!certificate || !key || X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return false;
  }
  time_t renew_at = std::time(nullptr) + kRenewDays * kDay;
  return X509_cmp_time(X509_get0_notAfter(certificate.get()), &renew_at) > 0 &&
         covers(certificate.get(), names);
}

std::string kubernetes_namespace() {
  std::ifstream file("/var/run/secrets/kubernetes.io/serviceaccount/namespace");
  std::string name;
  file >> name;
  return name;
}

}  // namespace

std::vector<std::string> certificate_names(const std::string& service) {
  std::vector<std::string> names = {"localhost"};
  char host[256] = {};
  if (::gethostname(host, sizeof(host) - 1) == 0 && host[0] != '\0') names.emplace_back(host);
  names.insert(names.end(), {"127.0.0.1", "::1"});
  std::vector<std::string> spaces = {"default"};
  if (const std::string own = kubernetes_namespace(); !own.empty()) spaces.push_back(own);
  for (const std::string& base : {std::string("elasticsearch-master"), service}) {
    if (base.empty()) continue;
    for (const std::string& form : {base, base + "-headless", "*." + base + "-headless"}) {
      names.push_back(form);
      for (const std::string& space : spaces) {
        for (const char* domain : {"", ".svc", ".svc.cluster.local"}) {
          names.push_back(form + "." + space + domain);
        }
      }
    }
  }
  // Names longer than DNS has are of no use; each once.
  std::vector<std::string> unique;
  for (const std::string& name : names) {
    if (name.size() < 254 && std::find(unique.begin(), unique.end(), name) == unique.end()) {
      unique.push_back(name);
    }
  }
  return unique;
}

Result<CertificateFiles> ensure_certificates(const std::string& folder,
                                             const std::vector<std::string>& names) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) return Error(error_types::kIo, "cannot create [" + folder + "]: " + code.message());
  const CertificateFiles files{folder + "/ca.crt", folder + "/ca.key", folder + "/http.crt",
                               folder + "/http.key"};
  if (!std::filesystem::exists(files.authority)) {
    RETURN_IF_ERROR(make_authority(files));
    log::info("tls", "made a certificate authority", {{"path", files.authority}});
  }
  if (!is_usable(files, names)) {
    RETURN_IF_ERROR(make_certificate(files, names));
    log::info("tls", "made a server certificate", {{"path", files.certificate}});
  }
  return files;
}

CertificateWatch::CertificateWatch(TlsOptions options, uint32_t interval_ms, Changed changed)
    : options_(std::move(options)), changed_(std::move(changed)), seen_(fingerprint()) {
  if (interval_ms == 0) return;
  thread_ = std::thread([this, interval_ms] { run(interval_ms); });
  pthread_setname_np(thread_.native_handle(), "certificates");
}

CertificateWatch::~CertificateWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::string CertificateWatch::fingerprint() const {
  std::string text;
  std::vector<std::string> paths = options_.authority_paths;
  paths.insert(paths.end(), {options_.certificate_path, options_.key_path});
  for (const std::string& path : paths) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) {
      text += "absent;";
      continue;
    }
    // Kubernetes swaps a link, so the inode tells more than the time.
    text += std::to_string(status.st_ino) + ":" + std::to_string(status.st_size) + ":" +
            std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec) +
            ";";
  }
  return text;
}

bool CertificateWatch::check_now() {
  std::string now = fingerprint();
  if (now == seen_) return false;
  auto loaded = TlsContext::load(options_);
  seen_ = std::move(now);
  if (!loaded) {
    log::error("tls", "kept the old certificate", {{"reason", loaded.error().reason}});
    return false;
  }
  log::info("tls", "loaded the changed certificate", {{"path", options_.certificate_path}});
  changed_(*loaded);
  return true;
}

void CertificateWatch::run(uint32_t interval_ms) {
  std::unique_lock lock(mutex_);
  while (
      !wake_.wait_for(lock, std::chrono::milliseconds(interval_ms), [this] { return stopped_; })) {
    lock.unlock();
    check_now();
    lock.lock();
  }
}

}  // namespace stratalog::server
