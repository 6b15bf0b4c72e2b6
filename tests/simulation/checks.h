#pragma once

// What must hold of any services in any world that has settled.

#include "tests/simulation/history.h"
#include "tests/simulation/world.h"

namespace throughline::simulation {

// Every replica has folded the whole log; all have stored the same bytes, and so has a replica that begins anew; each
// stream that they know stands where the history says, with contiguous versions and an unbroken chain of digests.
void CheckReplicas(World& world, const History& history);

}  // namespace throughline::simulation
