#pragma once

// The ownership service: who answers for a case now, what was promised, is it really solved. README.md says more.
//
//   auto host = runtime::Host::Start(ownership::Define(config), log, ...);
//   auto api = ownership::MakeApi((*host)->streams(), config);

#include <memory>

#include "absl/time/time.h"

#include "libs/runtime/engine/definition.h"
#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::ownership {

struct Config {
  absl::Duration handoff_expiry = absl::Hours(4);  // of an offer that does not say when it runs out; at most 7 days
};

std::unique_ptr<runtime::Definition> Define(const Config& config);

// `streams`, of an engine with that definition, must outlive it.
std::unique_ptr<server::Api> MakeApi(runtime::Streams& streams, const Config& config);

}  // namespace throughline::ownership
