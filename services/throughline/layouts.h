#pragma once

// What those must know of the services who look into logs and stores without running a service.

#include <string>

#include "libs/runtime/fold/stream_type.h"

namespace throughline {

// The layout of a service's store: "runtime-4/intake-1"; for store::RocksKeyValue::Options.
std::string LayoutOf(log::Topic service);

// Every kind of stream that can stand in the log.
const runtime::StreamTypes& AllStreamTypes();

}  // namespace throughline
