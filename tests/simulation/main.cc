// Runs seeds and prints which failed; replays one.
//
//   simulation --seeds 1000 --first 1      exit code 1 if a seed violates an invariant; names it
//   simulation --seed 4711                 one seed, with a trace of all that happens
//   simulation --cases ...                 intake and ownership instead of the test service's accounts
//   simulation --expect-violation          exit code 1 if no seed violates an invariant: for builds with a broken rule

#include <atomic>
#include <cstdio>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "google/protobuf/stubs/logging.h"
#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include "tests/simulation/accounts.h"
#include "tests/simulation/cases.h"

namespace {

using Simulate = std::vector<std::string> (*)(uint64_t seed, bool trace);

struct Options {
  uint64_t first = 1;
  uint64_t seeds = 1000;
  unsigned threads = 2;
  bool expect_violation = false;
};

// An error that ends a process is a violation, too.
std::vector<std::string> Judge(Simulate simulate, uint64_t seed, bool trace) {
  try {
    return simulate(seed, trace);
  } catch (const throughline::store::DamagedRow& damaged) {
    return {damaged.what()};
  }
}

// Returns how many seeds failed; stops at the first if a violation is expected.
size_t RunSeeds(const Options& options, Simulate simulate) {
  std::atomic<uint64_t> next{options.first};
  std::atomic<size_t> failed{0};
  absl::Mutex print;
  const auto work = [&] {
    while (!options.expect_violation || failed == 0) {
      const uint64_t seed = next++;
      if (seed >= options.first + options.seeds) return;
      const std::vector<std::string> violations = Judge(simulate, seed, false);
      if (violations.empty()) continue;
      ++failed;
      absl::MutexLock lock(&print);
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), violations.front().c_str());
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.threads; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  std::printf("%llu seeds begun, %zu failed\n", static_cast<unsigned long long>(next - options.first), failed.load());
  return failed;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Simulates three replicas under faults and checks the invariants; a failing seed can be replayed");
  Options options;
  uint64_t seed = 0;
  bool accounts = true;
  app.add_option("--seed", seed, "Replay this seed and print what happens");
  app.add_option("--first", options.first, "The first seed")->capture_default_str();
  app.add_option("--seeds", options.seeds, "How many seeds")->capture_default_str();
  app.add_option("--threads", options.threads, "How many at a time")->capture_default_str();
  app.add_flag("--expect-violation", options.expect_violation, "Succeed if some seed violates an invariant");
  app.add_flag("!--cases", accounts, "Intake and ownership instead of the test service's accounts");
  CLI11_PARSE(app, argc, argv);

  // A world has one thread; the deadlock detector would take half of the time.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  google::protobuf::SetLogHandler(nullptr);  // foreign records are not valid text
  const Simulate simulate =
      accounts ? throughline::simulation::SimulateAccounts : throughline::simulation::SimulateCases;
  if (seed != 0) {
    const std::vector<std::string> violations = Judge(simulate, seed, true);
    for (const std::string& violation : violations)
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), violation.c_str());
    return violations.empty() ? 0 : 1;
  }
  spdlog::set_level(spdlog::level::off);
  const absl::Time begin = absl::Now();
  const size_t failed = RunSeeds(options, simulate);
  std::printf("%.1f s\n", absl::ToDoubleSeconds(absl::Now() - begin));
  return (failed > 0) == options.expect_violation ? 0 : 1;
}
