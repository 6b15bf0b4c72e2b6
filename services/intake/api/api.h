#pragma once

// The handlers of IntakeService. `streams` must outlive the api.

#include <memory>

#include "libs/runtime/reads/executor.h"
#include "services/intake/intake.h"

namespace throughline::intake {

void AddOpenCase(server::Api& api, runtime::Streams& streams, const Config& config);
void AddCommands(server::Api& api, runtime::Streams& streams, const Config& config);
void AddReads(server::Api& api, runtime::Streams& streams, const Config& config);
void AddCustomer(server::Api& api, runtime::Streams& streams, const Config& config);
// `thread` runs the checks: 16 KiB of the worst text take tens of milliseconds, for which no other call shall wait.
void AddCheckMessage(server::Api& api, const Config& config, std::shared_ptr<runtime::Executor> thread);
void AddWatch(server::Api& api, runtime::Streams& streams, const Config& config);
// The commands and reads of suggestions, and of improvements.
void AddSuggestions(server::Api& api, runtime::Streams& streams, const Config& config);
void AddImprovements(server::Api& api, runtime::Streams& streams, const Config& config);

}  // namespace throughline::intake
