#pragma once

// The simulation of the test service: random clients on accounts, holds and ledgers.

#include <string>
#include <vector>

namespace throughline::simulation {

// What was violated, at the first of its seed; empty: nothing.
std::vector<std::string> SimulateAccounts(uint64_t seed, bool trace);

}  // namespace throughline::simulation
