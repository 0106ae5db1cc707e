#include "server/commands.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>

#include "api/families.h"
#include "api/router.h"
#include "api/stored_scripts.h"
#include "api/tasks.h"
#include "base/byte_budget.h"
#include "base/clock.h"
#include "base/hash.h"
#include "index/auto_id.h"
#include "index/engine.h"
#include "query/contexts.h"
#include "query/exec/filter_cache.h"
#include "server/audit_log.h"
#include "server/authentication.h"
#include "server/bulk_digest.h"
#include "server/certificates.h"
#include "server/http_server.h"
#include "server/memory_limit.h"
#include "server/network_hosts.h"
#include "server/secrets.h"

namespace stratalog::server {

namespace {

constexpr std::string_view kElastic = "elastic";
constexpr uint32_t kCertificateWatchMs = 5'000;

// Password hashes as the security service keeps them.
class StoredCredentials final : public CredentialStore {
 public:
  explicit StoredCredentials(index::security::SecurityService& service) : service_(service) {}
  Result<std::optional<std::string>> get(std::string_view user) const override {
    // Of a disabled built-in user too: it has a password, and is refused all the same.
    if (index::security::reserved_user(user) != nullptr)
      return service_.store().reserved_hash(user);
    return service_.password_hash(user);
  }
  Status put(std::string_view user, std::string_view hash) override {
    return service_.store().put_reserved_hash(user, hash);
  }

 private:
  index::security::SecurityService& service_;
};

int failed(std::string_view what, const Error& error) {
  log::error("server", std::string(what), {{"reason", error.reason}, {"type", error.type.name}});
  return 1;
}

Result<std::unique_ptr<index::Engine>> open_engine(const ServerSettings& settings,
                                                   bool background) {
  index::EngineOptions options;
  options.folder = settings.path_data;
  options.cluster_name = settings.cluster_name;
  options.memory_limit_bytes =
      settings.memory_limit_bytes != 0 ? settings.memory_limit_bytes : default_memory_limit_bytes();
  options.retry_window_ms = settings.bulk_retries_window_ms;
  options.retry_bytes_max = settings.bulk_retries_bytes;
  options.whole_process = true;
  options.background = background;
  return index::Engine::open(options);
}

// 22 characters that name the node, the same at every start of a data folder under a node name.
std::string node_id(const std::string& cluster_uuid, const std::string& node_name) {
  const Hash128 hash = hash128(cluster_uuid + "/" + node_name);
  const std::string text =
      index::encode_auto_id({hash.low, static_cast<index::SeqNo>(hash.high >> 8)});
  return text + text.substr(0, 2);
}

// The first start makes a password, shows it once and keeps its hash.
Status ensure_password(CredentialStore& credentials, Authenticator& authenticator) {
  ASSIGN_OR_RETURN(const std::optional<std::string> hash, credentials.get(kElastic));
  if (hash) return {};
  const std::string password = random_password();
  RETURN_IF_ERROR(authenticator.set_password(kElastic, password));
  std::cout << "Password of the user elastic, shown this once: " << password << "\n" << std::flush;
  return {};
}

Result<TlsOptions> tls_options(const ServerSettings& settings) {
  TlsOptions options;
  options.key_passphrase = settings.ssl_key_passphrase;
  options.authority_paths = settings.ssl_certificate_authorities;
  options.client_certificate_required = settings.ssl_client_required;
  if (!settings.ssl_certificate.empty()) {
    options.certificate_path = settings.ssl_certificate;
    options.key_path = settings.ssl_key;
    return options;
  }
  ASSIGN_OR_RETURN(const CertificateFiles files,
                   ensure_certificates(settings.path_data + "/certs",
                                       certificate_names("elasticsearch-master")));
  options.certificate_path = files.certificate;
  options.key_path = files.key;
  return options;
}

// The key by which bulk requests are recognised: made once for a data folder, whose log and catalog
// hold digests under it.
Result<std::unique_ptr<KeyedDigest>> bulk_digest(index::Engine& engine) {
  constexpr std::string_view kRecord = "bulk/digest_key";
  ASSIGN_OR_RETURN(std::optional<std::string> key, engine.get_record(kRecord));
  if (!key) {
    key = random_digest_key();
    RETURN_IF_ERROR(engine.put_record(kRecord, *key));
  }
  if (key->size() != kBulkDigestKeyBytes)
    return Error(error_types::kCorruption, "the catalog's key of bulk digests can't be read");
  return make_bulk_digest(*key);
}

// Commands on a stopped server's data make none: a mistyped path must not look like an empty one.
bool has_data(const ServerSettings& settings) {
  if (std::filesystem::exists(settings.path_data + "/format")) return true;
  std::cerr << settings.path_data << ": no data folder of ours (path.data)\n";
  return false;
}

// Waits for SIGTERM or SIGINT, which must be blocked in every thread before it starts.
void wait_for_signal(const sigset_t& signals) {
  int caught = 0;
  sigwait(&signals, &caught);
  log::info("server", "stopping", {{"signal", std::to_string(caught)}});
}

Result<std::unique_ptr<HttpServer>> listen(const ServerSettings& settings,
                                           const api::Router& router, api::Context& context,
                                           Authenticator* authenticator,
                                           const std::shared_ptr<const TlsContext>& tls) {
  HttpServerOptions options = settings.http;
  ASSIGN_OR_RETURN(options.hosts, hosts_to_bind(settings.bind_hosts, network_addresses()));
  for (uint32_t port = settings.port_first;; ++port) {
    options.port = static_cast<uint16_t>(port);
    auto server = HttpServer::start(options, router, context, authenticator, tls);
    if (server || port >= settings.port_last) return server;
  }
}

}  // namespace

int serve(const ServerSettings& settings) {
  const int64_t start_ns = steady_clock_ns();
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  // As the first process of a container it inherits what a probe that ran out of time leaves.
  if (::getpid() == 1) signal(SIGCHLD, SIG_IGN);
  if (!settings.without_effect.empty()) {
    std::string names;
    for (const std::string& name : settings.without_effect)
      names += (names.empty() ? "" : ", ") + name;
    log::info("server", "settings without effect here", {{"names", names}});
  }

  auto engine = open_engine(settings, true);
  if (!engine) return failed("the data folder can't be opened", engine.error());
  const auto state = (*engine)->state();
  api::NodeInfo node;
  node.node_name = settings.node_name;
  node.cluster_name = settings.cluster_name;
  node.cluster_uuid = state->cluster_uuid;
  node.node_id = node_id(node.cluster_uuid, node.node_name);
  auto published = host_to_publish(settings.publish_hosts, network_addresses());
  if (!published) return failed("no address to be reached by", published.error());
  node.publish_host = *published;
  node.data_path = settings.path_data;
  node.start_time_ms = wall_clock_ms();
  node.memory_limit_bytes = (*engine)->node_stats().memory_limit_bytes;
  node.max_content_length_bytes = settings.http.content_bytes_max;
  query::filter_cache().set_bytes_max(node.memory_limit_bytes / query::kFilterCacheShare);
  query::ContextStore contexts;
  ByteBudget search_memory(node.memory_limit_bytes / query::kSearchMemoryShare);
  auto digest = bulk_digest(**engine);
  if (!digest) return failed("the data folder can't be read", digest.error());
  auto scripts = api::StoredScripts::open(**engine);
  if (!scripts) return failed("the stored scripts can't be read", scripts.error());
  api::Context context{**engine, node, contexts, &search_memory, digest->get(), scripts->get()};
  api::Tasks tasks(**engine, node.node_id);
  context.tasks = &tasks;
  api::Router router;
  api::add_all_routes(router);

  const OpensslSecrets secrets;
  auto security = index::security::SecurityService::open(**engine, secrets);
  if (!security) return failed("the users and roles can't be read", security.error());
  StoredCredentials credentials(**security);
  Authenticator authenticator(credentials, security->get());
  std::unique_ptr<AuditLog> audit;
  if (settings.security_enabled) {
    context.security = security->get();
    api::add_security_routes(router);
    if (settings.audit_enabled) {
      auto opened = AuditLog::open(settings.audit_path(), node);
      if (!opened) return failed("the audit log can't be written", opened.error());
      audit = std::move(*opened);
      context.audit = audit.get();
    }
  }
  if (settings.security_enabled) {
    if (!settings.elastic_password.empty()) {
      authenticator.expect_password(settings.elastic_password);
    } else if (Status ready = ensure_password(credentials, authenticator); !ready) {
      return failed("the password can't be set", ready.error());
    }
  }
  std::shared_ptr<const TlsContext> tls;
  TlsOptions tls_files;
  if (settings.ssl_enabled) {
    auto options = tls_options(settings);
    if (!options) return failed("no certificate", options.error());
    tls_files = *options;
    auto loaded = TlsContext::load(tls_files);
    if (!loaded) return failed("the certificate can't be loaded", loaded.error());
    tls = *loaded;
  }
  auto server =
      listen(settings, router, context, settings.security_enabled ? &authenticator : nullptr, tls);
  if (!server) return failed("no address to listen on", server.error());
  node.http_port = (*server)->port();
  std::unique_ptr<CertificateWatch> watch;
  if (tls != nullptr) {
    watch = std::make_unique<CertificateWatch>(tls_files, kCertificateWatchMs, [&](auto renewed) {
      (*server)->set_tls(std::move(renewed));
    });
  }
  log::info("server", "started",
            {{"address", (tls ? "https://" : "http://") + node.publish_host + ":" +
                             std::to_string(node.http_port)},
             {"milliseconds", std::to_string((steady_clock_ns() - start_ns) / 1'000'000)}});
  if (settings.security_enabled && !settings.elastic_password.empty()) {
    // The slow hash, while requests are answered already.
    if (Status stored = authenticator.confirm_password(settings.elastic_password); !stored)
      log::error("server", "the password can't be stored", {{"reason", stored.error().reason}});
  }

  wait_for_signal(signals);
  watch.reset();
  tasks.stop();  // what runs for long ends soon, whoever waits for it is answered
  (*server)->stop(settings.shutdown_grace_ms);
  contexts.close_all_scrolls();
  server->reset();
  if (Status closed = (*engine)->close(); !closed)
    return failed("the data folder can't be closed", closed.error());
  log::info("server", "stopped");
  return 0;
}

int reset_password(const ServerSettings& settings, const std::string& given,
                   const std::string& label) {
  if (!has_data(settings)) return 1;
  auto engine = open_engine(settings, false);
  if (!engine)
    return failed("the data folder can't be opened: is the server running?", engine.error());
  const OpensslSecrets secrets;
  auto security = index::security::SecurityService::open(**engine, secrets);
  if (!security) return failed("the users can't be read", security.error());
  StoredCredentials credentials(**security);
  Authenticator authenticator(credentials, security->get());
  const std::string password = given.empty() ? random_password() : given;
  if (Status set = authenticator.set_password(kElastic, password); !set) {
    return failed("the password can't be set", set.error());
  }
  if (Status closed = (*engine)->close(); !closed)
    return failed("the data folder can't be closed", closed.error());
  std::cout << label << password << "\n";
  return 0;
}

int verify(const ServerSettings& settings) {
  if (!has_data(settings)) return 1;
  auto engine = open_engine(settings, false);
  if (!engine) {
    std::cerr << engine.error().reason << "\n";
    return 1;
  }
  if (Status checked = (*engine)->verify(); !checked) {
    std::cerr << checked.error().reason << "\n";
    return 1;
  }
  std::cout << settings.path_data << ": every checksum is right\n";
  return 0;
}

}  // namespace stratalog::server
