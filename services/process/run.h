#pragma once

// Runs a process in the foreground until a signal stops it (libs/server/operations/signals.h).

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/server/operations/logging.h"
#include "services/process/process.h"

namespace throughline::process {

struct RunOptions {
  std::string program;  // as it names itself in errors
  server::LogOptions log;
  absl::Duration grace = absl::Seconds(10);
};

// `start` begins the work, tells the user where it is to be found (Say), and keeps what it answers until this is over.
using StartProcess = std::function<absl::StatusOr<Process*>(OnFailure on_failure)>;

// Says "ready" on a line of its own once every service is. Answers the exit code: 0 after a stop that drained, 1 if it
// could not start, 2 for logging options that make no sense, 70 (EX_SOFTWARE) if it could not go on. Before any thread.
int RunUntilStopped(const RunOptions& options, const StartProcess& start);

// A line on standard output, at once; given up if nobody reads it.
void Say(const std::string& line);

}  // namespace throughline::process
