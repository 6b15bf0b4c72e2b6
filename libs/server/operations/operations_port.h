#pragma once

// The HTTP port for those who operate a process: metrics for Prometheus, and the probes of an orchestrator.
//
//   auto port = OperationsPort::Start({.host = "127.0.0.1", .port = 9470},
//                                     {{.path = "", .registries = {registry}, .health = [] { return Health(); }}});
//
// Gives /metrics, /livez, /startupz and /readyz; with the path "/intake", /intake/metrics and so on. A probe is
// answered with 200 or 503 and one line that says why, without a token: an orchestrator has none. The pages are made on
// a thread of the port (transport/http_pages.h).
//
// Any thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "prometheus/registry.h"

#include "libs/server/options.h"

namespace throughline::server {

class HttpPages;

struct HealthCheck {
  bool ok = false;
  std::string why;  // one line, also if it is ok
};

// What the probes tell.
struct Health {
  HealthCheck live;     // it can go on; if not, a restart may mend it
  HealthCheck started;  // what the log held at the start is folded
  HealthCheck ready;    // it serves: what gRPC health says
};

class OperationsPort {
 public:
  // A service's pages, or those of the whole process.
  struct Pages {
    std::string path;                                               // "", "/intake"
    std::vector<std::shared_ptr<prometheus::Registry>> registries;  // shown together; none: no /metrics
    std::function<Health()> health;                                 // quick; on the port's thread
  };
  // The files are read again when they change.
  struct Options {
    std::string host = "127.0.0.1";
    int port = 0;                        // 0: any free one
    std::optional<TlsOptions> tls = {};  // nothing: plain HTTP. Clients show no certificate
    std::string tokens_file = "";        // /metrics asks for one of its lines as a bearer token; empty: for none
  };

  // FAILED_PRECONDITION, with what to do: the address cannot be listened on, or a file cannot be used.
  static absl::StatusOr<std::unique_ptr<OperationsPort>> Start(const Options& options, std::vector<Pages> pages);
  ~OperationsPort();

  int port() const;

 private:
  OperationsPort();

  struct Secrets;
  std::unique_ptr<Secrets> secrets_;
  std::unique_ptr<HttpPages> pages_;
};

}  // namespace throughline::server
