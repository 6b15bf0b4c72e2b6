#pragma once

// `throughline up`: the suite in the foreground, until SIGINT or SIGTERM.

#include "libs/server/operations/logging.h"
#include "services/throughline/suite.h"

namespace throughline {

struct UpOptions {
  Suite::Options suite;
  server::LogOptions log;
  absl::Duration grace = absl::Seconds(10);
};

// Prints where it can be reached and how to begin, then "ready" on a line of its own once every service is. Answers the
// exit code: 0 after a stop that drained, 1 if it could not start, 70 (EX_SOFTWARE) if it could not go on.
int RunUp(UpOptions options);

}  // namespace throughline
