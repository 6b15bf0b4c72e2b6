#pragma once

// Runs `throughline up` where it must fail: keeps its standard error, and never waits forever. One thread.

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "libs/client/client.h"
#include "tests/support/process.h"
#include "tests/support/suite_process.h"

namespace throughline::hostile {

// Runs it until it ends by itself. Exit code 124: it did not.
testing::Finished RefusedUp(const std::string& data, const std::vector<std::string>& arguments = {});

// Any other command of the tool, in the same way.
testing::Finished Tool(const std::vector<std::string>& arguments);

// Runs it in the background, without metrics.
class Up {
 public:
  explicit Up(std::string data) : data_(std::move(data)) {}

  // Waits until it is ready. UNAVAILABLE: it ended before; see `exit_code`.
  absl::Status Start(const std::vector<std::string>& arguments = {});
  // Stops it; kills it after `patience`: 137.
  int WaitForEnd(absl::Duration patience = absl::Seconds(30));
  int Terminate() { return process_.Terminate(); }

  // Its standard error since the last start.
  std::string Said() const;
  client::Options OptionsFor(const std::string& name, int tries = 5) const;

 private:
  const std::string data_;
  const TestDirectory directory_;  // not on the data's disk, which may be full
  testing::Process process_;
};

// The peak memory of a process in KiB; -1: it has ended.
int64_t PeakKb(pid_t pid);

}  // namespace throughline::hostile
