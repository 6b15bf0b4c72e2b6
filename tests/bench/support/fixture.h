#pragma once

// What is measured: a suite and a reference server, each a process with a directory of its own.

#include <functional>
#include <string>

#include "tests/support/suite_process.h"

namespace throughline::bench {

// To stderr, so that stdout holds only the report.
void Progress(const std::string& what);
// Prints why and ends the process.
[[noreturn]] void Fail(const std::string& why);

// Makes the data directory, before a suite starts on it.
using MakeData = std::function<void(const std::string& data)>;

class RunningSuite {
 public:
  // On an empty directory, or on what `make` has made. `cache_mib`: for its `--cache-mib`.
  explicit RunningSuite(const MakeData& make = nullptr, int cache_mib = 128);
  client::Options As(const std::string& name) const { return process_.OptionsFor(name); }
  const std::string& data() const { return process_.data(); }
  // Peak resident memory, MiB.
  double PeakMemoryMib() const;
  // Stops it. The data are kept until the object is destroyed.
  void Stop() { process_.Terminate(); }
  // Restarts it on the same data.
  void Restart();
  // Waits until background work is done: loading leaves compactions that would disturb the measurement, and the kernel
  // with files to write, behind which a sync of the log would wait.
  void AwaitQuiet() const;
  // Has the kernel forget what it holds of the suite's files: what is read next comes from the disk.
  void ForgetFiles() const;
  // Processor time used so far, in seconds.
  double CpuSeconds() const;

 private:
  void Start();

  const std::string cache_mib_;
  TestDirectory directory_;
  testing::SuiteProcess process_;
};

class RunningReference {
 public:
  // `store`: see ServeReference.
  explicit RunningReference(const std::string& store);
  client::Options options() const;

 private:
  testing::Process process_;
  std::string address_;
};

}  // namespace throughline::bench
