#pragma once

// Metrics: one registry per service, one HTTP port per process.
//
//   auto registry = std::make_shared<prometheus::Registry>();
//   auto metrics = MetricsServer::Start("127.0.0.1", 9090, {{"/metrics", registry}});                 // one service
//   auto metrics = MetricsServer::Start("127.0.0.1", 9090, {{"/intake/metrics", intake}, {"/ownership/metrics", ...}});
//
// Names begin with `throughline_` and follow Prometheus' conventions: counters end in `_total`, units are seconds and
// bytes, every family has a help text. Ids of cases, orders or customers are never labels. Any thread.

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace throughline::server {

class HttpPages;

class MetricsServer {
 public:
  // Registries with the same path are shown together.
  using Paths = std::vector<std::pair<std::string, std::shared_ptr<prometheus::Registry>>>;

  // `port` 0: any free one. FAILED_PRECONDITION, with what to do: the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& host, int port, const Paths& paths);
  ~MetricsServer();

  int port() const;

 private:
  MetricsServer();

  std::unique_ptr<HttpPages> pages_;
};

// Metrics of the gRPC port's connections. Made once per registry.
class ConnectionProbe {
 public:
  // `registry` must outlive the probe.
  explicit ConnectionProbe(prometheus::Registry& registry);

  void Open(int connections) { open_.Set(connections); }
  void Refused() { refused_.Increment(); }

 private:
  prometheus::Gauge& open_;
  prometheus::Counter& refused_;
};

// Metrics of logging. Made once per registry.
class LogProbe {
 public:
  // `registry` must outlive the probe.
  explicit LogProbe(prometheus::Registry& registry);

  // `lines`: in total since the start of the process. One thread.
  void Dropped(uint64_t lines) { dropped_.Increment(static_cast<double>(lines) - dropped_.Value()); }

 private:
  prometheus::Counter& dropped_;
};

// Metrics of one RPC.
class RpcProbe {
 public:
  // `registry` must outlive the probe.
  RpcProbe(prometheus::Registry& registry, const std::string& service, const std::string& method);

  void Started() { in_flight_.Increment(); }
  // `code`: absl's and gRPC's number, 0 to 16.
  void Finished(int code, absl::Duration took);
  void Received() { received_.Increment(); }
  void Sent() { sent_.Increment(); }

 private:
  prometheus::Family<prometheus::Counter>& handled_family_;
  const prometheus::Labels labels_;
  std::array<std::atomic<prometheus::Counter*>, 17>
      handled_{};  // made on first use: codes that never occurred are absent
  prometheus::Histogram& duration_;
  prometheus::Gauge& in_flight_;
  prometheus::Counter& received_;
  prometheus::Counter& sent_;
};

}  // namespace throughline::server
