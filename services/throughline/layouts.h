#pragma once

// The layout of each service's store, for those who look into stores without running the service.

#include <string>

#include "libs/log/event_log.h"

namespace throughline {

// "runtime-4/intake-1"; for store::RocksKeyValue::Options.
std::string LayoutOf(log::Topic service);

}  // namespace throughline
