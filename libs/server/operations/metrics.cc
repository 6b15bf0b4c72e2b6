#include "libs/server/operations/metrics.h"

#include "absl/status/status.h"

namespace throughline::server {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                          0.1,    0.25,  0.5,    1,     2.5,  5,     10};

prometheus::Family<prometheus::Counter>& Counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

ConnectionProbe::ConnectionProbe(prometheus::Registry& registry)
    : open_(prometheus::BuildGauge()
                .Name("throughline_connections")
                .Help("Connections to the gRPC port.")
                .Register(registry)
                .Add({})),
      refused_(Counters(registry, "throughline_connections_refused_total",
                        "Connections to the gRPC port that were closed at once because of the limit.")
                   .Add({})) {}

AuthenticationProbe::AuthenticationProbe(prometheus::Registry& registry)
    : refused_(Counters(registry, "throughline_authentications_refused_total",
                        "Calls without a credential that is in force, by reason.")) {}

ReadAuditProbe::ReadAuditProbe(prometheus::Registry& registry)
    : recorded_(Counters(registry, "throughline_read_audit_records_total",
                         "Reads of what customers said that were recorded in the audit.")
                    .Add({})),
      failed_(Counters(registry, "throughline_read_audit_failures_total",
                       "Reads of what customers said that could not be recorded in the audit.")
                  .Add({})) {}

LogProbe::LogProbe(prometheus::Registry& registry)
    : dropped_(Counters(registry, "throughline_log_lines_dropped_total",
                        "Log lines that were dropped because standard error was not read in time.")
                   .Add({})) {}

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
    counter = &handled_family_.Add(labels);  // returns the existing one if another thread was first
    slot.store(counter, std::memory_order_release);
  }
  counter->Increment();
}

}  // namespace throughline::server
