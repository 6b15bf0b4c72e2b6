#pragma once

// What the measurements run on: a suite and a reference server, each a process of its own with a directory of its own.

#include <string>

#include "tests/support/suite_process.h"

namespace throughline::bench {

// To stderr, so that stdout holds the report alone.
void Progress(const std::string& what);
// A benchmark that fails says why, and measures nothing.
[[noreturn]] void Fail(const std::string& why);

class RunningSuite {
 public:
  RunningSuite();
  client::Options As(const std::string& name) const { return process_.OptionsFor(name); }
  const std::string& data() const { return process_.data(); }
  // Peak resident memory so far, MiB.
  double PeakMemoryMib() const;
  // Stops it; the data stay until the object goes.
  void Stop() { process_.Terminate(); }
  // Stops it and starts it again on the same data.
  void Restart();
  // Returns once it has no work of its own left: loading leaves compaction behind, which would be measured too.
  void AwaitQuiet() const;

 private:
  void Start();
  // That it has used so far, in seconds.
  double CpuSeconds() const;

  TestDirectory directory_;
  testing::SuiteProcess process_;
};

class RunningReference {
 public:
  // `store`: as in ServeReference.
  explicit RunningReference(const std::string& store);
  client::Options options() const;

 private:
  testing::Process process_;
  std::string address_;
};

}  // namespace throughline::bench
