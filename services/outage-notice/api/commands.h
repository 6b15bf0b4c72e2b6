#pragma once

// The commands: DefineComponent, and all that changes a notice.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"
#include "services/outage-notice/outage_notice.h"

namespace throughline::outage {

// `streams` must outlive `api`.
void ServeCommands(server::Api& api, runtime::Streams& streams, const Config& config);

}  // namespace throughline::outage
