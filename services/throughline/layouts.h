#pragma once

// The services' definitions, store layouts and stream kinds, for code that reads logs and stores without running a
// service.

#include <memory>
#include <string>

#include "libs/runtime/engine/definition.h"

namespace throughline {

// With the service's default settings: what is folded does not depend on them.
std::unique_ptr<runtime::Definition> DefinitionOf(log::Topic service);

// The layout of a service's store, such as "runtime-4/intake-1-shipment"; for store::RocksKeyValue::Options.
std::string LayoutOf(log::Topic service);

// Every kind of stream that the log can contain.
const runtime::StreamTypes& AllStreamTypes();

}  // namespace throughline
