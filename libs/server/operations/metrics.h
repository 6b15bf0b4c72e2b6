#pragma once

// The metrics of a server: one registry per service. operations_port.h shows them to Prometheus.
//
// Names begin with `throughline_` and follow Prometheus' conventions: counters end in `_total`, units are seconds and
// bytes, every family has a help text. Ids of cases, orders or customers are never labels. Any thread.

#include <array>
#include <atomic>
#include <string>

#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace throughline::server {

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

// Calls that were refused because nobody, or nobody known, made them. Made once per registry.
class AuthenticationProbe {
 public:
  // `registry` must outlive the probe.
  explicit AuthenticationProbe(prometheus::Registry& registry);

  // `reason`: of the refusal (libs/identity/authenticator.h).
  void Refused(const std::string& reason) { refused_.Add({{"reason", reason}}).Increment(); }

 private:
  prometheus::Family<prometheus::Counter>& refused_;
};

// Metrics of the audit of reads. Made once per registry.
class ReadAuditProbe {
 public:
  // `registry` must outlive the probe.
  explicit ReadAuditProbe(prometheus::Registry& registry);

  void Recorded() { recorded_.Increment(); }
  void Failed() { failed_.Increment(); }

 private:
  prometheus::Counter& recorded_;
  prometheus::Counter& failed_;
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
