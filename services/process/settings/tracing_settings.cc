#include "services/process/settings/tracing_settings.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"

#include "libs/command_line/address.h"

namespace throughline::process {

void DeclareTracing(Settings& settings, TracingOptions& tracing) {
  settings.Text("tracing.endpoint", tracing.endpoint,
                "An OpenTelemetry collector that gets spans by OTLP over gRPC, host:4317; default: no spans");
  settings.Text("tracing.ca", tracing.ca_file,
                "PEM file; the collector's certificate must be of this CA; default: no TLS to it");
  settings.Number("tracing.one-in", tracing.one_in, 1, 1'000'000,
                  "One of so many requests that come without a trace is traced; those with one follow it");
  settings.Check([&tracing](const Settings::Complain& complain) {
    if (!tracing.ca_file.empty() && access(tracing.ca_file.c_str(), R_OK) != 0) {
      complain("tracing.ca",
               absl::StrCat("the file ", tracing.ca_file, " cannot be read: name one that this user may read"));
    }
    if (tracing.endpoint.empty()) return;
    if (const auto address = command_line::ParseHostPort(tracing.endpoint, 4317); !address.ok()) {
      complain("tracing.endpoint", address.status().message());
    }
  });
}

}  // namespace throughline::process
