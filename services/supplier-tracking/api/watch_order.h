#pragma once

// WatchOrder: sends the order's view, and again with each new entry or change.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"
#include "services/ownership/people/read_scope.h"

namespace throughline::supplier {

// `streams` must outlive `api`.
void ServeWatchOrder(server::Api& api, runtime::Streams& streams, ownership::RepsRead reps_read,
                     const std::string& customer_contact);

}  // namespace throughline::supplier
