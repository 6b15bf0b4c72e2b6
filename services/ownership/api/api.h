#pragma once

// The handlers of OwnershipService. `streams` must outlive the api.

#include "services/ownership/ownership.h"

namespace throughline::ownership {

void AddReads(server::Api& api, runtime::Streams& streams);
void AddCommands(server::Api& api, runtime::Streams& streams, const Config& config);

}  // namespace throughline::ownership
