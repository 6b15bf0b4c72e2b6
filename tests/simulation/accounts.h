#pragma once

// The simulation of the test service: random clients use accounts, holds and ledgers.

#include <string>
#include <vector>

namespace throughline::simulation {

// Returns the first violation of the seed; empty: none.
std::vector<std::string> SimulateAccounts(uint64_t seed, bool trace);

}  // namespace throughline::simulation
