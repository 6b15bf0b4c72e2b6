#include "tests/bench/fixture.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace throughline::bench {

void Progress(const std::string& what) { std::fprintf(stderr, "-- %s\n", what.c_str()); }

void Fail(const std::string& why) {
  std::fprintf(stderr, "throughline-bench: %s\n", why.c_str());
  std::exit(1);
}

RunningSuite::RunningSuite() : process_(directory_.path()) { Start(); }

void RunningSuite::Restart() {
  Stop();
  Start();
}

void RunningSuite::Start() {
  if (absl::Status status = process_.Start({"--max-commands", "16384"}); !status.ok()) Fail(status.ToString());
}

double RunningSuite::PeakMemoryMib() const {
  std::ifstream status("/proc/" + std::to_string(process_.pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::atof(line.c_str() + 6) / 1024;
  }
  Fail("cannot read the suite's memory");
}

RunningReference::RunningReference(const std::string& store) {
  const absl::StatusOr<std::string> said =
      process_.Start({testing::Program("throughline-bench"), "--serve-reference", "--store", store}, {});
  if (!said.ok()) Fail(said.status().ToString());
  const size_t at = said->find("reference: ");
  address_ = said->substr(at + 11, said->find('\n', at) - at - 11);
}

client::Options RunningReference::options() const {
  client::Options options;
  options.address = address_;
  return options;
}

}  // namespace throughline::bench
