#pragma once

// Who hears what customers are told: `throughline notice subscribe`, `confirm`, `leave`, `rotate-secret`,
// `subscribers`, `dead-letters`, `resend` and `feed`.

#include "CLI/CLI.hpp"

#include "services/throughline/cli/tool.h"

namespace throughline::tool {

void AddSubscribers(CLI::App& group, Tool& tool);

}  // namespace throughline::tool
