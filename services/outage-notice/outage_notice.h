#pragma once

// The outage-notice service, to be run by a runtime::Host and served by a server:
//
//   auto host = runtime::Host::Start(outage::Define(config), log, duty, clock, registry, options);
//   server.Add(outage::MakeApi((*host)->streams(), config));

#include <memory>

#include "libs/runtime/engine/definition.h"
#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::outage {

struct Config {
  // Components that one WatchNotices may name.
  int max_components = 50;
};

std::unique_ptr<runtime::Definition> Define(const Config& config);

// `streams` must outlive it.
std::unique_ptr<server::Api> MakeApi(runtime::Streams& streams, const Config& config);

}  // namespace throughline::outage
