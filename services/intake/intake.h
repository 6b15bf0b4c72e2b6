#pragma once

// The intake service: what did the customer ask, on which channel, what were they told. README.md says more.
//
//   auto host = runtime::Host::Start(intake::Define(config), log, ...);
//   auto api = intake::MakeApi((*host)->streams(), config);

#include <memory>
#include <string>

#include "libs/runtime/engine/definition.h"
#include "libs/runtime/streams.h"
#include "libs/server/api.h"

namespace throughline::intake {

struct Config {
  // Who owns a case that nobody took while no rep is available and no supervisor on duty. Empty: such a case is
  // refused.
  std::string fallback_owner = "sam";
};

std::unique_ptr<runtime::Definition> Define(const Config& config);

// `streams`, of an engine with that definition, must outlive it.
std::unique_ptr<server::Api> MakeApi(runtime::Streams& streams, const Config& config);

}  // namespace throughline::intake
