#pragma once

// `throughline up` where it is expected to complain: its standard error is kept, and nothing waits for ever. One
// thread.

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

// Runs it until it gives up by itself. Exit code 124: it did not.
testing::Finished RefusedUp(const std::string& data, const std::vector<std::string>& arguments = {});

// Any other command of the tool, in the same way.
testing::Finished Tool(const std::vector<std::string>& arguments);

// Runs it in the background, without metrics.
class Up {
 public:
  explicit Up(std::string data) : data_(std::move(data)) {}

  // Until it is ready, or has ended: then UNAVAILABLE, and `exit_code` says how.
  absl::Status Start(const std::vector<std::string>& arguments = {});
  // Kills it when that takes longer than `patience`: 137.
  int WaitForEnd(absl::Duration patience = absl::Seconds(30));
  int Terminate() { return process_.Terminate(); }

  // Its standard error since the last start.
  std::string Said() const;
  client::Options OptionsFor(const std::string& name, int tries = 5) const;

 private:
  const std::string data_;
  const TestDirectory directory_;  // not where the data are: that disk may be full
  testing::Process process_;
};

// The most memory that a process has ever had, in KiB; -1 if it is gone.
int64_t PeakKb(pid_t pid);

}  // namespace throughline::hostile
