#pragma once

// What the log says happened, found out without the runtime's fold: for each stream the commits that are accepted by
// the rule of the design, in order. The simulation's yardstick.

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

  // The commits of a command on a stream, as versions.
  std::vector<uint64_t> VersionsOf(const std::string& stream, const std::string& command_id) const;
};

History ReadHistory(const log::SimulatedLog& log, const std::vector<log::Topic>& topics);

}  // namespace throughline::simulation
