#pragma once

// The simulation of intake and ownership as they are, through their handlers: cases that people and the web shop open,
// take over from one another, make promises about, close and reopen.

#include <string>
#include <vector>

namespace throughline::simulation {

// What was violated; empty: nothing.
std::vector<std::string> SimulateCases(uint64_t seed, bool trace);

}  // namespace throughline::simulation
