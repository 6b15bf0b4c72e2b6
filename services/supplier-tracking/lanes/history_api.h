#pragma once

// ListLanes and GetScorecards.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::supplier {

void ServeHistory(server::Api& api, runtime::Streams& streams);

}  // namespace throughline::supplier
