#pragma once

// AmendOrder and CancelLines. Any thread.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::supplier {

// `streams` must outlive `api`.
void ServeOrderChanges(server::Api& api, runtime::Streams& streams);

}  // namespace throughline::supplier
