#pragma once

// RecordSerial.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::supplier {

// `streams` must outlive the api.
void ServeSerials(server::Api& api, runtime::Streams& streams);

}  // namespace throughline::supplier
