#pragma once

// Programs as processes of their own: run to their end, or servers that say "ready" on standard output. One thread.

#include <string>
#include <sys/types.h>
#include <vector>

#include "absl/status/statusor.h"

namespace throughline::testing {

// The built program of that name; found through THROUGHLINE_BIN, which ctest sets.
std::string Program(const std::string& name);

// What a finished process left behind.
struct Finished {
  int exit_code = -1;  // 128 + n for signal n
  std::string out;
  std::string err;
};
Finished Run(const std::vector<std::string>& command);

class Process {
 public:
  Process() = default;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() { Kill(); }

  // Answers what it said until and with the line "ready". UNAVAILABLE if it ends before, or is not ready within two
  // minutes: then it is gone. `environment` are NAME=value.
  absl::StatusOr<std::string> Start(const std::vector<std::string>& command,
                                    const std::vector<std::string>& environment);

  void Kill();      // SIGKILL, and waits
  int Terminate();  // SIGTERM, and waits; answers the exit code
  int Wait();       // until it has ended by itself; answers the exit code
  Finished End();   // SIGTERM, and waits; `out` is what it said since it was ready
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace throughline::testing
