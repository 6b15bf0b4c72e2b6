#pragma once

// DefineComponent, PublishNotice, UpdateNotice, ResolveNotice.

#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::outage {

// `streams` must outlive `api`.
void ServeCommands(server::Api& api, runtime::Streams& streams);

}  // namespace throughline::outage
