#pragma once

// Sends spans to an OpenTelemetry collector, by OTLP over gRPC
// (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc; proto/opentelemetry). One thread.

#include <map>
#include <memory>
#include <string>

#include "libs/tracing/exporter.h"

namespace throughline::tracing {

struct OtlpOptions {
  std::string endpoint;  // host:port
  // PEM, read again when it changes, and then connected anew; the collector's certificate must be of it; empty: no TLS.
  std::string ca_file = {};
  // Of every span's resource, besides service.name: for instance service.version, service.instance.id.
  std::map<std::string, std::string> resource = {};
  absl::Duration timeout = absl::Seconds(3);
};

std::unique_ptr<Exporter> NewOtlpExporter(OtlpOptions options);

}  // namespace throughline::tracing
