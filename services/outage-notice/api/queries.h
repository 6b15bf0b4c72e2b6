#pragma once

// CheckComponent, ListNotices, WatchNotices.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::outage {

// `streams` must outlive `api`.
void ServeQueries(server::Api& api, runtime::Streams& streams, int max_components);

}  // namespace throughline::outage
