#pragma once

// The invariants of all services once a world has settled.

#include "tests/simulation/history.h"
#include "tests/simulation/world.h"

namespace throughline::simulation {

// Every replica has folded the whole log; all stores are equal, also that of a new replica; every known stream is in
// the state that the history says, with contiguous versions and an unbroken chain of digests.
void CheckReplicas(World& world, const History& history);

}  // namespace throughline::simulation
