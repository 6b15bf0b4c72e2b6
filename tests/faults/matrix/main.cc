// fault_matrix: injects the faults of the matrix into real processes on a real Kafka and checks the result; run it with
// scripts/faults. Exit codes: 1 something was lost, doubled or violated; 2 invalid arguments; 3 no Kafka.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>
#include <unistd.h>

#include "CLI/CLI.hpp"
#include "absl/time/clock.h"
#include <google/protobuf/stubs/logging.h>
#include <spdlog/spdlog.h>

#include "tests/faults/matrix/report.h"
#include "tests/faults/matrix/row.h"

namespace throughline::faults {
namespace {

int stop_pipe[2];

// Kills the processes that this one started when it is told to stop. A signal handler, because children would inherit a
// signal mask.
void EndChildrenOnSignals() {
  if (pipe2(stop_pipe, O_CLOEXEC) != 0) return;
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    std::signal(signal, [](int number) {
      const char byte = static_cast<char>(number);
      if (write(stop_pipe[1], &byte, 1) != 1) _exit(1);
    });
  }
  std::thread([] {
    char signal = 0;
    while (read(stop_pipe[0], &signal, 1) != 1) {
    }
    std::error_code ignored;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
      std::ifstream children(task.path() / "children");
      for (pid_t child; children >> child;) kill(child, SIGKILL);
    }
    _exit(128 + signal);
  }).detach();
}

// In gtest's format, so that scripts/test lists the row as skipped.
int WithoutKafka(const absl::Status& why) {
  std::fprintf(stderr, "%s\n", testing::HowToGetKafka(why).c_str());
  if (testing::KafkaRequired()) return 1;
  std::printf("[  SKIPPED ] Faults.Matrix (0 ms)\n");
  return 3;
}

int Run(const Settings& settings, const std::vector<Row>& rows, bool json) {
  std::fprintf(stderr, "seed %lu: replay with --seed %lu\n", settings.seed, settings.seed);
  Brokers brokers;
  std::vector<Ran> all;
  bool holds = true;
  for (const Row& row : rows) {
    std::fprintf(stderr, "-- row %d: %s\n", row.number, row.fault.c_str());
    Ran ran{row, {}};
    const Context context{settings, brokers, row.number};
    const absl::Time begun = absl::Now();
    brokers.DownExcept(row.nodes);
    if (row.nodes > 0) {
      const absl::Status kafka = brokers.WithNodes(row.nodes).status();
      if (absl::IsUnavailable(kafka)) return WithoutKafka(kafka);
    }
    row.run(context, ran.outcome);
    ran.seconds = absl::ToDoubleSeconds(absl::Now() - begun);
    std::error_code ignored;
    if (ran.outcome.holds()) {
      std::filesystem::remove_all(context.directory(), ignored);
    } else {
      ran.outcome.Note("data and logs are in " + context.directory());
      holds = false;
    }
    Tell(ran);
    all.push_back(std::move(ran));
  }
  if (holds) std::filesystem::remove(settings.directory);
  std::printf("%s\n", json ? Json(all, settings).c_str() : Table(all).c_str());
  if (!json) std::printf("seed %lu, %s\n", settings.seed, holds ? "everything holds" : "IT DOES NOT HOLD");
  return holds ? 0 : 1;
}

}  // namespace
}  // namespace throughline::faults

int main(int argc, char** argv) {
  using namespace throughline::faults;
  EndChildrenOnSignals();
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Some rows run parts of services in this process; they would log every bad record.
  spdlog::set_level(spdlog::level::off);
  google::protobuf::SetLogHandler(nullptr);
  CLI::App app("Injects faults into the suite's processes on a real Kafka and checks them against an outside ledger.",
               "fault_matrix");
  Settings settings;
  std::vector<int> numbers;
  bool json = false, soak = false;
  int64_t seconds = 300;
  settings.seed = std::random_device()() % 1'000'000;
  settings.commands = 0;
  app.add_option("--row", numbers, "Only this row of tests/faults/README.md; may be given more than once");
  app.add_option("--seed", settings.seed, "Repeats the random choices of a run");
  app.add_option("--commands", settings.commands, "Commands per row; default 10000, or 1000 in the short form");
  app.add_flag("--short", settings.short_form, "Shorter and fewer faults: a few minutes in all");
  app.add_flag("--soak", soak, "Only random kills, for a long time");
  app.add_option("--seconds", seconds, "Length of the soak")->capture_default_str();
  app.add_flag("--json", json, "Print JSON");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (settings.commands == 0) settings.commands = settings.short_form ? 1000 : 10'000;
  settings.soak = absl::Seconds(seconds);
  settings.directory =
      (std::filesystem::temp_directory_path() / absl::StrCat("throughline-faults-", getpid())).string();
  std::vector<Row> rows;
  if (soak) {
    rows.push_back(SoakRow());
  } else {
    for (const Row& row : AllRows()) {
      if (numbers.empty() || std::find(numbers.begin(), numbers.end(), row.number) != numbers.end())
        rows.push_back(row);
    }
  }
  if (rows.empty()) {
    std::fprintf(stderr, "fault_matrix: there is no such row\n");
    return 2;
  }
  return Run(settings, rows, json);
}
