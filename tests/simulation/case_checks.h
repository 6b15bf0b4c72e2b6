#pragma once

// The invariants of cases once a world has settled: one owner at every version, promises and offers settled once and
// not early, read models equal to a recount of the log.

#include "tests/simulation/history.h"
#include "tests/simulation/world.h"

namespace throughline::simulation {

// `intake` and `ownership`: the indices of these services in the world.
void CheckCases(World& world, const History& history, size_t intake, size_t ownership);

}  // namespace throughline::simulation
