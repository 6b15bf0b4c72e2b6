#pragma once

// RecordCollection. Any thread.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::supplier {

// `streams` must outlive `api`.
void ServeCollection(server::Api& api, runtime::Streams& streams);

}  // namespace throughline::supplier
