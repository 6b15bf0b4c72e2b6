#pragma once

// The simulation of intake and ownership through their real handlers: people and the web shop open cases, hand them
// over, make promises about them, close and reopen them.

#include <string>
#include <vector>

namespace throughline::simulation {

// Returns the first violation; empty: none.
std::vector<std::string> SimulateCases(uint64_t seed, bool trace);

}  // namespace throughline::simulation
