#pragma once

// The settings `tracing.*`, which all programs have. One thread.

#include "services/process/settings/settings.h"
#include "services/process/tracing.h"

namespace throughline::process {

// `tracing` must outlive the settings.
void DeclareTracing(Settings& settings, TracingOptions& tracing);

}  // namespace throughline::process
