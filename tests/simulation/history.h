#pragma once

// The history according to the log, computed without the runtime's fold: for each stream the accepted commits, in
// order. The reference for the simulation's checks.

#include <map>
#include <string>
#include <vector>

#include "libs/log/simulated/simulated_log.h"
#include "throughline/log/v1/commit.pb.h"

namespace throughline::simulation {

struct Accepted {
  log::Position position;
  throughline::log::v1::Commit commit;
};

struct History {
  std::map<std::string, std::vector<Accepted>> streams;

  // The versions of a command's commits on a stream.
  std::vector<uint64_t> VersionsOf(const std::string& stream, const std::string& command_id) const;
};

History ReadHistory(const log::SimulatedLog& log, const std::vector<log::Topic>& topics);

}  // namespace throughline::simulation
