#pragma once

// The tool's exit codes. Pure; safe from any thread.

#include "absl/status/status.h"

namespace throughline::tool {

enum ExitCode {
  kOk = 0,
  kFailed = 1,    // refused, or failed
  kUsage = 2,     // invalid command line
  kTryAgain = 3,  // unreachable, outcome unknown, or output lost: retry with the same command id
  kNotFound = 4,
  kNotAllowed = 5,  // no credential, or not a sufficient one
  kFound = 6,       // a check found what it looks for
};

inline constexpr char kExitCodesHelp[] =
    "Exit codes: 0 ok; 1 refused or failed; 2 wrong usage; 3 not reached, outcome unknown or output lost (try again "
    "with\n"
    "the same --command-id); 4 not found; 5 not permitted; 6 check-message found something.";

// Reasons (google.rpc.ErrorInfo) of wrong usage that shows only when the command runs.
inline constexpr char kFileUnreadable[] = "FILE_UNREADABLE";

ExitCode ExitCodeOf(const absl::Status& status);

}  // namespace throughline::tool
