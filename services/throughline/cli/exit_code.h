#pragma once

// What the tool tells the script that called it. Pure; safe from any thread.

#include "absl/status/status.h"

namespace throughline::tool {

enum ExitCode {
  kOk = 0,
  kFailed = 1,    // refused, or failed
  kUsage = 2,     // the command line makes no sense
  kTryAgain = 3,  // not reached, the outcome is unknown, or the output was lost: the same command id may be sent again
  kNotFound = 4,
  kNotAllowed = 5,  // no credential, or not the right one
};

inline constexpr char kExitCodesHelp[] =
    "Exit codes: 0 ok; 1 refused or failed; 2 wrong usage; 3 not reached, outcome unknown or output lost (try again "
    "with\n"
    "the same --command-id); 4 not found; 5 not permitted.";

ExitCode ExitCodeOf(const absl::Status& status);

}  // namespace throughline::tool
