#include "services/edge/http/probe.h"

namespace throughline::edge::http {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                          0.1,    0.25,  0.5,    1,     2.5,  5,     10};

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Family<prometheus::Counter>& Counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

ServerProbe::ServerProbe(prometheus::Registry& registry)
    : requests_(Counters(registry, "throughline_http_requests_total",
                         "HTTP requests that were answered, by route and status code.")),
      durations_(prometheus::BuildHistogram()
                     .Name("throughline_http_request_duration_seconds")
                     .Help("Time from the end of a request to the end of its answer.")
                     .Register(registry)),
      refused_(Counters(registry, "throughline_http_refused_total",
                        "Connections and requests that the HTTP server refused or gave up, by reason.")),
      connections_(Gauge(registry, "throughline_http_connections", "Open HTTP connections.")),
      in_flight_(Gauge(registry, "throughline_http_requests_in_flight", "HTTP requests that are not answered yet.")),
      received_(Counters(registry, "throughline_http_received_bytes_total", "Bytes received, decrypted.").Add({})),
      sent_(Counters(registry, "throughline_http_sent_bytes_total", "Bytes sent, before encryption.").Add({})) {}

void ServerProbe::RequestEnded(const char* route, int status, absl::Duration took) {
  in_flight_.Decrement();
  absl::MutexLock lock(&mutex_);
  prometheus::Counter*& counter = by_code_[{route, status}];
  if (counter == nullptr) counter = &requests_.Add({{"route", route}, {"code", std::to_string(status)}});
  counter->Increment();
  prometheus::Histogram*& histogram = by_route_[route];
  if (histogram == nullptr) histogram = &durations_.Add({{"route", route}}, kSeconds);
  histogram->Observe(absl::ToDoubleSeconds(took));
}

void ServerProbe::Refused(const char* reason) { refused_.Add({{"reason", reason}}).Increment(); }

}  // namespace throughline::edge::http
