#pragma once

// WatchOrder: the order as it stands, then again with what is new.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::supplier {

// `streams` must outlive `api`.
void ServeWatchOrder(server::Api& api, runtime::Streams& streams);

}  // namespace throughline::supplier
