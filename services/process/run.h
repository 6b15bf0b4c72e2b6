#pragma once

// Runs a process in the foreground until a signal stops it (libs/server/operations/signals.h).

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/server/operations/logging.h"
#include "services/process/running.h"

namespace throughline::process {

struct RunOptions {
  std::string program;  // the prefix of error messages
  server::LogOptions log;
  absl::Duration grace = absl::Seconds(10);
};

// Starts the work, prints its addresses with Say, and keeps what it returns alive until it is called again or
// RunUntilStopped returns. Called again once that wants a restart: it destroys the one before, which is stopped, and
// serves on the same ports.
using StartProcess = std::function<absl::StatusOr<Running*>(OnFailure on_failure)>;

// Prints "ready" on a line of its own once all services are ready, and tells a service manager (service_manager.h).
// Returns the exit code: 0 stopped and drained, 1
// could not start, 2 invalid logging options, 70 (EX_SOFTWARE) could not continue. Call it before any thread is
// started.
int RunUntilStopped(const RunOptions& options, const StartProcess& start);

// Prints a line to standard output at once; gives up if nobody reads it.
void Say(const std::string& line);

}  // namespace throughline::process
