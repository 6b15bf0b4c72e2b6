#pragma once

// Child processes: programs run to their end, or servers that print "ready". One thread.

#include <string>
#include <sys/types.h>
#include <vector>

#include "absl/status/statusor.h"

namespace throughline::testing {

// The built program of that name, in THROUGHLINE_BIN, which ctest sets.
std::string Program(const std::string& name);

// The result of a finished process.
struct Finished {
  int exit_code = -1;  // 128 + n for signal n
  std::string out;
  std::string err;
  double peak_memory_mib = 0;  // the most that was resident
};
Finished Run(const std::vector<std::string>& command);

class Process {
 public:
  Process() = default;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() { Kill(); }

  // Returns its output up to the line "ready". UNAVAILABLE: it ended before, or was not ready within two minutes and
  // was killed. `environment`: NAME=value.
  absl::StatusOr<std::string> Start(const std::vector<std::string>& command,
                                    const std::vector<std::string>& environment);

  void Kill();      // SIGKILL, and waits
  int Terminate();  // SIGTERM, and waits; returns the exit code
  int Wait();       // waits until it ends by itself; returns the exit code
  Finished End();   // SIGTERM, and waits; `out` is the output since "ready"
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace throughline::testing
