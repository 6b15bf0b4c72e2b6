#include "tests/bench/support/fixture.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>
#include <utility>

#include "absl/time/clock.h"

namespace throughline::bench {

void Progress(const std::string& what) { std::fprintf(stderr, "-- %s\n", what.c_str()); }

void Fail(const std::string& why) {
  std::fprintf(stderr, "throughline-bench: %s\n", why.c_str());
  std::exit(1);
}

RunningSuite::RunningSuite(const MakeData& make, int cache_mib)
    : cache_mib_(std::to_string(cache_mib)), process_(directory_.path()) {
  if (make) make(data());
  Start();
}

void RunningSuite::Restart() {
  Stop();
  Start();
}

void RunningSuite::Start() {
  if (absl::Status status =
          process_.Start({"--max-commands", "16384", "--identity-events", "100000000", "--max-streams", "16384",
                          "--identity-streams", "16384", "--log-level", "warning", "--cache-mib", cache_mib_});
      !status.ok())
    Fail(status.ToString());
}

void RunningSuite::AwaitQuiet() const {
  Progress("waiting for the suite to have no work left");
  constexpr absl::Duration kWindow = absl::Seconds(2);
  const absl::Time patience = absl::Now() + absl::Hours(2);  // after ten million commits
  double before = CpuSeconds();
  for (double used = 1; used > 0.05 * absl::ToDoubleSeconds(kWindow);) {
    if (absl::Now() > patience) Fail("the suite is still at work two hours after the last command");
    absl::SleepFor(kWindow);
    const double after = CpuSeconds();
    used = after - std::exchange(before, after);
  }
  sync();
}

void RunningSuite::ForgetFiles() const {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data())) {
    if (!entry.is_regular_file()) continue;
    const int file = open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;  // merged away meanwhile
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    close(file);
  }
}

double RunningSuite::CpuSeconds() const {
  std::ifstream file("/proc/" + std::to_string(process_.pid()) + "/stat");
  std::string stat;
  std::getline(file, stat);
  // Field 2 is the name in parentheses; fields 14 and 15 are user and system time.
  std::istringstream rest(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)));
  std::string skipped;
  for (int field = 3; field < 14; ++field) rest >> skipped;
  double user = 0;
  double system = 0;
  if (!(rest >> user >> system)) Fail("cannot read the suite's use of the processor");
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
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
