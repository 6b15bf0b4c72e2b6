#pragma once

// The handlers of IntakeService. `streams` must outlive the api.

#include "services/intake/intake.h"

namespace throughline::intake {

void AddOpenCase(server::Api& api, runtime::Streams& streams, const Config& config);
void AddCommands(server::Api& api, runtime::Streams& streams, const Config& config);
void AddReads(server::Api& api, runtime::Streams& streams);
void AddCustomer(server::Api& api, runtime::Streams& streams);
void AddWatch(server::Api& api, runtime::Streams& streams);

}  // namespace throughline::intake
