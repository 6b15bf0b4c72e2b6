#pragma once

// The services' store layouts and stream kinds, for code that reads logs and stores without running a service.

#include <string>

#include "libs/runtime/fold/stream_type.h"

namespace throughline {

// The layout of a service's store, such as "runtime-4/intake-1"; for store::RocksKeyValue::Options.
std::string LayoutOf(log::Topic service);

// Every kind of stream that the log can contain.
const runtime::StreamTypes& AllStreamTypes();

}  // namespace throughline
