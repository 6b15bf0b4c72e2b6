#include "libs/server/metrics.h"

#include <exception>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "prometheus/exposer.h"

#include "libs/server/listen.h"

namespace throughline::server {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                          0.1,    0.25,  0.5,    1,     2.5,  5,     10};

prometheus::Family<prometheus::Counter>& Counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(const std::string& host, int port, Paths paths) {
  auto server = std::unique_ptr<MetricsServer>(new MetricsServer());
  server->paths_ = std::move(paths);
  const std::string address = JoinHostPort(host, port);
  try {
    // Who connects and says nothing has a thread for as long as the timeout: short, so that Prometheus gets in.
    server->exposer_ = std::make_unique<prometheus::Exposer>(
        std::vector<std::string>{"listening_ports", address, "num_threads", "2", "request_timeout_ms", "1000"});
    const std::vector<int> ports = server->exposer_->GetListeningPorts();
    server->port_ = ports.empty() ? port : ports.front();
    for (const auto& [path, registry] : server->paths_) server->exposer_->RegisterCollectable(registry, path);
  } catch (const std::exception&) {  // civetweb's only way to say that it cannot listen
    absl::Status status = CannotListen("metrics", host, port);
    if (host.find(':') == std::string::npos) return status;
    // Debian builds civetweb without IPv6.
    return absl::FailedPreconditionError(
        absl::StrCat(status.message(), "; metrics may need an IPv4 address, or metrics-port -1 for none"));
  }
  return server;
}

MetricsServer::~MetricsServer() = default;

RpcProbe::RpcProbe(prometheus::Registry& registry, const std::string& service, const std::string& method)
    : handled_family_(Counters(registry, "throughline_rpc_handled_total", "RPCs that have ended, by status code.")),
      labels_{{"rpc_service", service}, {"rpc_method", method}},
      duration_(prometheus::BuildHistogram()
                    .Name("throughline_rpc_duration_seconds")
                    .Help("Time from an RPC's arrival to its end.")
                    .Register(registry)
                    .Add(labels_, kSeconds)),
      in_flight_(prometheus::BuildGauge()
                     .Name("throughline_rpc_in_flight")
                     .Help("RPCs that have begun and not ended.")
                     .Register(registry)
                     .Add(labels_)),
      received_(
          Counters(registry, "throughline_rpc_messages_received_total", "Messages received on streams.").Add(labels_)),
      sent_(Counters(registry, "throughline_rpc_messages_sent_total", "Messages sent on streams.").Add(labels_)) {}

void RpcProbe::Finished(int code, absl::Duration took) {
  in_flight_.Decrement();
  duration_.Observe(absl::ToDoubleSeconds(took));
  auto& slot = handled_[code >= 0 && code <= 16 ? code : 2];
  prometheus::Counter* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    prometheus::Labels labels = labels_;
    labels["code"] = absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
    counter = &handled_family_.Add(labels);  // the same one if another thread was first
    slot.store(counter, std::memory_order_release);
  }
  counter->Increment();
}

}  // namespace throughline::server
