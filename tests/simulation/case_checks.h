#pragma once

// What must hold of cases in a world that has settled: one owner at every version, promises and offers settled once and
// not early, read models that equal a recount of the log.

#include "tests/simulation/history.h"
#include "tests/simulation/world.h"

namespace throughline::simulation {

// `intake` and `ownership`: which of the world's services they are.
void CheckCases(World& world, const History& history, size_t intake, size_t ownership);

}  // namespace throughline::simulation
