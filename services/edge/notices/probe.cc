#include "services/edge/notices/probe.h"

#include <string>

namespace throughline::edge::notices {
namespace {

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

NoticesProbe::NoticesProbe(prometheus::Registry& registry)
    : asked_(prometheus::BuildCounter()
                 .Name("throughline_public_notices_reads_total")
                 .Help("Reads of the notices for the public pages, by gRPC's code.")
                 .Register(registry)),
      age_(Gauge(registry, "throughline_public_notices_age_seconds",
                 "Time since the services last answered what the public pages show, or since the start.")),
      live_(Gauge(registry, "throughline_public_notices_live",
                  "Pages that are told of changes by server-sent events.")) {}

void NoticesProbe::Asked(int code) { asked_.Add({{"code", std::to_string(code)}}).Increment(); }

}  // namespace throughline::edge::notices
