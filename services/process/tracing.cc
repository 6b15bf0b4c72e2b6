#include "services/process/tracing.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "libs/command_line/version.h"
#include "libs/files/whole_file.h"
#include "libs/tracing/otlp.h"

namespace throughline::process {

absl::StatusOr<std::unique_ptr<tracing::Tracer>> NewTracer(const TracingOptions& options, const std::string& replica,
                                                           prometheus::Registry& registry) {
  if (options.endpoint.empty()) return nullptr;
  tracing::OtlpOptions otlp{.endpoint = options.endpoint};
  if (!options.ca_file.empty()) {
    if (!files::ReadFile(options.ca_file)) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot read ", options.ca_file, " (tracing.ca): give a PEM file that this user can read"));
    }
    otlp.ca_file = options.ca_file;
  }
  otlp.resource = {{"service.version", command_line::kVersion}, {"service.instance.id", replica}};
  return std::make_unique<tracing::Tracer>(tracing::Tracer::Options{.one_in = options.one_in},
                                           tracing::NewOtlpExporter(std::move(otlp)), registry);
}

}  // namespace throughline::process
